/** Trains the other domains, and from them the new one on its first rows, and predicts its later rows after each. */

import { copyRows } from "../../core/data/encoded/copies.js";
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { Engine, EngineState, Weights } from "../../core/engine/engine.js";
import { isBinary } from "../../core/spec/model.js";
import { predict } from "../../core/train/evaluate.js";
import type { TrainPart } from "../../core/train/loop/part-training.js";
import { type MeasuredColumns, positiveScores } from "../../core/train/measure/task-rows.js";
import { newDomainWeights } from "../../core/train/saved/new-domains.js";
import { averageSuffix, loadWeights } from "../../core/train/saved/weights.js";
import { isInterruption, throwIfInterrupted } from "../../core/util/interrupt.js";
import type { LaunchStart, LaunchTraining } from "./facts.js";
import { drawnRows, type LaunchPlan, type LaunchRows } from "./plan.js";

/** An engine with the seed of a draw, and its trainer. */
export interface LaunchEngine {
  readonly engine: Engine;
  readonly train: TrainPart;
}

export interface LaunchRequest {
  readonly plan: LaunchPlan;
  /** Opens the engine of a draw; 0: of all rows. */
  readonly open: (draw: number) => Promise<LaunchEngine>;
  readonly rows: EncodedRows;
  /** The rows of which some are measured. */
  readonly measured: EncodedRows;
  readonly onTraining?: ((training: LaunchTraining) => void) | undefined;
}

/** Positive scores of the binary tasks on the measured rows. */
export type LaunchScores = readonly Float32Array[];

/** By start and size: scores; `null`: there was no batch of rows. */
export type DrawScores = readonly (readonly (LaunchScores | null)[])[];

/** The trainings and predictions so far. */
export interface TrainedLaunch {
  /** Sizes that all starts reached: fewer than planned if it was interrupted. */
  readonly sizes: number;
  /** Of all rows, then of each whole draw. */
  readonly scores: readonly DrawScores[];
  /** Labels of the measured rows. */
  readonly columns: MeasuredColumns;
  readonly trainings: readonly LaunchTraining[];
  /** The changes of embedding rows. */
  readonly notes: readonly string[];
  readonly interrupted: boolean;
}

/** @throws the signal's reason if interrupted before the starts are measured */
export async function trainLaunch(request: LaunchRequest): Promise<TrainedLaunch> {
  const { plan } = request;
  const copy = await copyRows(request.measured, plan.measured);
  const { labels, rows } = await measuredColumns(copy, new Set());
  const trainer = new LaunchTrainer(request, copy);
  const scores: DrawScores[] = [];
  let [sizes, interrupted] = [plan.sizes.length, false];
  for (let draw = 0; draw <= plan.draws && !interrupted; draw++) {
    const part = await trainer.draw(draw);
    interrupted = part.interrupted;
    if (draw === 0) sizes = part.sizes;
    if (draw === 0 || !interrupted) scores.push(part.scores);
  }
  const { trainings, notes } = trainer;
  return {
    sizes,
    scores,
    columns: { rows, labels, domains: null, features: new Map() },
    trainings,
    notes,
    interrupted,
  };
}

interface DrawPart {
  readonly scores: DrawScores;
  readonly sizes: number;
  readonly interrupted: boolean;
}

class LaunchTrainer {
  readonly trainings: LaunchTraining[] = [];
  notes: readonly string[] = [];

  constructor(
    private readonly request: LaunchRequest,
    private readonly copy: EncodedData,
  ) {}

  async draw(draw: number): Promise<DrawPart> {
    const { plan, open } = this.request;
    const opened = await open(draw);
    const scores: (LaunchScores | null)[][] = plan.starts.map(() => []);
    let sizes = 0;
    try {
      const rows = drawnRows(plan, draw);
      const starts = await this.#starts(draw, opened, rows);
      if (starts === null) throwIfInterrupted();
      for (const size of starts === null ? [] : plan.sizes) {
        for (const [at, start] of plan.starts.entries()) {
          const measured = await this.#measured(draw, opened, rows, start, starts![at]!, size);
          if (measured === undefined) return { scores, sizes, interrupted: true };
          scores[at]!.push(measured);
        }
        sizes += 1;
      }
      return { scores, sizes, interrupted: starts === null };
    } catch (error) {
      if (!isInterruption(error) || (draw === 0 && sizes === 0)) throw error;
      return { scores, sizes, interrupted: true };
    } finally {
      await opened.engine.dispose();
    }
  }

  /** The states that the domain starts from; `null` if interrupted. */
  async #starts(draw: number, { engine, train }: LaunchEngine, { base }: LaunchRows): Promise<EngineState[] | null> {
    const { plan, rows } = this.request;
    const initial = await engine.state();
    const data = await copyRows(rows, base);
    const name = partName(draw, "base");
    const steps = await train({ name, data, from: initial, isUntrained: true, continues: null });
    if (steps === null) return null;
    this.#trained({ name, draw, start: null, rows: data.rows, steps });
    const trained = await engine.state();
    const averages = [...trained.slots].filter(([slot]) => slot.endsWith(averageSuffix));
    const source: Weights = new Map([...trained.weights, ...averages]);
    const states: EngineState[] = [];
    for (const { kind, domains } of plan.starts) {
      await engine.restore(initial);
      if (kind !== "nothing") {
        const { spec } = engine;
        const starts = new Map([[plan.domain, domains]]);
        const request = { spec, initial: initial.weights, source, sourceSpec: spec, place: name, starts, rows };
        const { weights, notes } = await newDomainWeights(request);
        if (draw === 0) this.notes = [...this.notes, ...notes];
        await loadWeights(engine, weights, { place: name });
      }
      states.push(await engine.state());
    }
    return states;
  }

  /** Scores after a training on the first rows; `undefined` if interrupted. */
  async #measured(
    draw: number,
    { engine, train }: LaunchEngine,
    { first }: LaunchRows,
    start: LaunchStart,
    from: EngineState,
    size: number,
  ): Promise<LaunchScores | null | undefined> {
    const { rows } = this.request;
    const numbers = first.slice(0, size).sort();
    const { batchSize, dropRemainder } = engine.spec.training;
    if (size === 0) await engine.restore(from);
    else if (numbers.length === 0 || (dropRemainder && numbers.length < batchSize!)) return null;
    else {
      const data = await copyRows(rows, numbers);
      const name = partName(draw, `${start.name} ${size}`);
      const steps = await train({ name, data, from, isUntrained: start.kind === "nothing", continues: null });
      if (steps === null) return undefined;
      this.#trained({ name, draw, start: start.name, rows: data.rows, steps });
    }
    return this.#scores(engine);
  }

  async #scores(engine: Engine): Promise<LaunchScores> {
    const outputs = await predict(engine, this.copy);
    return engine.spec.towers.flatMap((tower, at) => {
      return isBinary(tower) ? [positiveScores(tower, outputs[at]!.probabilities)] : [];
    });
  }

  #trained(training: LaunchTraining): void {
    this.trainings.push(training);
    this.request.onTraining?.(training);
  }
}

/** `base`, `from-feed-300`, and of draws `draw-1-base`. Also the folder of its run. */
function partName(draw: number, text: string): string {
  const name = text.replace(/[^\p{L}\p{N}_.]+/gu, "-");
  return draw === 0 ? name : `draw-${draw}-${name}`;
}
