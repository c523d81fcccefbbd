/** Rules on the evaluation, by task and domain. */
import type { Interval, TaskEvaluation, TaskMetrics } from "../../metrics/index.js";
import { count, fixed, grouped, percent } from "../../util/text/format.js";
import type { ReportFacts } from "../facts.js";
import type { Rule } from "./rule.js";

/** AUC intervals wider than this are inconclusive. */
const WIDE = 0.05;
/** With fewer positives, metrics are mostly noise. */
const FEW_POSITIVES = 100;
/** Largest accepted relative difference between mean prediction and observed rate. */
const MISCALIBRATED = 0.1;
/** Largest accepted gap between AUC and the best achievable. */
const LEFT = 0.02;

/** A task's metrics in one domain. */
interface DomainCell {
  readonly task: TaskEvaluation;
  readonly domain: string;
  readonly metrics: TaskMetrics;
  readonly interval: (Interval & { readonly low: number; readonly high: number }) | null;
}

export const evaluationRules: readonly Rule[] = [
  {
    name: "no better than chance",
    when: "the interval of a domain's AUC covers 0.5",
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics, interval }) =>
        interval !== null && interval.low <= 0.5 && interval.high >= 0.5
          ? [
              {
                seen: `${task.tower} in ${domain}: AUC ${fixed(metrics.auc)} (${fixed(interval.low)} to ${fixed(interval.high)}) on ${count(metrics.rows, "row")}, which covers 0.5.`,
                next: "Collect more rows of this domain, or add features that are informative there; until then, do not rank with it.",
              },
            ]
          : [],
      ),
  },
  {
    name: "weak domain",
    when: "a domain's whole interval is below the AUC over all rows",
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics, interval }) => {
        const all = task.overall.auc;
        if (interval === null || all === null || interval.high >= all || interval.high < 0.5) return [];
        return [
          {
            seen: `${task.tower} in ${domain}: AUC ${fixed(metrics.auc)} (${fixed(interval.low)} to ${fixed(interval.high)}), all rows ${fixed(all)}.`,
            next: "Inspect its rows (data.describe, evaluate by a column), and give the domain group a feature that distinguishes it.",
          },
        ];
      }),
  },
  {
    name: "uncertain domain",
    when: `the interval of a domain's AUC is wider than ${WIDE}, and neither covers 0.5 nor is below all rows`,
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics, interval }) => {
        if (interval === null || interval.high - interval.low <= WIDE) return [];
        // Other rules report these domains.
        if ((interval.low <= 0.5 && interval.high >= 0.5) || interval.high < (task.overall.auc ?? 0)) return [];
        return [
          {
            seen: `${task.tower} in ${domain} has ${count(metrics.rows, "row")} (${grouped(metrics.positives)} positive) and its interval is ${fixed(interval.low)} to ${fixed(interval.high)}.`,
            next: "Evaluate on more rows of this domain before drawing conclusions.",
          },
        ];
      }),
  },
  {
    name: "no AUC",
    when: "a domain has rows of one class only",
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics: { rows, positives, auc } }) =>
        rows > 0 && auc === null && (positives === 0 || positives === rows)
          ? [
              {
                seen: `${task.tower} in ${domain}: ${grouped(positives)} of ${count(rows, "row")} are positive, so AUC is not defined.`,
                next: "Evaluate on more rows of this domain.",
              },
            ]
          : [],
      ),
  },
  {
    name: "few positives",
    when: `a task has fewer than ${FEW_POSITIVES} positive evaluation rows`,
    find: ({ evaluation }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall: { rows, positives, auc } }) =>
        auc !== null && Math.min(positives, rows - positives) < FEW_POSITIVES
          ? [
              {
                seen: `${tower}: ${Math.min(positives, rows - positives)} of ${count(rows, "row")} are of the rarer class.`,
                next: "Evaluate on more rows: with this few, noise hides differences between models.",
              },
            ]
          : [],
      ),
  },
  {
    name: "miscalibrated",
    when: `mean prediction and observed rate differ by more than ${percent(MISCALIBRATED)}, and the interval, if any, excludes 1`,
    find: ({ evaluation }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall: { calibration, intervals } }) => {
        if (calibration === null || Math.abs(calibration - 1) <= MISCALIBRATED) return [];
        const { low = null, high = null } = intervals?.calibration ?? {};
        if (low !== null && high !== null && low <= 1 && high >= 1) return [];
        return [
          {
            seen: `${tower}: predictions are ${fixed(calibration)} times the observed rate.`,
            next: "Check sampling and sample weights, or recalibrate; rankings by one task are not affected, products of tasks are.",
          },
        ];
      }),
  },
  {
    name: "room for improvement",
    when: `AUC is more than ${LEFT} below the best achievable`,
    find: ({ evaluation, references }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall }) => {
        const best = references.find((reference) => reference.tower === tower)?.overall ?? null;
        if (best === null || overall.auc === null || best - overall.auc <= LEFT) return [];
        return [
          {
            seen: `${tower}: AUC ${fixed(overall.auc)} of ${fixed(best)} achievable (gap ${fixed(best - overall.auc)}).`,
            next: "More rows or epochs, larger embeddings, or a learning-rate sweep (model.findLearningRate).",
          },
        ];
      }),
  },
];

function domainCells({ evaluation }: ReportFacts): DomainCell[] {
  if (evaluation === null) return [];
  return evaluation.tasks.flatMap((task) =>
    task.domains.map((metrics, d) => {
      const { value = null, low = null, high = null } = metrics.intervals?.auc ?? {};
      const interval = low === null || high === null ? null : { value, low, high };
      return { task, domain: evaluation.domainNames[d] ?? `domain ${d}`, metrics, interval };
    }),
  );
}
