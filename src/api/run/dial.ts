/** The dial of a run: its gates scaled to other gammas, without training. */

import type { GateGammas } from "../../core/engine/engine.js";
import { DataError, type Problem, SpecError } from "../../core/errors/index.js";
import type { Ends } from "../../core/metrics/intervals/normal.js";
import { checkEach } from "../../core/spec/validate/checks.js";
import { throwIfInterrupted, withSignal } from "../../core/util/interrupt.js";
import type * as Interventions from "../../lab/gates/interventions.js";
import type { GateReport } from "../../lab/gates/types.js";
import type { Frames, FramesControl, FramesTable } from "../../lab/render/frames.js";
import type { DialGammas, MovedRows } from "../../lab/views/studies/responses.js";
import type { Figure, Sheet } from "../../lab/views/view.js";
import { CounterfactualResult } from "../counterfactual.js";
import { EvaluationResult } from "../evaluation.js";
import { ExplanationResult, GatesResult } from "../gates.js";
import { domainPlace, placeOf, type RunNames } from "../names.js";
import type { ReportResult } from "../report.js";
import type { ReportOptions } from "../report-options.js";
import { ChartOutput, Result, TableOutput, tables } from "../result.js";
import {
  assertGammas,
  assertStudy,
  type DialParts,
  type DialState,
  movedRows,
  readState,
  scaledSubject,
} from "./dial-state.js";
import { counterfactuals, explainedRow } from "./gates.js";
import type { RunCounterfactualOptions, RunExplainOptions } from "./options.js";

/** A part of the rows, for one task. `T`: towers; `D`: domains. */
export interface DialPart<T extends string = string, D extends string = string> {
  /** The task's tower. Default: the first. */
  readonly tower?: T;
  /** The domain's name or number. Default: all domains. */
  readonly domain?: D | number | undefined;
}

/** Which rows `Dial.movedRows` lists. `T`: towers; `D`: domains. */
export interface MovedRowsOptions<T extends string = string, D extends string = string> extends DialPart<T, D> {
  /** Number of rows. Default: 5. */
  readonly count?: number;
}

/** The gammas of a dial's page. */
export interface DialGrid {
  readonly epnet?: readonly number[];
  readonly ppnet?: readonly number[];
}

/** Options of a dial's page. */
export interface DialReportOptions extends Pick<ReportOptions, "path" | "overwrite" | "signal"> {
  /** Gammas of each module; the trained one is always included. Default: 7 from a quarter to twice the trained one. */
  readonly gammas?: DialGrid;
  /** Default: a sentence that describes its contents. */
  readonly title?: string;
}

/** The code that shows the details of a domain, a gate or a row, with what a click on it runs. */
export class DialCalls {
  readonly #works = new Map<string, (dial: Dial) => Promise<Result>>();

  /** What another domain's gates and towers would do to every row. */
  readonly domain = (name: string): string => {
    return this.#change(`swapDomain(${JSON.stringify(name)})`, ({ swapDomain }) => swapDomain(name));
  };

  /** One field's gates of EPNet, held at their mean (in a domain). */
  readonly field = (field: string, domain: string | null): string => this.#freeze("epnet", { field }, domain);

  /** All gates of EPNet or of a layer, held at their mean (in a domain). */
  readonly gate = ({ module, tower, layer }: GateReport, domain: string | null): string => {
    return this.#freeze(module, module === "epnet" ? {} : { tower: tower ?? undefined, layer }, domain);
  };

  readonly row = (row: number): string => {
    return this.#offer(`await dial.explain({ row: ${row} })`, (dial) => dial.explain({ row }));
  };

  /** Runs the offered call; `null`: nothing has this code. */
  run(call: string, dial: Dial): Promise<Result> | null {
    return this.#works.get(call)?.(dial) ?? null;
  }

  #freeze(module: "epnet" | "ppnet", where: Interventions.FreezeOptions, domain: string | null): string {
    const at = domain === null ? '"mean"' : `{ domain: ${JSON.stringify(domain)} }`;
    const places = Object.entries(where).filter(([, value]) => value !== undefined);
    const options = [...places.map(([name, value]) => `${name}: ${JSON.stringify(value)}`), `at: ${at}`];
    return this.#change(`freezeGate("${module}", { ${options.join(", ")} })`, ({ freezeGate }) =>
      freezeGate(module, { ...where, at: domain === null ? "mean" : { domain } }),
    );
  }

  #change(code: string, change: (gates: typeof Interventions) => Interventions.Intervention): string {
    return this.#offer(`await dial.counterfactual({ changes: [${code}] })`, async (dial) => {
      return dial.counterfactual({ changes: [change(await import("../../lab/gates/interventions.js"))] });
    });
  }

  #offer(call: string, work: (dial: Dial) => Promise<Result>): string {
    this.#works.set(call, work);
    return call;
  }
}

/**
 * A trained model with its gates scaled by other gammas. It is not a model that was trained at these gammas: an ablation
 * study trains those. Made by `run.dial()`; in a notebook it shows sliders, tables and charts.
 *
 * `R`: the type of the run; `N`: the names that its calls accept.
 */
export class Dial<out R = unknown, out N extends RunNames = RunNames> extends Result {
  readonly trained: DialGammas;
  readonly towers: readonly N["tower"][];
  readonly domainNames: readonly N["domain"][];
  readonly #parts: DialParts<R>;
  readonly #before: DialState;
  #now: DialState;
  /** The settings other than the trained one: the best of many differs by chance. */
  readonly #tried = new Set<string>();
  readonly #settings: number;

  /** Use `run.dial()`. @param settings the number that will be tried, if it is known @internal */
  constructor(parts: DialParts<R>, before: DialState, now: DialState = before, settings = 1) {
    const units = parts.users === null ? "rows taken as independent" : `whole users by ${parts.users.name}`;
    super([
      "The trained model with its gates scaled, not a model that was trained at these gammas.",
      `Intervals of differences hold for all lines of the table and all gammas tried (on a page, all positions) at once (${units}). The best of several gammas still looks better than it is: confirm it on other rows, or train it (model.ablate).`,
    ]);
    this.#settings = settings;
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

  /** AUCs of each task, by domain after that over all rows. @internal */
  aucs(): (number | null)[][] {
    return this.#now.evaluation.tasks.map(({ overall, domains }) => [overall, ...domains].map(({ auc }) => auc));
  }

  /** Metrics by task and domain at the current gammas. */
  get evaluation(): EvaluationResult<N["tower"], N["domain"]> {
    return new EvaluationResult(this.#now.evaluation);
  }

  /** Statistics of the gates at the current gammas. */
  get gates(): GatesResult {
    return new GatesResult(this.#now.gates);
  }

  /**
   * Scales the gates and evaluates again. Nothing is trained or compiled. Throws a SpecError for a gamma that is not
   * positive, or a module that the model lacks.
   * @example
   * const dial = await run.dial(test);
   * (await dial.set({ epnet: 1.5 })).table();
   */
  async set({ epnet, ppnet }: GateGammas): Promise<this> {
    const { gammas } = this.#now;
    assertGammas(gammas, { epnet, ppnet });
    const next = { epnet: epnet ?? gammas.epnet, ppnet: ppnet ?? gammas.ppnet };
    if (next.epnet === gammas.epnet && next.ppnet === gammas.ppnet) return this;
    this.#now = await readState(this.#parts, next, this.#before, this.#now);
    if (JSON.stringify(next) !== JSON.stringify(this.trained)) this.#tried.add(JSON.stringify(next));
    return this;
  }

  /** AUC by task and domain, as trained and at the current gammas. @internal */
  sheet(): Sheet {
    const { evaluation } = this.#now;
    return tables().dialSheet(this.#caption(), this.#before.evaluation, evaluation, this.#intervals());
  }

  /** The intervals hold at once for all lines of the table and all settings that were tried. */
  #intervals(): readonly (readonly (Ends | null)[])[] {
    const lines = this.towers.length * (1 + (this.domainNames.length < 2 ? 0 : this.domainNames.length));
    return this.#now.intervals(1 - 0.05 / (lines * Math.max(this.#settings, this.#tried.size)));
  }

  /**
   * The rows whose logit changes most, with their probability as trained and now. `row` is the row's number in the data,
   * for `dial.explain`. Throws a DataError for an unknown tower or domain.
   */
  movedRows(options: MovedRowsOptions<N["tower"], N["domain"]> = {}): TableOutput {
    return new TableOutput(tables().movedRowsSheet(this.#movedRows(options)));
  }

  /** Charts of all tasks and domains. @param calls the code of their points @internal */
  async gammaCharts(calls: DialCalls): Promise<readonly ChartOutput[]> {
    const charts = await import("../../lab/views/index.js");
    const { evaluation, gates } = this.#now;
    return [
      charts.aucByDomainChart(evaluation, [], calls.domain),
      charts.gateQuantilesChart(gates, calls.gate),
      ...(gates.fields.length > 0 ? [charts.fieldGatesChart(gates, calls.field)] : []),
    ].map((chart) => new ChartOutput(chart));
  }

  /** Charts of a task and a domain. @param calls the code of their points @internal */
  async partCharts(part: DialPart, calls: DialCalls): Promise<readonly ChartOutput[]> {
    const { movedRowsChart } = await import("../../lab/views/studies/responses.js");
    const moved = new ChartOutput(movedRowsChart(this.#movedRows(part), calls.row));
    return this.isStudied(part.tower ?? this.towers[0]!) ? [moved, await this.response(part)] : [moved];
  }

  /**
   * The curves of a study's trained models over gamma with their bands, and on them what this dial shows: the change of
   * the metric if only the gates are scaled. Throws a SpecError if the dial was opened without `{ study }`, and a
   * DataError for an unknown tower or domain.
   * @example
   * const variants = { "epnet.gamma": [0.5, 1, 4] };
   * const dial = await run.dial(test, { study: await model.ablate(train, { variants, seeds: 5 }) });
   * await dial.set({ epnet: 1 });
   * await dial.response({ tower: "ctr" });
   */
  async response({ tower = this.towers[0]!, domain }: DialPart<N["tower"], N["domain"]> = {}): Promise<ChartOutput> {
    const { place, group } = this.#place("dial.response", tower, domain);
    const { facts } = assertStudy(this.#parts.study, this.trained, this.towers, this.domainNames);
    const { dialResponsesChart } = await import("../../lab/views/studies/responses.js");
    const towers = facts.tasks.map((task) => task.tower);
    const { metric } = facts.tasks[placeOf("dial.response", "task of the study", tower, towers)]!;
    const [before, now] = [this.#before, this.#now].map(({ evaluation }) => {
      const task = evaluation.tasks[place]!;
      const metrics = group === null ? task.overall : task.domains[group];
      return metric === "groupedAuc" ? null : (metrics?.[metric] ?? null);
    });
    const difference = before == null || now == null ? null : now - before;
    const interval = metric === "auc" ? (this.#intervals()[place]![group === null ? 0 : group + 1] ?? null) : null;
    const position = { tower, domain: group, gammas: this.gammas, difference, interval };
    return new ChartOutput(dialResponsesChart(facts, position));
  }

  /** Explains one row at the current gammas; see `run.explain`. */
  explain(options: RunExplainOptions): Promise<ExplanationResult> {
    const { subject, rows } = this.#parts;
    const scaled = scaledSubject(subject, this.gammas);
    return withSignal(
      options.signal,
      async () => new ExplanationResult(...(await explainedRow(scaled, rows, options))),
    );
  }

  /** How predictions change with other domains or gates at the current gammas; see `run.counterfactual`. */
  counterfactual(
    options: RunCounterfactualOptions<N> = {},
  ): Promise<CounterfactualResult<N["tower"], N["domain"], N["change"]>> {
    const { subject, rows } = this.#parts;
    const scaled = scaledSubject(subject, this.gammas);
    return withSignal(
      options.signal,
      async () => new CounterfactualResult(...(await counterfactuals(scaled, rows, options))),
    );
  }

  /**
   * The current state as a separate run: the trained weights with the current gammas, to save, export or compare.
   * @example
   * const dial = await run.dial(test);
   * await (await (await dial.set({ epnet: 1.5 })).model()).save("runs/scaled");
   */
  model(): Promise<R> {
    return this.#parts.keep(this.gammas);
  }

  /**
   * Writes one page whose sliders work without a kernel: tables and charts for a grid of gammas, computed now. The page
   * states that it shows the trained model with its gates scaled. At most 7 MB, of which 0.6 MB are plotly.js. Throws a
   * DataError if it would be larger, or the path is another file, and a SpecError for gammas that do not fit.
   * @example
   * const dial = await run.dial(test, { rows: 2_000 });
   * await dial.report({ path: "out/dial.html", gammas: { epnet: [0.5, 1, 2], ppnet: [1, 2] } });
   */
  async report(options: DialReportOptions): Promise<ReportResult> {
    return withSignal(options.signal, () => this.#writtenReport(options));
  }

  async #writtenReport({ path, gammas, title, overwrite }: DialReportOptions): Promise<ReportResult> {
    let last = this.#before;
    const at = async (next: DialGammas, settings: number): Promise<Dial> => {
      last = await readState(this.#parts, next, this.#before, last);
      return new Dial(this.#parts, this.#before, last, settings);
    };
    const { assertPlace, writeFrames } = await import("../report.js");
    await assertPlace(path, overwrite);
    const frames = await dialFrames(this, gammas, at);
    const notes = [...this.notes, ...missingCurves(this)];
    const page = { path, title: title ?? "Other gammas: gates of a trained model, scaled", notes, frames };
    return (await writeFrames(page)) ?? Promise.reject(tooLarge(this.trained));
  }

  #movedRows({ tower = this.towers[0]!, domain, count = 5 }: MovedRowsOptions): MovedRows {
    const { place, group } = this.#place("dial.movedRows", tower, domain);
    const rows = movedRows(this.#parts, [this.#before, this.#now], { place, group, count });
    return { tower, domain: group === null ? null : this.domainNames[group]!, rows };
  }

  #place(call: string, tower: string, domain: string | number | undefined): { place: number; group: number | null } {
    const place = placeOf(call, "tower", tower, this.towers);
    return { place, group: domain === undefined ? null : domainPlace(call, domain, this.domainNames) };
  }

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

const defaultFactors = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
export const allDomains = "all domains";

async function dialFrames(
  dial: Dial,
  gammas: DialGrid | undefined,
  at: (gammas: DialGammas, settings: number) => Promise<Dial>,
): Promise<Frames> {
  const { towers, domainNames } = dial;
  const grid = gammaGrid(dial.trained, gammas);
  const calls = new DialCalls();
  const captions: FramesTable[] = [];
  const byGamma: Figure[][] = [];
  const byPart: Figure[][] = [];
  const aucs: (number | null)[][][] = [];
  for (const epnet of grid.epnet) {
    for (const ppnet of grid.ppnet) {
      throwIfInterrupted();
      const view = await at({ epnet, ppnet }, Math.max(1, grid.epnet.length * grid.ppnet.length - 1));
      const sheet = view.sheet();
      const { cellText, sheetTable } = tables();
      const { caption = "", columns, rows } = sheetTable(sheet);
      captions.push({
        caption,
        columns: columns.map(({ name }) => name),
        rows: rows.map((row) => row.map((cell, c) => cellText(cell, columns[c]!))),
      });
      aucs.push(view.aucs());
      byGamma.push((await view.gammaCharts(calls)).map(({ figure }) => figure));
      for (const tower of towers) {
        for (const domain of [undefined, ...domainNames]) {
          byPart.push((await view.partCharts({ tower, domain }, calls)).map(({ figure }) => figure));
        }
      }
    }
  }
  return {
    controls: controls(dial, grid),
    parts: [
      { by: [0, 1, 2], items: await gammaFigures(dial, grid, aucs) },
      { by: [0, 1], items: captions },
      ...columns(byPart).map((items) => ({ by: [0, 1, 2, 3], items })),
      ...columns(byGamma).map((items) => ({ by: [0, 1], items })),
    ],
    code: ["await dial.set({ ", " });"],
  };
}

/** AUC over gamma by domain, with the present gammas marked: for each position of the sliders and each task. */
async function gammaFigures(dial: Dial, grid: Grid, aucs: readonly (number | null)[][][]): Promise<Figure[]> {
  const { dialGammasChart } = await import("../../lab/views/studies/dial.js");
  const { trained, towers, domainNames } = dial;
  const at = (e: number, p: number): (number | null)[][] => aucs[e * grid.ppnet.length + p]!;
  const curve = (module: "epnet" | "ppnet", now: number, aucsAt: (place: number) => readonly (number | null)[]) => {
    const gammas = grid[module].filter((gamma) => gamma !== null);
    const name = module === "epnet" ? "EPNet" : "PPNet";
    const facts = { name, gammas, now: gammas[now]!, trained: trained[module]! };
    return gammas.length === 0 ? [] : [{ ...facts, aucs: gammas.map((_, place) => aucsAt(place)) }];
  };
  return [...grid.epnet.keys()].flatMap((e) =>
    [...grid.ppnet.keys()].flatMap((p) =>
      towers.map((tower, t) => {
        const epnet = curve("epnet", e, (place) => at(place, p)[t]!);
        const modules = [...epnet, ...curve("ppnet", p, (place) => at(e, place)[t]!)];
        return dialGammasChart({ tower, domainNames, modules }).figure;
      }),
    ),
  );
}

function columns(frames: readonly (readonly Figure[])[]): Figure[][] {
  const places = Math.min(...frames.map(({ length }) => length));
  return Array.from({ length: places }, (_, place) => frames.map((figures) => figures[place]!));
}

type Grid = ReturnType<typeof gammaGrid>;

/** The gammas of each module, ascending; `[null]` for a module that the model lacks. */
function gammaGrid(trained: DialGammas, gammas: DialGrid = {}) {
  const problems: Problem[] = [];
  const grid = (module: "epnet" | "ppnet"): readonly (number | null)[] => {
    const gamma = trained[module];
    const choice = gammas[module];
    const path = `dial.report: gammas.${module}`;
    if (gamma === null && choice !== undefined) problems.push({ path, message: "the model does not have this module" });
    if (gamma === null) return [null];
    const values = choice ?? defaultFactors.map((factor) => Number((factor * gamma).toPrecision(3)));
    problems.push(...checkEach(path, values, { above: 0 }));
    return [...new Set([gamma, ...values])].sort((a, b) => a - b);
  };
  const all = { epnet: grid("epnet"), ppnet: grid("ppnet") };
  if (problems.length > 0) throw new SpecError(problems);
  return all;
}

function controls({ trained, towers, domainNames }: Dial, { epnet, ppnet }: Grid): FramesControl[] {
  const slider = (label: string, setting: "epnet" | "ppnet", values: readonly (number | null)[]): FramesControl => ({
    label,
    kind: "slider",
    values: values.map(String),
    at: values.indexOf(trained[setting]),
    setting: trained[setting] === null ? null : setting,
  });
  return [
    slider("gamma of EPNet", "epnet", epnet),
    slider("gamma of PPNet", "ppnet", ppnet),
    { label: "task", kind: "select", values: towers, at: 0, setting: null },
    { label: "domain", kind: "select", values: [allDomains, ...domainNames], at: 0, setting: null },
  ];
}

function tooLarge({ epnet, ppnet }: DialGammas): DataError {
  const list = (module: string, gamma: number | null): string[] =>
    gamma === null ? [] : [`${module}: [${gamma / 2}, ${gamma}]`];
  return new DataError({
    path: "dial.report",
    message: "the page would be too large",
    received: "more than 6 MB of frames",
    expected: "fewer gammas, tasks or domains",
    fix: `dial.report({ path, gammas: { ${[...list("epnet", epnet), ...list("ppnet", ppnet)].join(", ")} } })`,
  });
}
