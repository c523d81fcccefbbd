/** Gamma under the hand: a trained model whose gates are scaled, evaluated again at each move. */
import type { EncodedData, EncodedRows } from "../../../data/index.js";
import type { ReadingEngine } from "../../../engine/index.js";
import { DataError, type Problem, SpecError } from "../../../errors/index.js";
import type { GatesReport } from "../../../gates/index.js";
import type { Evaluation } from "../../../metrics/index.js";
import { hasEpnet, hasPpnet, type ModelSpec } from "../../../spec/index.js";
import type { Sheet } from "../../../tables/index.js";
import type { Predictions } from "../../../train/index.js";
import type { Dataset } from "../../data/index.js";
import { Result, type TableOutput, table, tables } from "../../output/index.js";
import { EvaluationResult, GatesResult } from "../../results/index.js";
import type { DialOptions } from "../options.js";
import type { Subject } from "../subject.js";
import { dialWidget } from "./widget.js";

/** The gammas of a dial. */
export interface DialGammas {
  /** EPNet's; `null`: the model has no EPNet. */
  readonly epnet: number | null;
  /** PPNet's; `null`: the model has no PPNet. */
  readonly ppnet: number | null;
}

/** What {@link Dial.set} changes. */
export interface DialSetting {
  /** EPNet's gamma, more than 0. Default: unchanged. */
  readonly epnet?: number;
  /** PPNet's gamma, more than 0. Default: unchanged. */
  readonly ppnet?: number;
}

/** Which rows {@link Dial.movedRows} lists. */
export interface MovedRowsOptions {
  /** The task's tower. Default: the first. */
  readonly tower?: string;
  /** The domain's name. Default: all domains. */
  readonly domain?: string;
  /** Number of rows. Default: 5. */
  readonly count?: number;
}

interface State {
  readonly gammas: DialGammas;
  readonly predictions: readonly Predictions[];
  readonly evaluation: Evaluation;
  readonly gates: GatesReport;
}

/**
 * A trained model with its gates scaled by other gammas. It is not a model that was trained at these gammas: an ablation
 * study trains those. Made by `run.dial()`; in a notebook it shows sliders, tables and charts.
 *
 * `R`: the type of the run.
 */
export class Dial<R = unknown> extends Result {
  /** The gammas of the trained model. */
  readonly trained: DialGammas;
  /** Names of the tasks' towers. */
  readonly towers: readonly string[];
  /** Display names of the domains; empty without domains. */
  readonly domainNames: readonly string[];
  readonly #parts: DialParts<R>;
  readonly #before: State;
  #now: State;

  /** Use `run.dial()`. @internal */
  constructor(parts: DialParts<R>, before: State) {
    super(["The trained model with its gates scaled, not a model that was trained at these gammas."]);
    this.#parts = parts;
    this.#before = before;
    this.#now = before;
    this.trained = before.gammas;
    this.towers = parts.subject.spec.towers.map(({ name }) => name);
    this.domainNames = before.evaluation.domainNames;
  }

  /** The current gammas. */
  get gammas(): DialGammas {
    return this.#now.gammas;
  }

  /** Number of rows on which it evaluates. */
  get rowCount(): number {
    return this.#parts.data.rows;
  }

  /** Metrics by task and domain at the current gammas. */
  get evaluation(): EvaluationResult {
    return new EvaluationResult(this.#now.evaluation);
  }

  /** Statistics of the gates at the current gammas. */
  get gates(): GatesResult {
    return new GatesResult(this.#now.gates);
  }

  /**
   * Scales the gates and evaluates again. Nothing is trained or compiled. Throws a SpecError for a gamma that is not
   * positive, or a module that the model lacks.
   *
   * @example
   * const dial = await run.dial(test);
   * (await dial.set({ epnet: 1.5 })).table();
   */
  async set({ epnet, ppnet }: DialSetting): Promise<this> {
    const { gammas } = this.#now;
    assertGammas(gammas, { epnet, ppnet });
    const next = { epnet: epnet ?? gammas.epnet, ppnet: ppnet ?? gammas.ppnet };
    if (next.epnet === gammas.epnet && next.ppnet === gammas.ppnet) return this;
    this.#now = await readState(this.#parts, next, this.#now);
    return this;
  }

  /** AUC by task and domain, as trained and at the current gammas. @internal */
  sheet(): Sheet {
    return tables().dialSheet(this.#caption(), this.#before.evaluation, this.#now.evaluation);
  }

  /**
   * The rows whose logit moves most, with their probability as trained and now. `row` is the row's number in the data,
   * for `run.explain`. Throws a DataError for an unknown tower or domain.
   */
  movedRows({ tower = this.towers[0]!, domain, count = 5 }: MovedRowsOptions = {}): TableOutput {
    const { data, numbers } = this.#parts;
    const place = oneOf("tower", tower, this.towers);
    const group = domain === undefined ? null : oneOf("domain", domain, this.domainNames);
    const [before, now] = [this.#before, this.#now].map(({ predictions }) => predictions[place]!);
    const classes = this.#parts.subject.spec.towers[place]!.numClass;
    const last = (values: Float32Array, row: number): number => values[(row + 1) * classes - 1]!;
    const moved = Array.from(numbers, (row, at) => ({
      row,
      at,
      change: last(now!.logits, at) - last(before!.logits, at),
    })).filter(({ at }) => group === null || data.domains?.[at] === group);
    moved.sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.row - b.row);
    const rows = moved.slice(0, count).map(({ row, at, change }) => ({
      row,
      ...(data.domains ? { domain: this.domainNames[data.domains[at]!] } : {}),
      "as trained": last(before!.probabilities, at),
      scaled: last(now!.probabilities, at),
      "logit change": change,
    }));
    return table(rows, `Rows whose ${tower} moves most${domain === undefined ? "" : ` in ${domain}`}`);
  }

  /**
   * The current state as a run of its own: the trained weights with the current gammas, to save, export or compare.
   *
   * @example
   * const dial = await run.dial(test);
   * await (await (await dial.set({ epnet: 1.5 })).model()).save("runs/scaled");
   */
  model(): Promise<R> {
    return this.#parts.keep(this.gammas);
  }

  /** `EPNet gamma 1.5 (trained at 2)`, of each module. */
  #caption(): string {
    const part = (name: string, now: number | null, before: number | null): string[] =>
      now === null ? [] : [`${name} gamma ${now}${now === before ? " as trained" : ` (trained at ${before})`}`];
    const { epnet, ppnet } = this.gammas;
    const text = [...part("EPNet", epnet, this.trained.epnet), ...part("PPNet", ppnet, this.trained.ppnet)];
    return `${text.join(", ")}: the trained model with its gates scaled, not one that was trained so`;
  }
}

// In a notebook: sliders, and below them what they change.
Object.defineProperty(Dial.prototype, Symbol.for("Jupyter.display"), {
  value(this: Dial): unknown {
    return dialWidget(this).display();
  },
});

/** What a dial reads. */
interface DialParts<R> {
  readonly subject: Subject;
  /** The sampled rows, and their numbers in the data. */
  readonly data: EncodedData;
  readonly numbers: Int32Array;
  readonly keep: (gammas: DialGammas) => Promise<R>;
}

/** See `Run.dial`. @param keep makes the run of the scaled model */
export async function openDial<R>(
  subject: Subject,
  rows: Dataset,
  { rows: count = 10_000, seed }: DialOptions,
  keep: (gammas: DialGammas) => Promise<R>,
): Promise<Dial<R>> {
  const { spec } = subject;
  assertScalable(spec);
  const { copyRows, sampleRows } = await import("../../../gates/rows/index.js");
  const encoded: EncodedRows = await rows.encode(spec);
  const numbers = sampleRows(encoded.rows, count, seed ?? spec.training.seed, "dial");
  const parts = { subject, data: await copyRows(encoded, numbers), numbers, keep };
  const trained = {
    epnet: hasEpnet(spec) ? spec.epnet.gamma : null,
    ppnet: hasPpnet(spec) ? spec.ppnet.gamma : null,
  };
  return new Dial(parts, await readState(parts, trained));
}

/** @param earlier a state of the same rows, whose EPNet gates stay if only PPNet's gamma differs */
async function readState(
  { subject, data }: Pick<DialParts<unknown>, "subject" | "data">,
  gammas: DialGammas,
  earlier?: State,
): Promise<State> {
  const { scaledEngine } = await import("../../../engine/index.js");
  const { measurePredictions, predict } = await import("../../../train/index.js");
  const { gatesReport } = await import("../../../gates/index.js");
  return subject.engine.use(async (engine): Promise<State> => {
    const scaled: ReadingEngine = scaledEngine(engine, {
      epnet: gammas.epnet ?? undefined,
      ppnet: gammas.ppnet ?? undefined,
    });
    const predictions = await predict(scaled, data);
    const evaluation = await measurePredictions(scaled.spec, data, predictions);
    const sameEpnet = earlier?.gammas.epnet === gammas.epnet ? earlier.gates : null;
    const gates = await gatesReport(scaled, data, { rows: data.rows, details: false }, sameEpnet);
    return { gammas, predictions, evaluation, gates };
  });
}

function assertScalable(spec: ModelSpec): void {
  const hasGates = hasEpnet(spec) || hasPpnet(spec);
  if (hasGates && !spec.switches.learnableGamma) return;
  throw new SpecError({
    path: "run.dial",
    message: hasGates ? "the model trains its gammas, so there is none to turn" : "the model has no gates",
    expected: "a model with EPNet or PPNet and fixed gammas",
  });
}

function assertGammas(now: DialGammas, setting: DialSetting): void {
  const problems = (["epnet", "ppnet"] as const).flatMap((module): Problem[] => {
    const gamma = setting[module];
    if (gamma === undefined) return [];
    const path = `dial.set: ${module}`;
    if (now[module] === null) return [{ path, message: `the model has no ${module === "epnet" ? "EPNet" : "PPNet"}` }];
    if (gamma > 0 && Number.isFinite(gamma)) return [];
    return [{ path, message: "must be a positive number", received: String(gamma), expected: "such as 1.5" }];
  });
  if (problems.length > 0) throw new SpecError(problems);
}

function oneOf(what: string, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  throw new DataError({
    path: `dial.movedRows: ${what}`,
    message: `the model has no such ${what}`,
    received: JSON.stringify(name),
    expected: names.length === 0 ? `a model with ${what}s` : `one of ${names.join(", ")}`,
  });
}
