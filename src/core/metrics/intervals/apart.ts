/** Groups of an evaluation whose metric differs from the other groups' by more than noise. */

import { weightedMean } from "../../util/numbers.js";
import { studentQuantile, studentTails } from "../distributions.js";
import type { ApartGroups, Evaluation, MetricName, TaskMetrics } from "../types.js";
import { criticalZ, type Ends, holm, widenedFor } from "./normal.js";

const groupMetrics: readonly MetricName[] = ["auc", "logLoss", "calibration"];

/**
 * Adds the groups beyond noise to an evaluation. Tests all metrics, tasks and groups at once, as a chart shows them.
 */
export function withGroupsApart(evaluation: Evaluation): Evaluation {
  return { ...evaluation, apart: apartTogether(evaluation, groupMetrics) };
}

/**
 * Tests the groups of each task at once (Holm), by the standard errors of their intervals; without intervals, none is
 * apart.
 */
export function groupsApart(evaluation: Evaluation, metric: MetricName): ApartGroups[] {
  return apartTogether(evaluation, [metric])[metric]!;
}

function apartTogether(evaluation: Evaluation, metrics: readonly MetricName[]) {
  const share = evaluation.intervalMethod?.level ?? 0.95;
  const domains = Math.max(1, evaluation.groups?.domains?.length ?? 1);
  const series = metrics.flatMap((metric) =>
    evaluation.tasks.map(({ domains: cells }) => {
      const size = cells.length / domains;
      const parts = Array.from({ length: domains }, (_, d) => cells.slice(d * size, (d + 1) * size));
      const levels = parts.map((part) => commonLevel(part, metric, share));
      const pValues = parts.flatMap((part, d) => part.map((cell) => cellP(cell, metric, levels[d]!, share)));
      return { levels, pValues };
    }),
  );
  const adjusted = holm(series.flatMap(({ pValues }) => pValues));
  const apart = series.map(({ levels, pValues }): ApartGroups => {
    const isApart = adjusted.splice(0, pValues.length).map((p) => p !== null && p <= 1 - share);
    return { levels: levels.map(({ value }) => value), isApart };
  });
  const entries = metrics.map((metric) => [metric, apart.splice(0, evaluation.tasks.length)] as const);
  return Object.fromEntries(entries) as Partial<Record<MetricName, ApartGroups[]>>;
}

/** The AUC within domains: their mean, weighted by rows, and by domain an interval that holds for all of them at once. */
export interface WithinDomains {
  readonly mean: number;
  /** `null`: no interval. */
  readonly intervals: readonly (Ends | null)[];
}

/** `null` with fewer than two intervals. @param level of the intervals */
export function aucWithinDomains(domains: readonly TaskMetrics[], level: number): WithinDomains | null {
  const all = domains.map(({ rows, auc, intervals }) => {
    const { low = null, high = null } = intervals?.auc ?? {};
    return auc === null || low === null || high === null ? null : { rows, auc, low, high };
  });
  const measured = all.filter((domain) => domain !== null);
  if (measured.length < 2) return null;
  const mean = weightedMean(
    measured,
    ({ rows }) => rows,
    ({ auc }) => auc,
  );
  const intervals = all.map((domain) => domain && widenedFor(domain.auc, domain, measured.length, level));
  return { mean, intervals };
}

interface Level {
  readonly value: number | null;
  readonly error: number;
}

function commonLevel(cells: readonly TaskMetrics[], metric: MetricName, share: number): Level {
  if (metric === "calibration") return { value: 1, error: 0 };
  const measured = cells.filter((cell) => Number.isFinite(cell[metric] ?? Number.NaN));
  const sorted = [...measured].sort((a, b) => a[metric]! - b[metric]!);
  const value = weightedMedian(sorted.map((cell) => ({ value: cell[metric]!, rows: cell.rows })));
  const errors = measured.flatMap((cell) => standardError(cell, metric, share) ?? []);
  // A median of normal values has π / 2 times the variance of their mean.
  const precision = errors.reduce((sum, error) => sum + (error > 0 ? error ** -2 : 0), 0);
  return { value, error: precision > 0 ? Math.sqrt(Math.PI / 2 / precision) : 0 };
}

/** The value with half of the rows below, interpolated between the middles of the values' rows. */
function weightedMedian(sorted: readonly { readonly value: number; readonly rows: number }[]): number | null {
  const half = sorted.reduce((sum, { rows }) => sum + rows, 0) / 2;
  let [below, last] = [0, null as { value: number; middle: number } | null];
  for (const { value, rows } of sorted) {
    const middle = below + rows / 2;
    if (middle >= half) {
      if (last === null || middle === last.middle) return value;
      return last.value + ((value - last.value) * (half - last.middle)) / (middle - last.middle);
    }
    last = { value, middle };
    below += rows;
  }
  return last === null ? null : last.value;
}

function cellP(cell: TaskMetrics, metric: MetricName, level: Level, share: number): number | null {
  const { value = null, low = null, high = null, df = Number.POSITIVE_INFINITY } = cell.intervals?.[metric] ?? {};
  const error = standardError(cell, metric, share);
  if (value === null || error === null || level.value === null) return null;
  // A ratio varies evenly by factors.
  const [distance, spread] =
    metric === "calibration" && low! > 0
      ? [Math.log(value), Math.log(high! / low!) / (2 * reachOf(df, share))]
      : [value - level.value, Math.hypot(error, level.error)];
  return spread > 0 ? studentTails(distance / spread, df) : distance === 0 ? 1 : 0;
}

/** The standard error by the width of the interval; `null` without an interval. */
function standardError({ intervals }: TaskMetrics, metric: MetricName, share: number): number | null {
  const { low = null, high = null, df = Number.POSITIVE_INFINITY } = intervals?.[metric] ?? {};
  return low === null || high === null ? null : (high - low) / (2 * reachOf(df, share));
}

/** The half-width of an interval, in standard errors: few users widen it, and many simultaneous tests need a higher quantile of the same distribution. */
function reachOf(df: number, share: number): number {
  return df === Number.POSITIVE_INFINITY ? criticalZ(share) : studentQuantile(1 - share, df);
}
