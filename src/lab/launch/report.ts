/** The results of a launch: the curve of each start, the best start, and from how many rows the domain's own tower pays. */

import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { isBinary, listDomainNames, type ModelSpec, type TowerSpec } from "../../core/spec/model.js";
import { cellRows, type UserColumn } from "../../core/train/measure/task-rows.js";
import { countPositives } from "../../core/util/numbers.js";
import { nextTurn } from "../../core/util/turns.js";
import { dayTask, influenced } from "../days/cells.js";
import type { DayMetric } from "../days/facts.js";
import { estimateInterval, type LaunchEstimate, weightedSum } from "./estimates.js";
import type {
  LaunchBest,
  LaunchCell,
  LaunchComparison,
  LaunchGain,
  LaunchPays,
  LaunchReport,
  LaunchStart,
} from "./facts.js";
import { crossing } from "./pays.js";
import type { LaunchPlan } from "./plan.js";
import { launchSentences, paysSays, startSays } from "./sentences.js";
import type { DrawScores, TrainedLaunch } from "./train-launch.js";

export interface LaunchReportRequest {
  readonly spec: ModelSpec;
  readonly plan: LaunchPlan;
  readonly trained: TrainedLaunch;
  /** Of all rows among which some were measured. */
  readonly users: UserColumn | null;
  readonly order: LaunchReport["order"];
  readonly matters: number;
}

export async function launchReport(request: LaunchReportRequest): Promise<LaunchReport> {
  const { spec, plan, users, order, matters } = request;
  const trained = { ...request.trained, scores: wholeDraws(request.trained) };
  const towers = spec.towers.filter(isBinary);
  const sizes = plan.sizes.slice(0, trained.sizes);
  const units = Int32Array.from(plan.measured, (row) => users?.codes[row] ?? -1);
  const parts: TaskResults[] = [];
  for (const [at, tower] of towers.entries()) {
    await nextTurn();
    parts.push(taskResults({ request: { ...request, trained }, tower, task: at, sizes, units, tests: towers.length }));
  }
  const report = {
    domain: listDomainNames(spec)[plan.domain]!,
    starts: plan.starts,
    sizes,
    baseRows: plan.base.length,
    measuredRows: plan.measured.length,
    order,
    tasks: towers.map(dayTask),
    user: users?.name ?? null,
    matters,
    draws: trained.scores.length - 1,
    cells: parts.flatMap(({ cells }) => cells),
    comparisons: parts.flatMap(({ comparisons }) => comparisons),
    best: parts.map(({ best }) => best),
    pays: parts.flatMap(({ pays }) => pays),
    trainings: trained.trainings,
    interrupted: trained.interrupted,
  };
  return { ...report, sentences: launchSentences(report) };
}

/** All rows, and the draws that have every model that all rows have. */
function wholeDraws({ scores: [all, ...draws] }: TrainedLaunch): DrawScores[] {
  const isWhole = (draw: DrawScores): boolean =>
    all!.every((sizes, start) => sizes.every((each, size) => each === null || draw[start]![size] != null));
  return [all!, ...draws.filter(isWhole)];
}

interface TaskRequest {
  readonly request: LaunchReportRequest;
  readonly tower: TowerSpec;
  readonly task: number;
  readonly sizes: readonly number[];
  /** [measured rows] */
  readonly units: Int32Array;
  readonly tests: number;
}

interface TaskResults extends Pick<LaunchReport, "cells" | "comparisons" | "pays"> {
  readonly best: LaunchBest;
}

function taskResults(request: TaskRequest): TaskResults {
  const aucs = estimates(request, "auc");
  const losses = estimates(request, "logLoss");
  const compared = comparisons(request, aucs);
  const best = { task: dayTask(request.tower), start: bestStart(request.request.plan, compared) };
  return { cells: cells(request, aucs, losses), comparisons: compared, best, pays: pays(request, aucs) };
}

/** By start and size; `null`: not defined, or not trained. */
type ByStart = readonly (readonly (LaunchEstimate | null)[])[];

function estimates({ request, tower, task, sizes }: TaskRequest, metric: DayMetric): ByStart {
  const { plan, trained } = request;
  const place = { rows: cellRows(tower, trained.columns, 0)[0]!, labels: trained.columns.labels.get(tower.label)! };
  return plan.starts.map((_, start) =>
    sizes.map((__, size) => {
      const [all, ...draws] = trained.scores.map((scores) => {
        return influenced(scores[start]![size] ?? null, task, place, metric);
      });
      if (all == null) return null;
      return { ...all, draws: draws.flatMap((draw) => draw?.value ?? []) };
    }),
  );
}

function cells({ request, tower, sizes, units }: TaskRequest, aucs: ByStart, losses: ByStart): LaunchCell[] {
  const { plan, trained } = request;
  const labels = trained.columns.labels.get(tower.label)!;
  const rows = cellRows(tower, trained.columns, 0)[0]!;
  const positives = countPositives(labels, rows);
  const isOneClass = positives === 0 || positives === rows.length;
  return plan.starts.flatMap(({ name }, start) =>
    sizes.map((trainedRows, size): LaunchCell => {
      const isTrained = trained.scores[0]![start]![size] != null;
      const note = !isTrained ? "no batch of rows" : rows.length === 0 ? "no rows" : isOneClass ? "one class" : null;
      return {
        task: dayTask(tower),
        start: name,
        trained: trainedRows,
        rows: rows.length,
        positives,
        auc: estimateInterval(aucs[start]![size]!, units),
        logLoss: estimateInterval(losses[start]![size]!, units),
        note,
      };
    }),
  );
}

/** The mean over sizes, each of which counts the same. */
function meanOf(curve: readonly (LaunchEstimate | null)[]): LaunchEstimate | null {
  const defined = curve.filter((each) => each !== null);
  return weightedSum(defined.map((each) => [1 / defined.length, each]));
}

/**
 * The families of tests of a task: whether a domain is best, which requires that it is better than each other one, and
 * whether another start is better still.
 */
const families = 2;

/** Each start compared with the best of the other domains. */
function comparisons({ request, tower, units, tests }: TaskRequest, aucs: ByStart): LaunchComparison[] {
  const { starts } = request.plan;
  const means = aucs.map(meanOf);
  const best = bestDomainPlace(starts, means);
  if (best === null) return [];
  return starts.flatMap(({ name }, at): LaunchComparison[] => {
    if (at === best) return [];
    const gap = weightedSum([
      [1, means[best]!],
      [-1, means[at]!],
    ]);
    const interval = estimateInterval(gap, units, families * tests);
    const than = starts[best]!.name;
    const place = { task: dayTask(tower), start: name, than, mean: means[at]?.value ?? null };
    return [{ ...place, ...interval, ...startSays(interval, than) }];
  });
}

function bestDomainPlace(starts: readonly LaunchStart[], means: readonly (LaunchEstimate | null)[]): number | null {
  let best: number | null = null;
  for (const [at, each] of means.entries()) {
    if (starts[at]!.kind !== "domain" || each === null) continue;
    if (best === null || each.value > means[best]!.value) best = at;
  }
  return best;
}

/** Another start that is better than every domain; else the domain that is better than the others, or than nothing. */
function bestStart({ starts }: LaunchPlan, compared: readonly LaunchComparison[]): string | null {
  const better = compared.filter(({ verdict }) => verdict === "better");
  if (better.length > 0) return better.reduce((a, b) => (b.mean! > a.mean! ? b : a)).start;
  const domains = new Set(starts.flatMap(({ kind, name }) => (kind === "domain" ? [name] : [])));
  const rivals = domains.size > 1 ? compared.filter(({ start }) => domains.has(start)) : compared;
  const isBest = rivals.length > 0 && rivals.every(({ verdict }) => verdict === "worse");
  return isBest ? rivals[0]!.than : null;
}

/** For each other domain: a separate tower that starts from that domain's, compared with that domain's tower. */
function pays({ request, tower, sizes, units, tests }: TaskRequest, aucs: ByStart): LaunchPays[] {
  const { plan, matters } = request;
  return plan.starts.flatMap(({ name, kind }, start): LaunchPays[] => {
    if (kind !== "domain") return [];
    const [served, ...trained] = aucs[start]!;
    const gained = trained.flatMap((estimate, at) => {
      const gain = weightedSum([
        [1, estimate],
        [-1, served!],
      ]);
      return gain === null ? [] : [{ trained: sizes[at + 1]!, gain }];
    });
    const gains = gained.map(({ trained: rows, gain }): LaunchGain => {
      return { trained: rows, gain: estimateInterval(gain, units, tests) };
    });
    const hasNoise = gained.length > 0 && gains.every(({ gain }) => gain.low !== null);
    const from: Interval = hasNoise
      ? crossing(
          gained.map((each) => each.trained),
          gained.map(({ gain }) => gain),
          units,
          matters,
        )
      : { value: null, low: null, high: null };
    return [{ task: dayTask(tower), start: name, gains, from, ...paysSays(gains, from, matters) }];
  });
}

/** The share of measured rows of the user with the most. */
export function largestShare(plan: LaunchPlan, users: UserColumn | null): number | null {
  if (users === null || plan.measured.length === 0) return null;
  const counts = new Map<number, number>();
  for (const row of plan.measured) {
    const user = users.codes[row]!;
    if (user >= 0) counts.set(user, (counts.get(user) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) / plan.measured.length;
}
