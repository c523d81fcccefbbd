/** Results with a time, training rows or domains to compare, for charts of drift. */

import { type ComparedColumn, type DriftReport, driftReport } from "../../../src/core/data/summary/drift.js";
import { withGroupsApart } from "../../../src/core/metrics/intervals/apart.js";
import type { Evaluation, EvaluationGroups, TaskMetrics } from "../../../src/core/metrics/types.js";
import { random } from "../../../src/core/util/random.js";
import { evaluation, metrics, taobaoFields, withIntervals } from "./results.js";

/** A test set of 3,000 rows against 12,000 training rows: age and price moved, user ids only by chance. */
export function drift(names: readonly string[], columns: readonly string[] = taobaoFields): DriftReport {
  const shares = [0.25, 0.2, 0.2, 0.2, 0.15];
  const binned = columns.map((name, c): ComparedColumn => {
    const shift = c === 2 ? 0.12 : c === 5 ? -0.05 : c === 7 ? 0.03 : 0.004 * ((c % 5) - 2);
    const bins = shares.map((share, bin) => ({
      name: c === 7 ? `${bin * 20} to ${(bin + 1) * 20}` : `value ${bin + 1}`,
      training: Math.round(12_000 * share),
      here: Math.round(3000 * (share + (bin === 0 ? shift : bin === 4 ? -shift : 0))),
    }));
    const unseen = c === 0 ? { unseen: 0.061, unseenByChance: 0.058 } : { unseen: null, unseenByChance: null };
    return { name, by: c === 7 ? "quantiles" : "values", bins, ...unseen };
  });
  const counts = (rows: number, rate: number) => ({ rows, positives: Math.round(rows * rate) });
  return driftReport({
    training: "train.parquet",
    trainingRows: 12_000,
    rows: 3000,
    columns: binned,
    labels: ["clk", "buy"].map((label, l) => {
      const rate = [0.12, 0.014][l]!;
      const domains = (rows: number, shift: number) =>
        names.map((_, d) =>
          counts(rows / names.length, rate + (d === names.length - 1 ? shift : 0.002 * ((d % 3) - 1))),
        );
      const here = domains(3000, l === 0 ? 0.07 : 0);
      const overall = { training: counts(12_000, rate), here: counts(3000, rate * 1.02) };
      const byDomain = domains(12_000, 0).map((training, d) => ({ training, here: here[d]! }));
      return { label, rates: [overall, ...byDomain] };
    }),
    user: null,
    units: 3000,
    notes: ["time_stamp: times always differ"],
  });
}

/** Metrics of one group; the calibration and AUC may be off, and rows may be missing. */
function groupMetrics(auc: number, calibration: number, rows: number): TaskMetrics {
  if (rows === 0) return { ...metrics(null, 0), positives: 0 };
  const half = 0.5 / Math.sqrt(rows);
  const interval = (value: number, by: number) => ({ value, low: value - by, high: value + by });
  return {
    ...metrics(auc, rows),
    auc,
    logLoss: 0.31 + (0.74 - auc) / 4,
    calibration,
    intervals: {
      auc: interval(auc, half),
      logLoss: interval(0.31 + (0.74 - auc) / 4, half / 2),
      calibration: interval(calibration, half * 3),
    },
  };
}

function grouped(
  groups: Omit<EvaluationGroups, "domains">,
  domains: readonly string[],
  cell: (task: number, domain: number, group: number) => TaskMetrics,
): Evaluation {
  const perDomain = domains.length > 1 ? domains : [""];
  const plain = evaluation(perDomain.flatMap((domain) => groups.names.map((name) => `${domain}, ${name}`)));
  return withGroupsApart({
    ...withIntervals(plain),
    by: groups.kind === "times" ? "time_stamp" : "user_id",
    groups: { ...groups, domains: domains.length > 1 ? domains : null },
    tasks: plain.tasks.map((task, t) => ({
      ...task,
      domains: perDomain.flatMap((_, d) => groups.names.map((__, g) => cell(t, d, g))),
    })),
  });
}

/** Three weeks of days: a bad day, a day without rows, and a rate that drifts away from the prediction. */
export function overTime(domains: readonly string[]): Evaluation {
  const source = random(5);
  const names = Array.from({ length: 21 }, (_, day) => new Date(Date.UTC(2017, 4, 6 + day)).toISOString().slice(0, 10));
  return grouped({ kind: "times", width: "day", names }, domains, (t, d, g) => {
    const rows = g === 9 && domains.length < 2 ? 0 : 900 + ((g * 37) % 400);
    const bad = g === 14 && d === Math.min(1, domains.length - 1) ? -0.08 : 0;
    const auc = [0.74, 0.67][t]! + bad + source.normal() * 0.008 + 0.004 * (d % 5);
    return groupMetrics(auc, 0.98 + (t === 0 && g > 15 ? 0.04 * (g - 15) : 0) + source.normal() * 0.01, rows);
  });
}

/** Users by training rows: new ones are ranked worse and overrated. */
export function coldUsers(domains: readonly string[]): Evaluation {
  const source = random(6);
  const names = ["0", "1–4", "5–19", "20–99", "100–499"];
  return grouped({ kind: "trainingRows", width: null, names }, domains, (t, d, g) => {
    const auc = [0.64, 0.7, 0.73, 0.74, 0.745][g]! - 0.06 * t + 0.01 * (d % 3) + source.normal() * 0.005;
    return groupMetrics(auc, [1.3, 1.1, 1.02, 0.99, 0.98][g]!, [700, 1800, 4200, 3100, 600][g]!);
  });
}
