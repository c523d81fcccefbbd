/** The results of a day-by-day run: metrics by day, comparisons of its variants, ageing, and conclusions. */
import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { Influenced } from "../../core/metrics/influence.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { isBinary, listDomainNames, type ModelSpec, type TowerSpec } from "../../core/spec/model.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import { getOrMake } from "../../core/util/growing.js";
import { nextTurn } from "../../core/util/turns.js";
import { type ByDay, type CellAgeing, cellAgeing, pairedDays } from "./ageing.js";
import {
  type DayPlace,
  dayEstimate,
  dayInterval,
  dayPlaces,
  dayTask,
  influenced,
  takePlace,
  unitsByDay,
} from "./cells.js";
import type { DayMetric, DayReport, LogDay } from "./facts.js";
import { type NewIds, newIds } from "./new-ids.js";
import { type DayEstimate, meanOverDays } from "./over-days.js";
import { type DayPlan, type DayVariant, longestWindow } from "./plan.js";
import { comparisonSays, daySentences } from "./sentences.js";
import type { DayScores, TrainedDays } from "./train-days.js";

export interface ReportRequest {
  readonly spec: ModelSpec;
  readonly plan: DayPlan;
  readonly trained: TrainedDays;
  readonly rows: EncodedRows;
  /** Of {@link domainDays}. */
  readonly before: readonly Float64Array[];
  readonly users: UserColumn | null;
  /** The items of the rows, as users. */
  readonly items: UserColumn | null;
  readonly unit: string;
  readonly matters: number;
}

export async function dayReport(request: ReportRequest): Promise<DayReport> {
  const { spec, plan, trained, rows, before, users, items, unit, matters } = request;
  const { periods, variants } = plan;
  const towers = spec.towers.filter(isBinary);
  const domainNames = listDomainNames(spec);
  const ids = await newIds(spec, rows, periods);
  const tests = towers.length * (domainNames.length < 2 ? 1 : 1 + domainNames.length);
  const parts: CellResults[] = [];
  const units = {
    users: unitsByDay(periods, users?.codes ?? null),
    items: items && unitsByDay(periods, items.codes),
  };
  for (const [t, tower] of towers.entries()) {
    const places = new Map<number, DayPlace[]>();
    for (const [day, columns] of trained.columns) {
      if (day < trained.end) places.set(day, dayPlaces(tower, day, columns, domainNames.length, units));
    }
    // One domain is all rows.
    for (let domain = -1; domain < (domainNames.length < 2 ? 0 : domainNames.length); domain++) {
      await nextTurn();
      const cell = new Map([...places].map(([day, all]) => [day, all[domain + 1]!]));
      parts.push(cellResults({ request, tower, task: t, domain, places: cell, before, tests }));
    }
  }
  const report = {
    unit,
    days: periods.names.map((name, day) => logDay(name, day, plan, trained, ids)),
    variants,
    tasks: towers.map(dayTask),
    domainNames,
    user: users?.name ?? null,
    item: items?.name ?? null,
    matters,
    cells: parts.flatMap(({ cells }) => cells),
    comparisons: parts.flatMap(({ comparisons }) => comparisons),
    ageing: parts.flatMap(({ ageing }) => ageing),
    halfLives: parts.flatMap(({ halfLives }) => halfLives),
    aged: plan.aged === null ? null : variants[plan.aged]!.name,
    trainings: trained.trainings,
    interrupted: trained.interrupted,
  };
  return { ...report, sentences: daySentences(report) };
}

function logDay(name: string, day: number, { periods, start }: DayPlan, { end }: TrainedDays, ids: NewIds[]): LogDay {
  return {
    name,
    rows: periods.rows[day]!.length,
    isMeasured: day >= start && day < end,
    newIds: Object.fromEntries(ids.map(({ feature, shares }) => [feature, shares[day] ?? null])),
  };
}

/** [domain][period]: the number of rows. */
export async function domainDays({
  spec,
  plan: { periods },
  rows,
}: Pick<ReportRequest, "spec" | "plan" | "rows">): Promise<Float64Array[]> {
  const domains = listDomainNames(spec).length;
  const counts = Array.from({ length: domains }, () => new Float64Array(periods.names.length));
  const { domains: codes } = await measuredColumns(rows, new Set());
  if (codes === null) return counts;
  for (const [day, numbers] of periods.rows.entries()) for (const row of numbers) counts[codes[row]!]![day]! += 1;
  return counts;
}

interface CellRequest {
  readonly request: ReportRequest;
  readonly tower: TowerSpec;
  readonly task: number;
  readonly domain: number;
  readonly places: ReadonlyMap<number, DayPlace>;
  /** [domain][period] */
  readonly before: readonly Float64Array[];
  readonly tests: number;
}

type CellResults = Pick<DayReport, "cells" | "comparisons" | "ageing" | "halfLives">;

const metrics: readonly DayMetric[] = ["auc", "logLoss"];

function cellResults(request: CellRequest): CellResults {
  const { plan, trained, matters } = request.request;
  const { domain, tests } = request;
  const task = dayTask(request.tower);
  const place = { task, domain };
  const results: { [Name in keyof CellResults]: CellResults[Name][number][] } = {
    cells: [],
    comparisons: [],
    ageing: [],
    halfLives: [],
  };
  const measures = metrics.map((metric) => estimator(request, metric));
  const values = measures.map((measured) => trained.scores.map(measured));
  for (const [v, variant] of plan.variants.entries()) {
    for (const [day, rows] of request.places) {
      const [auc, logLoss] = values.map((all) => dayInterval(all[v]!.influenced.get(day)!, rows)) as [
        Interval,
        Interval,
      ];
      const { length } = rows.rows;
      const note = cellNote(request, variant, day, trained.scores[v]!.get(day) ?? null);
      results.cells.push({
        ...place,
        day,
        variant: variant.name,
        rows: length,
        positives: rows.positives,
        auc,
        logLoss,
        note,
      });
    }
  }
  for (const [m, metric] of metrics.entries()) {
    const estimates = values[m]!.map((each) => each.estimates);
    for (const [first, second] of comparedPairs(plan)) {
      const differences = pairedDays(estimates[first]!, estimates[second]!, 1);
      const interval = meanOverDays(differences, tests);
      const [variant, than] = [plan.variants[first]!.name, plan.variants[second]!.name];
      const says = comparisonSays(interval, metric, matters, than);
      results.comparisons.push({ ...place, metric, variant, than, days: differences.length, ...interval, ...says });
    }
    if (plan.aged === null) continue;
    const ageing = measuredAgeing(request, metric, measures[m]!);
    for (const { age, days, ...loss } of ageing.losses) results.ageing.push({ ...place, metric, age, days, loss });
    if (metric === "auc") results.halfLives.push({ ...place, ...ageing.halfLife });
  }
  return results;
}

/**
 * The ageing of a cell, on rows of domains that all compared models were trained on: an older model's errors on a new
 * domain are not due to its age.
 */
function measuredAgeing(request: CellRequest, metric: DayMetric, measured: Measured): CellAgeing {
  const { domain, before, tests } = request;
  const { plan, trained } = request.request;
  const window = plan.variants[plan.aged!]!.window!;
  const firsts = before.map((counts) => counts.findIndex((rows) => rows > 0));
  const isLate = (each: number): boolean => firsts[each]! > plan.start - window;
  const isWhole = domain >= 0 || !firsts.some((_, each) => isLate(each));
  const byDay = isWhole ? measured : estimator({ ...request, places: withoutDomains(request, isLate) }, metric);
  const models = byDay(trained.scores[plan.aged!]!).estimates;
  const aged = trained.aged.map((scores, at): ByDay => {
    const { estimates } = byDay(scores);
    if (domain < 0) return estimates;
    return new Map([...estimates].filter(([day]) => day - (at + 1) - window >= firsts[domain]!));
  });
  return cellAgeing(models, aged, metric === "auc" ? 1 : -1, tests);
}

/** The rows of all but some domains. */
function withoutDomains(
  { places, request }: CellRequest,
  isLeftOut: (domain: number) => boolean,
): CellRequest["places"] {
  return new Map(
    [...places].map(([day, place]) => {
      const { domains } = request.trained.columns.get(day)!;
      return [day, takePlace(place, (row) => !isLeftOut(domains![row]!))];
    }),
  );
}

/** Each other variant compared with continuing, and each shorter window with the longest one. */
function comparedPairs({ variants }: DayPlan): (readonly [number, number])[] {
  const longest = longestWindow(variants);
  return [
    ...variants.flatMap((_, at) => (at === 0 ? [] : [[0, at] as const])),
    ...variants.flatMap(({ window }, at) =>
      window === null || longest === null || at === longest ? [] : [[at, longest] as const],
    ),
  ];
}

/** The metric of a variant's scores on each day. */
type Measured = (scores: ReadonlyMap<number, DayScores>) => {
  readonly influenced: ReadonlyMap<number, Influenced | null>;
  readonly estimates: ByDay;
};

/** Measures scores only once if several variants share them, such as those of the first model. */
function estimator({ places, task }: CellRequest, metric: DayMetric): Measured {
  const measured = new Map<DayScores, Influenced | null>();
  return (scores) => {
    const all = new Map<number, Influenced | null>();
    const estimates = new Map<number, DayEstimate>();
    for (const [day, place] of places) {
      const its = scores.get(day) ?? null;
      const estimate = getOrMake(measured, its, () => influenced(its, task, place, metric));
      all.set(day, estimate);
      if (estimate !== null) estimates.set(day, dayEstimate(estimate, place));
    }
    return { estimates, influenced: all };
  };
}

function cellNote(
  { request: { plan }, places, domain, before }: CellRequest,
  { kind, window }: DayVariant,
  day: number,
  scores: DayScores,
): string | null {
  const { rows, positives } = places.get(day)!;
  if (rows.length === 0) return "no rows";
  if (scores === null) return "no rows to train on";
  const labels: string[] = [];
  if (positives === 0 || positives === rows.length) labels.push("one class");
  if (domain >= 0) {
    const [from, to] = kind === "afresh" ? [Math.max(0, day - window!), day] : [0, kind === "warm" ? day : plan.start];
    if (before[domain]!.subarray(from, to).every((count) => count === 0))
      labels.push("no training rows of this domain");
  }
  return labels.length === 0 ? null : labels.join("; ");
}
