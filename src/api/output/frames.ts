/** Results as danfo frames: one row a task and domain, a step or a gate, under snake-case names as in the log lines. */

import type { Cell } from "../../charts/index.js";
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { GateStatistics, GatesReport } from "../../gates/types.js";
import type { CalibrationReport } from "../../metrics/calibration/calibration-curve.js";
import type { Comparison } from "../../metrics/comparison/comparison-types.js";
import type { LearningCurves } from "../../metrics/learning-curves.js";
import type { Evaluation, TaskMetrics } from "../../metrics/types.js";
import type { History } from "../../train/loop/history.js";
import { snakeCase } from "../../util/snake-case.js";

/** A row of a result. */
export type ResultRow = Readonly<Record<string, Cell>>;

/** Rows as a frame; a column that a row lacks is empty there. Throws a DataError where danfo is not installed. */
export async function recordsFrame<Frame = DanfoFrame>(
  records: readonly ResultRow[],
  frameClass?: FrameClass<Frame>,
): Promise<Frame> {
  const { loadDanfo } = await import("../../data/index.js");
  const Made = frameClass ?? (loadDanfo() as FrameClass<Frame>);
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return new Made(Object.fromEntries(names.map((name) => [name, records.map((record) => record[name] ?? null)])));
}

/** One row a task and domain (`domain` −1 and `domain_name` "all": all rows). */
export function evaluationRecords(evaluation: Evaluation): ResultRow[] {
  return evaluation.tasks.flatMap(({ tower, label, within, overall, domains }) =>
    [overall, ...domains].map((metrics, index) => ({
      task: tower,
      label,
      within: within ?? "all",
      ...domainFields(index - 1, evaluation.domainNames),
      ...metricFields(metrics),
    })),
  );
}

/** One row a metric, task and domain (`domain` −1 and `domain_name` "all": all rows). */
export function comparisonRecords(comparison: Comparison): ResultRow[] {
  return comparison.tasks.flatMap(({ tower, label, within, overall, domains }) =>
    [overall, ...domains].flatMap(({ rows, positives, metrics }, index) =>
      Object.entries(metrics).map(([metric, { pValue, adjustedPValue, ...difference }]) => ({
        metric: snakeCase(metric),
        task: tower,
        label,
        within: within ?? "all",
        ...domainFields(index - 1, comparison.domainNames),
        rows,
        positives,
        ...difference,
        p_value: pValue,
        adjusted_p_value: adjustedPValue,
      })),
    ),
  );
}

/** One row a task, domain (`domain` −1 and `domain_name` "all": all rows) and bin. */
export function calibrationRecords(report: CalibrationReport): ResultRow[] {
  return report.tasks.flatMap(({ tower, label, within, overall, domains }) =>
    [overall, ...domains].flatMap(({ bins }, index) =>
      bins.map((bin, place) => ({
        task: tower,
        label,
        within: within ?? "all",
        ...domainFields(index - 1, report.domainNames),
        bin: place,
        ...bin,
      })),
    ),
  );
}

/** One row an evaluation, task and domain (`domain` −1 and `domain_name` "all": all rows). */
export function learningCurveRecords(curves: LearningCurves): ResultRow[] {
  return curves.tasks.flatMap(({ tower, label, within, overall, domains }) =>
    [overall, ...domains].flatMap((values, index) =>
      values.map((value, at) => ({
        step: curves.steps[at] ?? null,
        epoch: curves.epochs[at] ?? null,
        task: tower,
        label,
        within: within ?? "all",
        ...domainFields(index - 1, curves.domainNames),
        [snakeCase(curves.metric)]: value,
      })),
    ),
  );
}

/** One row a logged step or evaluation: losses, speed, and each task's AUC where it was evaluated. */
export function historyRecords(history: History): ResultRow[] {
  const steps = new Map<number, Record<string, Cell>>();
  for (const { taskLosses, rowsPerSecond, ...point } of history.points) {
    steps.set(point.step, { ...point, rows_per_second: rowsPerSecond, ...taskLosses });
  }
  for (const { step, epoch, evaluation } of history.evaluations) {
    const aucs = evaluation.tasks.map(({ tower, overall }) => [`auc_${tower}`, overall.auc] as const);
    steps.set(step, { step, epoch, ...steps.get(step), ...Object.fromEntries(aucs) });
  }
  return [...steps.values()].sort((a, b) => Number(a["step"]) - Number(b["step"]));
}

/** One row a gate and domain (`domain` −1 and `domain_name` "all": all rows). */
export function gateRecords(report: GatesReport): ResultRow[] {
  return report.gates.flatMap(({ module, tower, layer, units, gamma, overall, domains, domainVariance, explained }) =>
    [overall, ...domains].map((statistics, index) => ({
      module,
      task: tower ?? "all",
      layer,
      units,
      gamma,
      ...domainFields(index - 1, report.domainNames),
      ...statisticFields(statistics),
      domain_variance: index === 0 ? domainVariance : null,
      ...(index > 0
        ? {}
        : Object.fromEntries(explained.map(({ prior, adjusted }) => [`explained_${prior}`, adjusted]))),
    })),
  );
}

function domainFields(domain: number, names: readonly string[]): ResultRow {
  return { domain, domain_name: domain < 0 ? "all" : (names[domain] ?? String(domain)) };
}

function metricFields({ configured, intervals, ...metrics }: TaskMetrics): ResultRow {
  const own = Object.entries(metrics).map(([name, value]) => [snakeCase(name), value]);
  const ends = Object.entries(intervals ?? {}).flatMap(([name, { low, high }]) => [
    [`${snakeCase(name)}_low`, low],
    [`${snakeCase(name)}_high`, high],
  ]);
  return Object.fromEntries([
    ...own,
    ...ends,
    ...Object.entries(configured).map(([name, value]) => [`config_${name}`, value]),
  ]);
}

function statisticFields(statistics: GateStatistics): ResultRow {
  const { rows, mean, std, quantiles, closed, open, identity, deadUnits, entropy, effectiveWidth } = statistics;
  const [q05, q25, q50, q75, q95] = quantiles;
  const rest = { dead_units: deadUnits, entropy, effective_width: effectiveWidth, not_finite: statistics.notFinite };
  return { rows, mean, std, q05, q25, q50, q75, q95, closed, open, identity, ...rest };
}
