/** The shared parts of a study's trainings: rows, lanes, the plan, and the facts of its report. */

import { copyRows } from "../../core/data/encoded/copies.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import { compiledPlan, compilePlan } from "../../core/engine/compiled/compile-plan.js";
import { EngineGroup } from "../../core/engine/compiled/group.js";
import { Queue } from "../../core/engine/core/outputs.js";
import type { Engine, EngineName, EnginePlace } from "../../core/engine/engine.js";
import { TrainError } from "../../core/errors/index.js";
import type { Estimate } from "../../core/metrics/intervals/normal.js";
import type { EvaluationPoint } from "../../core/metrics/learning-curves.js";
import { customLayersOf } from "../../core/spec/layer.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { Progress } from "../../core/train/loop/recorder.js";
import { planSteps } from "../../core/train/loop/steps.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import { sha256 } from "../../core/util/files/checksums.js";
import { getOrMake } from "../../core/util/growing.js";
import { currentSignal, isInterruption, withSignal } from "../../core/util/interrupt.js";
import type { Json } from "../../core/util/json.js";
import { inTurns } from "../../core/util/turns.js";
import { sampleRows } from "../gates/sample.js";
import type { FinishedRun, PlannedRun } from "./budget.js";
import { modelName, type Variant } from "./design.js";
import { halving } from "./own-length.js";
import type { StudyResponse } from "./response.js";
import { bothHashes, type RunGround, runKey, usersHash } from "./run-key.js";
import { noStore, type RunStore } from "./run-store.js";
import type { StudyMetric } from "./statistics/metric-draws.js";
import type { Confidence } from "./statistics/power.js";
import type { VariantDifference } from "./statistics/verdict.js";
import type { StudyLook } from "./study-look.js";
import { type RunRequest, type RunResult, type StudyRows, trainRun } from "./train-run.js";

export interface StudyGround extends Pick<RunGround, "engine" | "threads" | "settings"> {
  /** The user of each evaluation row; `null`: rows are drawn. */
  readonly users: UserColumn | null;
  /** Training and evaluation rows, encoded for a model; called once per variant. */
  readonly rowsFor: (spec: ModelSpec) => Promise<Omit<StudyRows, "curves" | "users">>;
  readonly openEngine: (spec: ModelSpec, place?: EnginePlace) => Promise<Engine>;
  /** `null`: it trains alone. */
  readonly groupFor: (spec: ModelSpec) => Promise<VariantGroup | null>;
  readonly lanes: number;
  readonly store: RunStore;
}

export interface StudyWatcher {
  started?(run: PlannedRun): void;
  progress?(run: PlannedRun, progress: Progress): void;
  finished?(run: FinishedRun): void;
  failed?(run: PlannedRun): void;
}

/** The next run, `null` if there is none. @param beside number of runs that it trains together with */
export type NextRun = (beside: number) => PlannedRun | null;

/** Variants with the same key train together, at most as many as `size`. */
export interface VariantGroup {
  readonly key: string;
  readonly size: number;
}

/** A study's runs: `next` returns one at a time, until there are none. */
export class StudyRunner {
  readonly #ground: StudyGround;
  readonly #prepared = new Map<Variant, Promise<{ rows: StudyRows; ground: RunGround | null }>>();
  readonly #groups = new Map<Variant, Promise<VariantGroup | null>>();
  readonly #taking = new Queue();
  /** Runs that were requested and are training in another group. */
  readonly #left: (PlannedRun | FinishedRun)[] = [];
  readonly #notes: string[] = [];
  readonly #curves = new WeakMap<EncodedRows, Promise<EncodedRows>>();
  readonly #halves = new WeakMap<EncodedRows, Promise<Omit<StudyRows, "train">>>();

  constructor(ground: StudyGround) {
    this.#ground = ground;
  }

  /** Runs the results of `next`, several at once, until there are none left or it is interrupted. */
  async run(next: NextRun, watcher: StudyWatcher = {}): Promise<FinishedRun[]> {
    const finished: FinishedRun[] = [];
    const failed = new AbortController();
    const stopped = () => currentSignal()?.aborted === true || failed.signal.aborted;
    const lane = async (): Promise<void> => {
      for (;;) {
        const runs = stopped() ? [] : await this.#taking.run(() => this.#nextTogether(next));
        if (runs.length === 0) return;
        const places = runs.length === 1 ? [undefined] : new EngineGroup(runs.length).places;
        const trainings = runs.map((run, at) => this.#train(run, watcher, failed, places[at]));
        // In their order, so that pairs with the model are complete wherever a study stops.
        try {
          for (const [at, run] of runs.entries()) {
            const done = await trainings[at];
            if (done === undefined) watcher.failed?.(run);
            if (done) finished.push(done);
            if (done) watcher.finished?.(done);
          }
        } finally {
          await Promise.all(trainings);
        }
      }
    };
    const lanes = Array.from({ length: this.#ground.lanes }, () =>
      lane().catch((error: unknown) => {
        if (!isInterruption(error)) failed.abort(error);
      }),
    );
    await Promise.all(lanes);
    if (failed.signal.aborted) throw failed.signal.reason;
    return finished;
  }

  /** The next run, and others of its seed that train together with it; or one from the store. */
  async #nextTogether(next: NextRun): Promise<readonly (PlannedRun | FinishedRun)[]> {
    const first = await this.#stored(this.#left.shift() ?? next(0));
    if (first === null) return [];
    const group = "result" in first ? null : await this.#groupFor(first);
    const together = [first];
    const others = this.#left.splice(0);
    while (group !== null && together.length < group.size) {
      const run = await this.#stored(others.shift() ?? next(together.length));
      if (run === null) break;
      const joins = !("result" in run) && (await this.#groupFor(run))?.key === group.key;
      if (joins) together.push(run);
      else this.#left.push(run);
      if (run.seed !== first.seed) break;
    }
    this.#left.push(...others);
    return together;
  }

  /** A run with its result if the store has it. */
  async #stored(run: PlannedRun | FinishedRun | null): Promise<PlannedRun | FinishedRun | null> {
    const result = run === null || "result" in run ? null : await this.kept(run);
    return run === null || result === null ? run : { ...run, result, kept: true };
  }

  async #groupFor(run: PlannedRun): Promise<VariantGroup | null> {
    const { spec } = run.variant;
    const kind = spec.baseline?.kind;
    if (kind === "apart" || kind === "logistic") return null; // opens an engine for each part of the domains, or none
    const group = await getOrMake(this.#groups, run.variant, () => this.#ground.groupFor(spec));
    return group && { ...group, key: `${run.seed} ${group.key}` };
  }

  /** `undefined`: it diverged; `null`: it was interrupted, or another one failed. */
  async #train(
    run: PlannedRun | FinishedRun,
    watcher: StudyWatcher,
    failed: AbortController,
    place: EnginePlace | undefined,
  ) {
    if ("result" in run) return run;
    try {
      return await this.#one(run, watcher, failed.signal, place).catch((error: unknown) => this.#diverged(run, error));
    } catch (error) {
      if (!isInterruption(error)) failed.abort(error);
      return null;
    } finally {
      await place?.close();
    }
  }

  /** A variant may diverge, which affects only that variant; the model may not. */
  #diverged(run: PlannedRun, error: unknown): undefined {
    if (!(error instanceof TrainError) || run.variant.name === modelName) throw error;
    const [why] = (error.problems[0]?.received ?? error.message).split("\n");
    this.#notes.push(`${run.variant.name} diverged with seed ${run.seed}, ${error.path}: ${why}`);
  }

  get notes(): readonly string[] {
    return [...this.#notes].sort();
  }

  /** `null` if interrupted. */
  async #one(
    run: PlannedRun,
    watcher: StudyWatcher,
    failed: AbortSignal,
    place: EnginePlace | undefined,
  ): Promise<FinishedRun | null> {
    const { openEngine, settings, store } = this.#ground;
    const { rows, ground } = await this.#prepare(run.variant);
    watcher.started?.(run);
    const spec = seeded(run);
    const request: RunRequest = {
      spec,
      rows,
      settings,
      openEngine: () => openEngine(spec, place),
      onProgress: (progress) => watcher.progress?.(run, progress),
    };
    const trained = await withSignal(failed, () => trainRun(request));
    if (trained === null) return null;
    const share = { ...trained, seconds: trained.seconds / (place?.engines ?? 1) };
    const result = ground === null ? noStore.write("", share) : store.write(runKey(spec, run.seed, ground), share);
    return { ...run, result, kept: false };
  }

  async kept(run: PlannedRun): Promise<RunResult | null> {
    const { ground } = await this.#prepare(run.variant);
    return ground && this.#ground.store.read(runKey(seeded(run), run.seed, ground));
  }

  /** Measured by runs that are not stored: one per lane, after a warm-up run. `null` if interrupted. */
  async measure(variant: Variant, trainRows: number): Promise<number | null> {
    const whole = planSteps(variant.spec.training, trainRows).totalSteps;
    const { lanes, openEngine, settings } = this.#ground;
    const { rows } = await this.#prepare(variant);
    const train = (steps: number) => {
      const training = { ...variant.spec.training, epochs: null, steps };
      const spec = steps === whole ? variant.spec : { ...variant.spec, training };
      return trainRun({ spec, rows, settings, openEngine: () => openEngine(spec) });
    };
    if ((await train(1)) === null) return null;
    const steps = Math.min(whole, Math.max(measuredSteps, Math.round(whole / 20)));
    const runs = await Promise.all(Array.from({ length: lanes }, () => train(steps)));
    const seconds = runs.flatMap((run) => (run === null ? [] : [secondsOfWhole(run, whole / steps)]));
    return seconds.length < lanes ? null : seconds.reduce((sum, each) => sum + each, 0) / lanes;
  }

  /** A key for a set of variants and everything else that a plan depends on; `null` if runs are not stored. */
  async planKey(variants: readonly Variant[], rest: Json): Promise<string | null> {
    const keys: string[] = [];
    for (const variant of variants) {
      const { ground } = await this.#prepare(variant);
      if (ground === null) return null;
      keys.push(runKey(variant.spec, 0, ground));
    }
    return sha256(JSON.stringify([keys, rest])).slice(0, 40);
  }

  /** Rows and the parts of the key; if a custom layer cannot be hashed, runs are not stored. */
  #prepare(variant: Variant): Promise<{ rows: StudyRows; ground: RunGround | null }> {
    return getOrMake(this.#prepared, variant, () => this.#prepareNow(variant));
  }

  /** The rows that variants are compared on, and those of their curves, which early stopping chooses by. */
  async #evaluationRows(validation: EncodedRows): Promise<Omit<StudyRows, "train">> {
    const { users, settings } = this.#ground;
    if (settings.earlyStopping) return getOrMake(this.#halves, validation, () => splitInHalves(validation, users));
    if (validation.rows <= curveRows) return { validation, curves: validation, users };
    const curves = () => copyRows(validation, sampleRows(validation.rows, curveRows, 1, "curves"));
    return { validation, curves: await getOrMake(this.#curves, validation, curves), users };
  }

  async #prepareNow({ spec }: Variant): Promise<{ rows: StudyRows; ground: RunGround | null }> {
    const { rowsFor, engine, threads, settings } = this.#ground;
    const { train, validation } = await rowsFor(spec);
    const rows = { train, ...(await this.#evaluationRows(validation)) };
    const program = await programHash(spec, engine);
    const data = await bothHashes({ train, validation });
    return {
      rows,
      ground:
        program === undefined
          ? null
          : { data, users: usersHash(this.#ground.users), settings, engine, threads, program },
    };
  }
}

async function splitInHalves(validation: EncodedRows, users: UserColumn | null): Promise<Omit<StudyRows, "train">> {
  const { choosing, comparing } = await inTurns(halving(validation.rows, users));
  return {
    curves: await copyRows(validation, choosing),
    validation: await copyRows(validation, comparing),
    users: users && { name: users.name, codes: Int32Array.from(comparing, (row) => users.codes[row]!) },
  };
}

const curveRows = 10_000;

const measuredSteps = 10;

/** Seconds of a run that trains `times` as long: fixed costs stay the same. */
function secondsOfWhole({ history, seconds }: RunResult, times: number): number {
  const [first, last] = [history.points[0], history.points.at(-1)];
  if (first === undefined || last === undefined || last.step === first.step) return seconds * times;
  const training = ((last.seconds - first.seconds) / (last.step - first.step)) * last.step;
  return seconds + training * (times - 1);
}

function seeded({ variant, seed }: PlannedRun): ModelSpec {
  return { ...variant.spec, training: { ...variant.spec.training, seed } };
}

/** `null`: no custom layers; `undefined`: they cannot be compiled, so they have no hash. */
async function programHash(spec: ModelSpec, engine: EngineName): Promise<string | null | undefined> {
  if (customLayersOf(spec.layers).length === 0) return null;
  if (engine !== "compiled") return undefined;
  const { bytes } = await compilePlan(compiledPlan(spec), "train");
  return sha256(bytes);
}

/** A task of the study, and its metric. `T`: towers. */
export interface StudyTask<T extends string = string> {
  readonly tower: T;
  /** Label whose positive rows the metric is over; `null`: all rows. */
  readonly within: string | null;
  readonly metric: StudyMetric;
  /** Whether larger values are better (AUC) or smaller ones (losses and errors). */
  readonly higherIsBetter: boolean;
  readonly matters: number | null;
  /**
   * How the model itself ranks the evaluation rows: the mean AUC of its runs, with its 95% interval over other rows (or
   * users) and other seeds; `null`: the task has no AUC.
   */
  readonly modelAuc: Estimate | null;
}

/** A variant's metric on the rows of a task and a domain. */
export interface StudyCell {
  /** [seeds of the variant]; `null` if undefined. */
  readonly bySeed: readonly (number | null)[];
  /** Mean over the seeds; `null` if undefined for any. */
  readonly mean: number | null;
  /** Difference from the model over the common seeds; `null` for the model itself, or if undefined. */
  readonly difference: VariantDifference | null;
}

/** Runs of a model that are far worse than its other runs: trainings that failed or never left their start. */
export interface CollapsedRuns {
  readonly runs: readonly { readonly seed: number; readonly value: number }[];
  /** The median of the model's other runs. */
  readonly siblings: number;
  /** The difference of the variant from the model, without the collapsed runs of both. */
  readonly difference: VariantDifference | null;
}

/** A variant's metric by task. `T`: towers. */
export interface VariantTask<T extends string = string> {
  readonly tower: T;
  /** On all evaluation rows, or those in the task's space. */
  readonly overall: StudyCell;
  readonly domains: readonly StudyCell[];
  /** Only in tasks in which a run of any model collapsed. */
  readonly collapsed?: CollapsedRuns;
}

/** A run in the report of a study. */
export interface StudyRun {
  readonly seed: number;
  readonly kept: boolean;
  readonly seconds: number;
  readonly evaluations: readonly EvaluationPoint[];
  /** The step whose weights early stopping kept; `null`: the last. */
  readonly bestStep: number | null;
}

/** One of the study's models. `V`: their names; `T`: towers. */
export interface StudyVariant<V extends string = string, T extends string = string> {
  /** The name for `study.difference(…)`, such as `epnet.gamma 4`; the model itself is `the model`. */
  readonly name: V;
  readonly settings: Readonly<Record<string, string>>;
  /** Parameters without embeddings; of `singleDomain()`, those of all its models. */
  readonly denseParameters: number;
  /** Operations of the matrix products of a training step, per row; custom layers are not counted. */
  readonly trainingFlopsPerRow: number;
  readonly runs: readonly StudyRun[];
  readonly tasks: readonly VariantTask<T>[];
}

/** Variants that were looked at after the plan. */
export interface PlanExploration {
  readonly time: string;
  readonly variants: readonly string[];
}

/** The plan of a registered study. */
export interface PlanReport {
  readonly question: string;
  /** When the plan was written, before the first run: an ISO time, UTC. */
  readonly registered: string;
  readonly folder: string;
  readonly domains: boolean;
  readonly runsBefore: number;
  readonly explorations: readonly PlanExploration[];
  /** Whether these variants were examined afterwards: none of them was in the plan. */
  readonly exploratory: boolean;
}

/** The results of a study. */
export interface StudyReport {
  /** The plan, if the study was registered before its first run. */
  readonly plan: PlanReport | null;
  readonly tasks: readonly StudyTask[];
  readonly domainNames: readonly string[];
  readonly variants: readonly StudyVariant[];
  readonly responses: readonly StudyResponse[];
  /** Looks at the runs, in order: a single one at the end, unless settled variants were stopped early. */
  readonly looks: readonly StudyLook[];
  readonly seeds: readonly number[];
  readonly evaluationRows: number;
  /** The unit of the bootstrap: an id feature, or `null` for rows. */
  readonly user: string | null;
  readonly level: number;
  readonly confidence: { readonly overall: Confidence; readonly domains: Confidence };
  /** Whether an interrupt ended it early; then only finished runs are compared. */
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}
