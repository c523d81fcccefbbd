/** The conclusions of a study in sentences, and its views by domain and by two settings. */

import { wilson } from "../../../core/metrics/intervals/normal.js";
import { mean, sampleVariance } from "../../../core/util/numbers.js";
import { count, percent, signed } from "../../../core/util/text.js";
import type { StudyResponse } from "../../ablation/response.js";
import type { VariantDifference, VerdictKind } from "../../ablation/statistics/verdict.js";
import type { PlanReport, StudyReport, StudyTask, StudyVariant } from "../../ablation/study.js";
import { chart, heatPanel, type Panel, type PanelRow, panelRows } from "../compose.js";
import { DIVERGING, highest, largestOf, markup, sentence, shorten } from "../theme.js";
import {
  ALL_ROWS,
  type Chart,
  comparedVariants,
  metricName,
  metricOfAll,
  planMark,
  seedsText,
  taskName,
} from "../view.js";
import { curvePoints, responseConclusions } from "./responses.js";
import { studyCells, studyDomainsSheet, studySheet } from "./study.js";

interface Compared {
  readonly name: string;
  readonly difference: VariantDifference;
}

/** By task: which variants are better, worse, equivalent and open. Then smaller models that cost nothing. */
export function studyConclusions(report: StudyReport): readonly string[] {
  const variants = comparedVariants(report);
  const tasks = report.tasks.flatMap((task, at) => {
    const all = variants.flatMap(({ name, tasks }): Compared[] => {
      const difference = tasks[at]?.overall.difference ?? null;
      return difference === null ? [] : [{ name, difference }];
    });
    return taskConclusions(task, all, seedsText(report));
  });
  return [
    ...planConclusions(report),
    ...tasks,
    ...report.tasks.flatMap((task, at) => collapsedConclusions(report, task, at)),
    ...responseConclusions(report),
    ...savings(report, variants),
    ...peakConclusions(report),
  ];
}

function taskConclusions(task: StudyTask, all: readonly Compared[], seeds: string): string[] {
  const where = `${task.tower} ${metricName(task)}`;
  const of = (kind: VerdictKind): Compared[] => all.filter(({ difference }) => difference.verdict.kind === kind);
  const [same, noise, open] = [of("equivalent"), of("no difference beyond noise"), of("undecided")];
  const changes = [...of("better"), ...of("worse")].map(
    ({ name, difference }) => `${name} is ${difference.verdict.kind} in ${where} by ${rangeText(difference)}.`,
  );
  const limit = `they differ by less than ${task.matters}, the difference that matters`;
  if (!isAboveChance(task)) return [...changes, chanceText(task, seeds)];
  return [
    ...changes,
    ...(same.length === 0
      ? []
      : [`${names(same)} ${same.length === 1 ? "is" : "are"} equivalent to the model in ${where}: ${limit}.`]),
    ...(noise.length === 0 ? [] : [noiseText(noise, all.length, where, seeds)]),
    ...(open.length > mostNames
      ? [manyOpen(open, all.length, where)]
      : open.map(({ name, difference }) => `${name} is open in ${where}: ${openText(difference)}.`)),
  ];
}

/** Whether the model's runs rank these rows better than chance; tasks without an AUC count as if they did. */
function isAboveChance({ modelAuc }: StudyTask): boolean {
  return modelAuc === null || modelAuc.low > 0.5;
}

/** Trainings that learned nothing agree whatever their settings are, so their verdicts say nothing about settings. */
function chanceText({ tower, modelAuc }: StudyTask, seeds: string): string {
  const [auc, low, high] = [modelAuc!.value, modelAuc!.low, modelAuc!.high].map((value) => value.toFixed(4));
  return `Nothing can be told of settings in ${tower} AUC: the model itself ranks these rows no better than chance (AUC ${auc}, 95% interval ${low} to ${high}, over ${seeds}). Train it first.`;
}

function noiseText(noise: readonly Compared[], all: number, where: string, seeds: string): string {
  const bound = Math.max(...noise.map(({ difference }) => difference.verdict.bound ?? 0));
  const who =
    noise.length === all && all > 1 ? `None of the ${all} variants changes` : `${names(noise)} did not change`;
  return `${who} ${where} beyond noise: over ${seeds}, by at most ±${Number(bound.toPrecision(2))}.`;
}

/** One sentence for many variants: the one that differs most, and the range of all their intervals. */
function manyOpen(open: readonly Compared[], all: number, where: string): string {
  const farthest = highest(open, ({ difference }) => Math.abs(difference.mean))!;
  const lows = open.map(({ difference }) => difference.low ?? difference.mean);
  const highs = open.map(({ difference }) => difference.high ?? difference.mean);
  return `${open.length} of ${all} variants are open in ${where}: their intervals reach from ${signed(Math.min(...lows), 4)} to ${signed(Math.max(...highs), 4)}. The farthest is ${farthest.name}: ${openText(farthest.difference)}.`;
}

function openText(difference: VariantDifference): string {
  const { low, verdict } = difference;
  const range = low === null ? "" : `${rangeText(difference)}; `;
  return `${range}${verdict.remedy ?? ""}`;
}

function rangeText({ mean, low, high }: VariantDifference): string {
  return `${signed(mean, 4)} (${signed(low, 4)} to ${signed(high, 4)})`;
}

const mostNames = 4;

function names(all: readonly Compared[]): string {
  const [first, rest] = [all.slice(0, mostNames).map(({ name }) => name), all.length - mostNames];
  if (rest > 0) return `${first.join("; ")} and ${rest} more`;
  return first.length < 2 ? first.join() : `${first.slice(0, -1).join("; ")} and ${first.at(-1)}`;
}

const z95 = 1.96;
/** An AUC of 0.5 is chance. */
const aboutChance = 0.52;

/** Which runs collapsed in a task, how often, and what the verdicts would be without them. */
function collapsedConclusions(report: StudyReport, task: StudyTask, at: number): string[] {
  const where = `${task.tower} ${metricName(task)}`;
  const rates = report.variants.flatMap(({ name, runs, tasks }) => {
    const { runs: low = [], siblings } = tasks[at]?.collapsed ?? {};
    if (siblings === undefined || low.length === 0) return [];
    const rate = wilson(low.length, runs.length, z95);
    const range = `95% interval ${percent(rate.low, 0)} to ${percent(rate.high, 0)}`;
    const values = low.map(({ seed, value }) => `${value.toFixed(4)} with seed ${seed}`).join(", ");
    const start = task.metric === "auc" && low.every(({ value }) => value < aboutChance);
    return [
      `${name} collapsed in ${where} in ${low.length} of ${count(runs.length, "run")} (${percent(rate.observed, 0)}, ${range}): ${values}; the median of its other runs is ${siblings.toFixed(4)}.${start ? " That is about chance: the training never left its start." : ""}`,
    ];
  });
  if (rates.length === 0) return [];
  const changes = comparedVariants(report).flatMap(({ name, tasks }) => {
    const [before, after] = [tasks[at]?.overall.difference, tasks[at]?.collapsed?.difference];
    if (!before || !after || before.verdict.kind === after.verdict.kind) return [];
    return [`${name} is ${after.verdict.kind} (${rangeText(after)}) instead of ${before.verdict.kind}`];
  });
  const rest = changes.length === 0 ? "no verdict changes" : changes.join("; ");
  return [...rates, `Without collapsed runs, in ${where}: ${rest}.`];
}

/** A variant is worth a sentence from this share of the model's parameters on. */
const leastSaving = 0.05;

function savings({ variants: [model], tasks: judged }: StudyReport, variants: readonly StudyVariant[]): string[] {
  if (!judged.every(isAboveChance)) return [];
  return variants.flatMap(({ name, tasks, denseParameters }) => {
    const saved = model === undefined ? 0 : 1 - denseParameters / model.denseParameters;
    const fine = tasks.every(({ overall }) =>
      ["equivalent", "better"].includes(overall.difference?.verdict.kind ?? "undecided"),
    );
    if (!fine || !(saved >= leastSaving)) return [];
    return [`${name} has ${percent(saved, 0)} fewer parameters (without embeddings) and loses nothing that matters.`];
  });
}

function planConclusions({ plan }: StudyReport): string[] {
  if (plan === null) return [];
  const when = `${plan.registered.slice(0, 16).replace("T", " ")} UTC`;
  const plain = plan.question.trim().replace(/\s+/g, " ");
  const before =
    plan.runsBefore === 0
      ? "before its first run"
      : `when ${count(plan.runsBefore, "of its runs was", "of its runs were")} already cached, so their results may have been seen`;
  const question = `Planned on ${when}, ${before}: “${plain}”`;
  if (plan.exploratory) return [`Exploratory: these variants were not in the plan. ${question}`];
  return [
    question,
    plan.domains
      ? "Comparisons by domain are part of the plan."
      : "Comparisons by domain were not planned: they are exploratory.",
    ...explorationsText(plan),
  ];
}

function explorationsText({ explorations }: PlanReport): string[] {
  if (explorations.length === 0) return ["Nothing else was looked at through the plan."];
  const names = [...new Set(explorations.flatMap(({ variants }) => variants))];
  return [`Looked at afterwards, exploratory and not in this report: ${names.join("; ")}.`];
}

const leastFall = 0.002;
/** Standard errors over seeds. */
const clearly = 3;

function peakConclusions({ tasks, variants }: StudyReport): string[] {
  const trained = variants.filter(({ runs }) => runs.length > 0 && runs.every(({ bestStep }) => bestStep === null));
  const [model] = variants;
  return tasks.flatMap((task, at) => {
    const peak = model === undefined || !trained.includes(model) ? null : peakOf(task, model);
    if (peak === null) return [];
    const falling = trained.filter((variant) => peakOf(task, variant) !== null).length;
    const largest = Math.max(...variants.map(({ tasks: of }) => Math.abs(of[at]?.overall.difference?.mean ?? 0)));
    const where = `${task.tower} ${metricName(task)}`;
    const more = peak.fall > largest ? `, which is more than any variant changes it (${largest.toFixed(4)})` : "";
    return [
      `In ${falling} of ${count(trained.length, "model")}, ${where} peaks before the end: in the model at step ${peak.step} of ${peak.last}, and it is worse by ${peak.fall.toFixed(4)} at the end${more}. All are compared at the end, after equal steps; to compare before the fall, use model.train({ steps: ${peak.step} }).`,
    ];
  });
}

/** The peak, the last step, and the fall from the peak to the end, as a positive number; `null`: no clear fall. */
function peakOf(task: StudyTask, variant: StudyVariant) {
  const points = curvePoints(task, variant);
  const sign = task.higherIsBetter ? 1 : -1;
  const last = points.at(-1);
  if (last === undefined || variant.runs.length < 2) return null;
  const best = highest(points, (point) => sign * point.mean)!;
  const falls = best.bySeed.map((value, seed) => sign * (value - last.bySeed[seed]!));
  const fall = mean(falls);
  if (fall < leastFall || fall < clearly * Math.sqrt(sampleVariance(falls) / falls.length)) return null;
  return { step: best.step, last: last.step, fall };
}

const MAX_VARIANTS = 40;
/** With more columns, cells have no numbers. */
export const CELL_TEXT_COLUMNS = 10;
const MAX_DOMAINS = 20;
const LEAST_SPAN = 0.001;

export function studyDomainsChart(report: StudyReport): Chart {
  const variants = comparedVariants(report).slice(0, MAX_VARIANTS);
  const differences = variants.flatMap(({ tasks }) =>
    tasks.flatMap((task) => studyCells(task).map(({ difference }) => difference?.mean ?? null)),
  );
  const places = domainPlaces(report, variants);
  const maps = report.tasks.map((task, t) => domainsMap(report, variants, places, { task, t }));
  const rows = maps.map((map, t): PanelRow => {
    return {
      height: mapHeight(map.rows.length),
      panels: [differencesPanel(map, report.tasks[t]!, differences, t === 0)],
    };
  });
  const hasTexts = maps.every(({ columns }) => columns.length <= CELL_TEXT_COLUMNS);
  const part = places.length - 1;
  const isCut = part > 0 && part < report.domainNames.length;
  return chart({
    title: planMark(report, "domains") + domainsTitle(report, hasTexts, isCut ? part : null),
    rows,
    sheet: studyDomainsSheet(report),
  });
}

/** Places of cells: all rows, then the domains; if there are many, those that differ most beyond noise. A single domain has all rows. */
function domainPlaces({ domainNames }: StudyReport, variants: readonly StudyVariant[]): number[] {
  if (domainNames.length < 2) return [0];
  const size = (place: number): number => {
    const cells = variants.flatMap(({ tasks }) => tasks.flatMap((task) => studyCells(task)[place]?.difference ?? []));
    return Math.max(0, ...cells.map(({ mean, verdict }) => Math.abs(mean) + (isBeyondNoise(verdict.kind) ? 1 : 0)));
  };
  return [
    0,
    ...largestOf(
      [...domainNames.keys()].map((d) => d + 1),
      size,
      MAX_DOMAINS,
    ),
  ];
}

/** Variants × domains; many domains are listed below each other, where their names have room. */
function domainsMap(
  report: StudyReport,
  variants: readonly StudyVariant[],
  places: readonly number[],
  { task, t }: { readonly task: StudyTask; readonly t: number },
): DifferenceMap {
  const names = places.map((place) => (place === 0 ? ALL_ROWS : report.domainNames[place - 1]!));
  const variantNames = variants.map(({ name }) => name);
  const cell = (variant: number, place: number) =>
    studyCells(variants[variant]!.tasks[t])[places[place]!]?.difference ?? null;
  const shared = { title: taskName(task), gap: "not defined" };
  if (places.length > CELL_TEXT_COLUMNS && variants.length <= CELL_TEXT_COLUMNS) {
    return {
      ...shared,
      rows: names,
      columns: variantNames,
      differences: names.map((_, r) => variantNames.map((__, c) => cell(c, r))),
      name: (r, c) => `${variantNames[c]!}, ${names[r]!}`,
    };
  }
  return {
    ...shared,
    rows: variantNames,
    columns: names,
    differences: variantNames.map((_, r) => names.map((__, c) => cell(r, c))),
    name: (r, c) => `${variantNames[r]!}, ${names[c]!}`,
  };
}

export function mapHeight(rows: number): number {
  return Math.max(60, rows * 24);
}

/** A difference of a heat map. */
export interface MapDifference {
  readonly mean: number;
  readonly verdict: { readonly kind: string; readonly text: string };
}

/** Differences by row and column. */
export interface DifferenceMap {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [rows][columns] */
  readonly differences: readonly (readonly (MapDifference | null)[])[];
  readonly name: (row: number, column: number) => string;
  readonly gap: string;
}

/** Differences as numbers; those beyond noise in colours, with ▲ or ▼. @param all those of every panel */
export function differencesPanel(
  map: DifferenceMap,
  { higherIsBetter }: Pick<StudyTask, "higherIsBetter">,
  all: readonly (number | null)[],
  hasBar: boolean,
): Panel {
  const sign = higherIsBetter ? 1 : -1;
  const difference = (row: number, column: number) => map.differences[row]?.[column] ?? null;
  const span = 1.05 * Math.max(LEAST_SPAN, ...all.map((value) => Math.abs(value ?? 0)));
  return heatPanel({
    ...map,
    values: map.differences.map((row) =>
      row.map((each) => (each === null ? null : isBeyondNoise(each.verdict.kind) ? sign * each.mean : 0)),
    ),
    range: [-span, span],
    scale: DIVERGING,
    bar: hasBar ? { title: { text: "better by", side: "top" }, tickformat: ".2~g", nticks: 5 } : null,
    cell: (r, c) => `${marks[difference(r, c)?.verdict.kind ?? ""] ?? ""}${signed(difference(r, c)?.mean, 4)}`,
    hover: (r, c) => {
      const cell = difference(r, c);
      const name = markup`${map.name(r, c)}`;
      return cell === null ? name : markup`${name}<br>${signed(cell.mean, 5)}: ${cell.verdict.text}`;
    },
    height: mapHeight(map.rows.length),
  });
}

const marks: Readonly<Record<string, string>> = { better: "▲ ", worse: "▼ " };

function isBeyondNoise(kind: string | undefined): boolean {
  return kind === "better" || kind === "worse";
}

/** @param part domains, of more; `null`: all of them */
function domainsTitle(report: StudyReport, hasTexts: boolean, part: number | null): string {
  const metric = metricOfAll(report);
  if (report.domainNames.length === 0) return `Differences in ${metric} by task: the model has no domains`;
  const seesaw = comparedVariants(report).find(({ tasks }) => {
    const kinds = tasks.flatMap((task) => studyCells(task).map((cell) => cell.difference?.verdict.kind));
    return kinds.includes("better") && kinds.includes("worse");
  });
  const domains = report.variants.flatMap(({ tasks }) => tasks.flatMap((task) => task.domains));
  const sure = domains.filter((cell) => isBeyondNoise(cell.difference?.verdict.kind)).length;
  const summary =
    sure === 0
      ? `No difference in ${metric} of a domain is beyond noise`
      : `${count(sure, "difference")} in ${metric} of a domain beyond noise`;
  return sentence([
    summary,
    sure === 0 ? null : "▲ better, ▼ worse",
    seesaw === undefined ? null : `a seesaw in ${shorten(seesaw.name, 28)}`,
    hasTexts ? null : "numbers in the table",
    part === null ? null : `the ${part} of ${count(report.domainNames.length, "domain")} that differ most`,
  ]);
}

/** Two numeric settings that were varied together: the difference of each pair of values, with all other settings as in the model. */
export function studyGridChart(report: StudyReport): Chart {
  const planes = planesOf(report);
  const maps = report.tasks.flatMap((task, t) => planes.map((plane) => ({ task, ...gridMap(report, plane, task, t) })));
  const all = maps.flatMap(({ differences }) => differences.flat().map((each) => each?.mean ?? null));
  return chart({
    title: planMark(report) + gridTitle(report, planes.length),
    rows: panelRows(
      maps.map(({ task, ...map }, at) => differencesPanel(map, task, all, at === 0)),
      {
        across: 1,
        height: mapHeight(Math.max(0, ...maps.map(({ rows }) => rows.length))),
        empty: "no pairs of settings",
      },
    ),
    sheet: studySheet(report),
  });
}

/** Pairs of responses that are means over each other's settings. */
export function planesOf({ responses, tasks }: StudyReport): (readonly [StudyResponse, StudyResponse])[] {
  const axes = responses.filter(({ domain, tower }) => domain === null && tower === tasks[0]?.tower);
  return axes.flatMap((first, at) =>
    axes.slice(at + 1).flatMap((second) => (first.averaged.includes(second.path) ? [[first, second] as const] : [])),
  );
}

function gridMap(
  report: StudyReport,
  [across, down]: readonly [StudyResponse, StudyResponse],
  task: StudyTask,
  t: number,
): DifferenceMap {
  const [columns, rows] = [across, down].map(({ points }) => points.map(({ value }) => value)) as [number[], number[]];
  const modelValues = new Map(report.responses.map(({ path, modelValue }) => [path, String(modelValue)]));
  const pairOf = (settings: StudyVariant["settings"]) => {
    const others = Object.entries(settings).filter(([path]) => path !== across.path && path !== down.path);
    if (others.some(([path, text]) => modelValues.get(path) !== text)) return null;
    return [across, down].map(({ path, modelValue }) => settings[path] ?? String(modelValue)).join();
  };
  const byPair = new Map(comparedVariants(report).map(({ settings, tasks }) => [pairOf(settings), tasks[t]?.overall]));
  return {
    title: `${taskName(task)}: ${across.path} across`,
    rows: rows.map((value) => `${down.path} ${value}`),
    columns: columns.map(String),
    differences: rows.map((y) => columns.map((x) => byPair.get(`${x},${y}`)?.difference ?? null)),
    name: (r: number, c: number) => `${across.path} ${columns[c]}, ${down.path} ${rows[r]}`,
    gap: "the model, or not trained",
  };
}

function gridTitle(report: StudyReport, planes: number): string {
  if (planes === 0) return "No two numeric settings were varied together";
  const sure = comparedVariants(report).filter(({ tasks }) => {
    return tasks.some(({ overall }) => isBeyondNoise(overall.difference?.verdict.kind));
  });
  const metric = metricOfAll(report);
  if (sure.length === 0) return `No pair of values differs in ${metric} beyond noise; by pair of values`;
  return `${count(sure.length, "pair")} of values differ in ${metric} beyond noise; from the model, ▲ better, ▼ worse`;
}
