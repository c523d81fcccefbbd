/** Rules on what the evaluation says, by task and domain. */
import type { Interval } from "../../metrics/intervals/bootstrap.js";
import type { TaskEvaluation, TaskMetrics } from "../../metrics/types.js";
import type { ReportFacts } from "../facts.js";
import { type Rule, rowsText, share, three } from "./rule.js";

/** An interval of AUC that is wider than this tells little. */
const WIDE = 0.05;
/** Positives below which a metric stands on little. */
const FEW_POSITIVES = 100;
/** How far mean prediction and observed rate may part. */
const MISCALIBRATED = 0.1;
/** AUC that is left to the best achievable. */
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
                seen: `${task.tower} in ${domain}: AUC ${three(metrics.auc)} (${three(interval.low)} to ${three(interval.high)}) on ${rowsText(metrics.rows)}, which covers 0.5.`,
                next: "More rows of this domain, or features that tell something there; until then do not rank by it.",
              },
            ]
          : [],
      ),
  },
  {
    name: "weak domain",
    when: "a domain's whole interval lies below the AUC over all rows",
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics, interval }) => {
        const all = task.overall.auc;
        if (interval === null || all === null || interval.high >= all || interval.high < 0.5) return [];
        return [
          {
            seen: `${task.tower} in ${domain}: AUC ${three(metrics.auc)} (${three(interval.low)} to ${three(interval.high)}), all rows ${three(all)}.`,
            next: "Look at its rows (data.describe, evaluate by a column), and give the domain group a feature that tells it apart.",
          },
        ];
      }),
  },
  {
    name: "uncertain domain",
    when: `the interval of a domain's AUC is wider than ${WIDE}, and neither covers 0.5 nor lies below all rows`,
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics, interval }) => {
        if (interval === null || interval.high - interval.low <= WIDE) return [];
        // What other rules say of it is sure enough.
        if ((interval.low <= 0.5 && interval.high >= 0.5) || interval.high < (task.overall.auc ?? 0)) return [];
        return [
          {
            seen: `${task.tower} in ${domain} has ${rowsText(metrics.rows)} (${metrics.positives.toLocaleString("en-US")} positive) and its interval is ${three(interval.low)} to ${three(interval.high)}.`,
            next: "Evaluate on more rows of this domain before reading anything into it.",
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
                seen: `${task.tower} in ${domain}: ${positives.toLocaleString("en-US")} of ${rowsText(rows)} are positive, so that AUC is not defined.`,
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
                seen: `${tower}: ${Math.min(positives, rows - positives)} of ${rowsText(rows)} are of the rarer class.`,
                next: "Evaluate on more rows: differences between models drown in the noise of so few.",
              },
            ]
          : [],
      ),
  },
  {
    name: "miscalibrated",
    when: `mean prediction and observed rate differ by more than ${share(MISCALIBRATED)}, and the interval leaves 1 out where there is one`,
    find: ({ evaluation }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall: { calibration, intervals } }) => {
        if (calibration === null || Math.abs(calibration - 1) <= MISCALIBRATED) return [];
        const { low = null, high = null } = intervals?.calibration ?? {};
        if (low !== null && high !== null && low <= 1 && high >= 1) return [];
        return [
          {
            seen: `${tower}: predictions are ${three(calibration)} times the observed rate.`,
            next: "Check sampling and sample weights, or recalibrate; a ranking by one task is not affected, a product of tasks is.",
          },
        ];
      }),
  },
  {
    name: "room left",
    when: `AUC is more than ${LEFT} below the best achievable`,
    find: ({ evaluation, references }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall }) => {
        const best = references.find((reference) => reference.tower === tower)?.overall ?? null;
        if (best === null || overall.auc === null || best - overall.auc <= LEFT) return [];
        return [
          {
            seen: `${tower}: AUC ${three(overall.auc)} of ${three(best)} achievable (${three(best - overall.auc)} left).`,
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
