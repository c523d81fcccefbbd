/** Gamma under the hand: a trained model whose gates are scaled, evaluated again at each move. */
import type { EncodedRows } from "../../data/encoded/streamed.js";
import { DataError, type Problem, SpecError } from "../../errors/index.js";
import { notebookDisplay } from "../../port/notebook.js";
import { hasEpnet, hasPpnet, type ModelSpec } from "../../spec/model.js";
import type { MovedRow, MovedRows } from "../../views/studies/dial.js";
import type { Sheet } from "../../views/view.js";
import type { CounterfactualResult } from "../counterfactual.js";
import type { Dataset } from "../data/dataset.js";
import { EvaluationResult } from "../evaluation.js";
import { type ExplanationResult, GatesResult } from "../gates.js";
import type { ReportedStudy } from "../report/options.js";
import type { ReportResult } from "../report/report.js";
import { ChartOutput, Result, TableOutput, tables } from "../result.js";
import type { DialReportOptions } from "./frames.js";
import { counterfactuals, explainedRow } from "./gates.js";
import type { DialOptions, RunCounterfactualOptions, RunExplainOptions, Subject } from "./options.js";
import {
  type DialCalls,
  type DialGammas,
  type DialParts,
  type DialState,
  dialWidget,
  readState,
  scaledSubject,
} from "./widget.js";

/** What `Dial.set` changes. */
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
  readonly domain?: string | undefined;
}

/** Which rows `Dial.movedRows` lists. */
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
  readonly trained: DialGammas;
  /** Names of the tasks' towers. */
  readonly towers: readonly string[];
  /** Display names of the domains; empty without domains. */
  readonly domainNames: readonly string[];
  readonly #parts: DialParts<R>;
  readonly #before: DialState;
  #now: DialState;

  /** Use `run.dial()`. @internal */
  constructor(parts: DialParts<R>, before: DialState, now: DialState = before) {
    super(["The trained model with its gates scaled, not a model that was trained at these gammas."]);
    this.#parts = parts;
    this.#before = before;
    this.#now = now;
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
  movedRows(options: MovedRowsOptions = {}): TableOutput {
    return new TableOutput(tables().movedRowsSheet(this.#movedRows(options)));
  }

  /** Charts of all tasks and domains. @param calls the code of their points @internal */
  async gammaCharts(calls: DialCalls): Promise<readonly ChartOutput[]> {
    const charts = await import("../../views/index.js");
    const { evaluation, gates } = this.#now;
    return [
      charts.aucByDomainChart(evaluation, [], { call: calls.domain }),
      charts.gateQuantilesChart(gates, { call: calls.gate }),
      ...(gates.fields.length > 0 ? [charts.fieldGatesChart(gates, { call: calls.field })] : []),
    ].map((chart) => new ChartOutput(chart));
  }

  /** Charts of a task and a domain. @param calls the code of their points @internal */
  async partCharts(part: DialPart, calls: DialCalls): Promise<readonly ChartOutput[]> {
    const { movedRowsChart } = await import("../../views/studies/dial.js");
    const moved = new ChartOutput(movedRowsChart(this.#movedRows(part), calls.row));
    return this.isStudied(part.tower ?? this.towers[0]!) ? [moved, await this.response(part)] : [moved];
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
    const { dialResponsesChart } = await import("../../views/studies/dial.js");
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

  /**
   * Writes one page whose sliders work without a kernel: tables and charts for a grid of gammas, computed now. It says
   * that it shows the trained model with its gates scaled. At most 11 MB, of which 5 are plotly.js. Throws a DataError if
   * it would be larger, or the path is another file, and a SpecError for gammas that do not fit.
   *
   * @example
   * const dial = await run.dial(test, { rows: 2_000 });
   * await dial.report({ path: "out/dial.html", gammas: { epnet: [0.5, 1, 2], ppnet: [1, 2] } });
   */
  async report({ path, gammas, title, overwrite, signal }: DialReportOptions): Promise<ReportResult> {
    const { dialFrames, tooLarge } = await import("./frames.js");
    let last = this.#before;
    const at = async (next: DialGammas): Promise<Dial> => {
      last = await readState(this.#parts, next, last);
      return new Dial(this.#parts, this.#before, last);
    };
    const { assertPlace, writeFrames } = await import("../report/report.js");
    await assertPlace(path, overwrite);
    const stop = signal ?? notebookDisplay()?.signal();
    const frames = await dialFrames({ dial: this, gammas, signal: stop, at });
    const notes = [...this.notes, ...missingCurves(this)];
    const page = { path, title: title ?? "Gamma under the hand: gates of a trained model, scaled", notes, frames };
    return (await writeFrames(page)) ?? Promise.reject(tooLarge(this.trained));
  }

  #movedRows({ tower = this.towers[0]!, domain, count = 5 }: MovedRowsOptions): MovedRows {
    const { place, group } = this.#place("dial.movedRows", tower, domain);
    const rows = movedRows(this.#parts, [this.#before, this.#now], { place, group, count });
    return { tower, domain: domain ?? null, rows };
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

function missingCurves(dial: Dial): string[] {
  const without = dial.towers.filter((tower) => !dial.isStudied(tower));
  if (without.length === 0 || without.length === dial.towers.length) return [];
  return [`The study's curves are left out: it does not compare ${without.join(", ")}.`];
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
  const { copyRows } = await import("../../gates/take-encoded.js");
  const { sampleRows } = await import("../../gates/sample.js");
  const encoded: EncodedRows = await rows.encode(spec);
  const numbers = sampleRows(encoded.rows, count, seed ?? spec.training.seed, "dial");
  const parts = { subject, rows, data: await copyRows(encoded, numbers), numbers, study: study ?? null, keep };
  const dial = new Dial(parts, await readState(parts, trained));
  if (study !== undefined) assertStudy(study, trained, dial.towers, dial.domainNames);
  return dial;
}

/** What a dial refuses: models without gates to scale, gammas that are not positive, unknown names, other studies. */

/** Throws a SpecError if the model has no gates, or trains its gammas. */
export function assertScalable(spec: ModelSpec): void {
  const hasGates = hasEpnet(spec) || hasPpnet(spec);
  if (hasGates && !spec.switches.learnableGamma) return;
  throw new SpecError({
    path: "run.dial",
    message: hasGates ? "the model trains its gammas, so there is none to turn" : "the model has no gates",
    expected: "a model with EPNet or PPNet and fixed gammas",
  });
}

/** Throws a SpecError with every gamma that cannot be set. */
export function assertGammas(now: DialGammas, setting: Partial<DialGammas>): void {
  const problems = (["epnet", "ppnet"] as const).flatMap((module): Problem[] => {
    const gamma = setting[module];
    if (gamma == null) return [];
    const path = `dial.set: ${module}`;
    if (now[module] === null) return [{ path, message: `the model has no ${module === "epnet" ? "EPNet" : "PPNet"}` }];
    if (gamma > 0 && Number.isFinite(gamma)) return [];
    return [{ path, message: "must be a positive number", received: String(gamma), expected: "such as 1.5" }];
  });
  if (problems.length > 0) throw new SpecError(problems);
}

/** The place of a name. Throws a DataError if it is unknown. */
export function oneOf(path: string, what: string, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  throw new DataError({
    path: `${path}: ${what}`,
    message: `no such ${what}`,
    received: JSON.stringify(name),
    expected: names.length === 0 ? `a model with ${what}s` : `one of ${names.join(", ")}`,
  });
}

/**
 * Returns the study. Throws a SpecError if there is none, it has no curve over a gamma, or it is of another model: with
 * other gammas, tasks or domains.
 */
export function assertStudy(
  study: ReportedStudy | null,
  gammas: DialGammas,
  towers: readonly string[],
  domainNames: readonly string[],
): ReportedStudy {
  const ablate = 'await model.ablate(train, { variants: { "epnet.gamma": [0.5, 1, 4] }, seeds: 5 })';
  if (study === null) {
    const fix = `run.dial(data, { study: ${ablate} })`;
    throw new SpecError({ path: "run.dial: study", message: "the dial was opened without a study", fix });
  }
  const { facts } = study;
  const curves = facts.responses.filter(({ path }) => path === "epnet.gamma" || path === "ppnet.gamma");
  const problem = (message: string, received: string, expected: string): Problem => ({
    path: "run.dial: study",
    message,
    received,
    expected,
  });
  const problems: Problem[] = [];
  if (curves.length === 0) {
    const expected = "three values of a gamma or more, and two seeds or more";
    problems.push({ ...problem("the study has no curve over a gamma", "none", expected), fix: ablate });
  }
  for (const path of new Set(curves.map((curve) => curve.path))) {
    const [trained, studied] = [
      path === "epnet.gamma" ? gammas.epnet : gammas.ppnet,
      curves.find((curve) => curve.path === path)!.modelValue,
    ];
    if (trained === studied) continue;
    problems.push(problem(`${path} of the study's model is not the run's`, String(studied), String(trained)));
  }
  const names = (list: readonly string[]): string => (list.length === 0 ? "none" : list.join(", "));
  const tasks = facts.tasks.map(({ tower }) => tower);
  if (!tasks.some((tower) => towers.includes(tower))) {
    problems.push(problem("the study compares none of the run's tasks", names(tasks), names(towers)));
  }
  if (names(facts.domainNames) !== names(domainNames)) {
    problems.push(problem("the study's domains are not the run's", names(facts.domainNames), names(domainNames)));
  }
  if (problems.length > 0) throw new SpecError(problems);
  return study;
}

/** Which rows. */
export interface MovedRowsQuestion {
  readonly place: number;
  /** Number of the domain; `null`: all. */
  readonly group: number | null;
  readonly count: number;
}

/** The rows, largest change first. */
export function movedRows(
  { data, numbers, subject }: Pick<DialParts<unknown>, "data" | "numbers" | "subject">,
  [before, now]: readonly [DialState, DialState],
  { place, group, count }: MovedRowsQuestion,
): readonly MovedRow[] {
  const [first, second] = [before.predictions[place]!, now.predictions[place]!];
  const classes = subject.spec.towers[place]!.numClass;
  const last = (values: Float32Array, row: number): number => values[(row + 1) * classes - 1]!;
  const all = Array.from(numbers, (row, at) => ({
    row,
    at,
    change: last(second.logits, at) - last(first.logits, at),
  })).filter(({ at }) => group === null || data.domains?.[at] === group);
  all.sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.row - b.row);
  const { domainNames } = now.evaluation;
  return all.slice(0, count).map(({ row, at, change }) => ({
    row,
    domain: data.domains ? domainNames[data.domains[at]!]! : null,
    trained: last(first.probabilities, at),
    scaled: last(second.probabilities, at),
    change,
  }));
}
