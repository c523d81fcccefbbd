/** Rules on the evaluation, by task and domain. */
import type { TaskMetrics } from "../../metrics/index.js";
import { domainNames } from "../../tables/index.js";
import { count, fixed, grouped, percent } from "../../util/text/format.js";
import type { Rule } from "./rule.js";
import { domainCells, weakDomains } from "./weak-domains.js";

/** AUC intervals wider than this are inconclusive. */
const WIDE = 0.05;
/** With fewer positives, metrics are mostly noise. */
const FEW_POSITIVES = 100;
/** Largest accepted relative difference between mean prediction and observed rate. */
const MISCALIBRATED = 0.1;
/** Largest number of miscalibrated domains that are listed. */
const LISTED_DOMAINS = 5;
/** Largest accepted gap between AUC and the best achievable. */
const LEFT = 0.02;

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
    when: "a domain's whole interval, corrected for the number of domains, is below the mean AUC within domains; where the best achievable is known, below that by more than the domains on average",
    find: (facts) => weakDomains(facts).map(({ seen, next }) => ({ seen, next })),
  },
  {
    name: "uncertain domain",
    when: `the interval of a domain's AUC is wider than ${WIDE}, and neither covers 0.5 nor is called weak`,
    find: (facts) => {
      const weak = new Set(weakDomains(facts).map(({ cell }) => cell.metrics));
      return domainCells(facts).flatMap(({ task, domain, metrics, interval }) => {
        if (interval === null || interval.high - interval.low <= WIDE) return [];
        // Other rules report these domains.
        if ((interval.low <= 0.5 && interval.high >= 0.5) || weak.has(metrics)) return [];
        return [
          {
            seen: `${task.tower} in ${domain} has ${count(metrics.rows, "row")} (${grouped(metrics.positives)} positive) and its interval is ${fixed(interval.low)} to ${fixed(interval.high)}.`,
            next: "Evaluate on more rows of this domain before drawing conclusions.",
          },
        ];
      });
    },
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
    when: `over all rows or in a domain, mean prediction and observed rate differ by more than ${percent(MISCALIBRATED)}, and the interval, if any, excludes 1`,
    find: ({ evaluation }) =>
      (evaluation?.tasks ?? []).flatMap((task) => {
        const domains = task.domains.flatMap((metrics, d) =>
          isMiscalibrated(metrics) ? [`${fixed(metrics.calibration)} in ${domainNames(evaluation!)[d]}`] : [],
        );
        if (!isMiscalibrated(task.overall) && domains.length === 0) return [];
        const all = `${task.tower}: predictions are ${fixed(task.overall.calibration)} times the observed rate`;
        const byDomain = domains.length === 0 ? "" : `; by domain, ${domains.slice(0, LISTED_DOMAINS).join(", ")}`;
        const more = domains.length > LISTED_DOMAINS ? ` and ${domains.length - LISTED_DOMAINS} more` : "";
        return [
          {
            seen: `${all}${byDomain}${more}.`,
            next:
              domains.length === 0
                ? "Check sampling and sample weights, or recalibrate; rankings by one task are not affected, products of tasks are."
                : "Recalibrate by domain: the order within a domain stays, but scores of these domains cannot be compared with those of others.",
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

function isMiscalibrated({ calibration, intervals }: TaskMetrics): boolean {
  if (calibration === null || Math.abs(calibration - 1) <= MISCALIBRATED) return false;
  const { low = null, high = null } = intervals?.calibration ?? {};
  return low === null || high === null || low > 1 || high < 1;
}
