/** Gamma under the hand: a trained model whose gates are scaled, evaluated again at each move. */
import type { EncodedRows } from "../../../data/index.js";
import { hasEpnet, hasPpnet } from "../../../spec/index.js";
import type { Sheet } from "../../../tables/index.js";
import type { Dataset } from "../../data/index.js";
import { ChartOutput, Result, type TableOutput, table, tables } from "../../output/index.js";
import {
  type CounterfactualResult,
  EvaluationResult,
  type ExplanationResult,
  GatesResult,
} from "../../results/index.js";
import { counterfactuals, explainedRow } from "../gates.js";
import type { DialOptions, RunCounterfactualOptions, RunExplainOptions } from "../options.js";
import type { Subject } from "../subject.js";
import { assertGammas, assertScalable, assertStudy, oneOf } from "./checks.js";
import { type DialGammas, type DialParts, type DialState, readState, scaledSubject } from "./state.js";
import { dialWidget } from "./widget.js";

/** What {@link Dial.set} changes. */
export interface DialSetting {
  /** EPNet's gamma, more than 0. Default: unchanged. */
  readonly epnet?: number;
  /** PPNet's gamma, more than 0. Default: unchanged. */
  readonly ppnet?: number;
}

/** A part of the rows, for one task. */
export interface DialPart {
  /** The task's tower. Default: the first. */
  readonly tower?: string;
  /** The domain's name. Default: all domains. */
  readonly domain?: string;
}

/** Which rows {@link Dial.movedRows} lists. */
export interface MovedRowsOptions extends DialPart {
  /** Number of rows. Default: 5. */
  readonly count?: number;
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
  readonly #before: DialState;
  #now: DialState;

  /** Use `run.dial()`. @internal */
  constructor(parts: DialParts<R>, before: DialState) {
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

  /** Whether it has a study's curves of a task. @internal */
  isStudied(tower: string): boolean {
    return this.#parts.study?.facts.tasks.some((task) => task.tower === tower) ?? false;
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
   * for `dial.explain`. Throws a DataError for an unknown tower or domain.
   */
  movedRows({ tower = this.towers[0]!, domain, count = 5 }: MovedRowsOptions = {}): TableOutput {
    const { data, numbers } = this.#parts;
    const { place, group } = this.#place("dial.movedRows", tower, domain);
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
   * The curves of a study's trained models over gamma with their bands, and on them what this dial shows: the change of
   * the metric if only the gates are scaled. Throws a SpecError if the dial was opened without `{ study }`, and a
   * DataError for an unknown tower or domain.
   *
   * @example
   * const variants = { "epnet.gamma": [0.5, 1, 4] };
   * const dial = await run.dial(test, { study: await model.ablate(train, { variants, seeds: 5 }) });
   * await dial.set({ epnet: 1 });
   * await dial.response({ tower: "ctr" });
   */
  async response({ tower = this.towers[0]!, domain }: DialPart = {}): Promise<ChartOutput> {
    const { place, group } = this.#place("dial.response", tower, domain);
    const { facts } = assertStudy(this.#parts.study, this.trained, this.towers, this.domainNames);
    const { dialResponsesChart } = await import("../../../charts/index.js");
    const towers = facts.tasks.map((task) => task.tower);
    const { metric } = facts.tasks[oneOf("dial.response", "task of the study", tower, towers)]!;
    const [before, now] = [this.#before, this.#now].map(({ evaluation }) => {
      const task = evaluation.tasks[place]!;
      const metrics = group === null ? task.overall : task.domains[group];
      return metric === "groupedAuc" ? null : (metrics?.[metric] ?? null);
    });
    const difference = before == null || now == null ? null : now - before;
    return new ChartOutput(dialResponsesChart(facts, { tower, domain: group, gammas: this.gammas, difference }));
  }

  /** Explains one row at the current gammas; see `run.explain`. */
  explain(options: RunExplainOptions): Promise<ExplanationResult> {
    const { subject, rows } = this.#parts;
    return explainedRow(scaledSubject(subject, this.gammas), rows, options);
  }

  /** How predictions change with other domains or gates at the current gammas; see `run.counterfactual`. */
  counterfactual(options: RunCounterfactualOptions = {}): Promise<CounterfactualResult> {
    const { subject, rows } = this.#parts;
    return counterfactuals(scaledSubject(subject, this.gammas), rows, options);
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

  /** The numbers of a task and a domain (`null`: all). */
  #place(path: string, tower: string, domain: string | undefined): { place: number; group: number | null } {
    const place = oneOf(path, "tower", tower, this.towers);
    return { place, group: domain === undefined ? null : oneOf(path, "domain", domain, this.domainNames) };
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

/** See `Run.dial`. @param keep makes the run of the scaled model */
export async function openDial<R>(
  subject: Subject,
  rows: Dataset,
  { rows: count = 10_000, seed, study }: DialOptions,
  keep: (gammas: DialGammas) => Promise<R>,
): Promise<Dial<R>> {
  const { spec } = subject;
  assertScalable(spec);
  const trained = {
    epnet: hasEpnet(spec) ? spec.epnet.gamma : null,
    ppnet: hasPpnet(spec) ? spec.ppnet.gamma : null,
  };
  const { copyRows, sampleRows } = await import("../../../gates/rows/index.js");
  const encoded: EncodedRows = await rows.encode(spec);
  const numbers = sampleRows(encoded.rows, count, seed ?? spec.training.seed, "dial");
  const parts = { subject, rows, data: await copyRows(encoded, numbers), numbers, study: study ?? null, keep };
  const dial = new Dial(parts, await readState(parts, trained));
  if (study !== undefined) assertStudy(study, trained, dial.towers, dial.domainNames);
  return dial;
}
