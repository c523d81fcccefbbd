/** Rules on the evaluation, by task and domain. */
import type { CalibrationCurve, TaskMetrics } from "../../metrics/index.js";
import { count, fixed, grouped, percent } from "../../util/text/format.js";
import { domainNames } from "../../views/index.js";
import { largerEmbeddings, moreRows, trainLonger } from "./actions.js";
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
    severity: "serious",
    when: "the interval of a domain's AUC covers 0.5",
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics, interval }) =>
        interval !== null && interval.low <= 0.5 && interval.high >= 0.5
          ? [
              {
                seen: `${task.tower} in ${domain}: AUC ${fixed(metrics.auc)} (${fixed(interval.low)} to ${fixed(interval.high)}) on ${count(metrics.rows, "row")}, which covers 0.5.`,
                actions: [
                  { text: "do not rank with it until it has more rows" },
                  { text: "add features that are informative there" },
                ],
              },
            ]
          : [],
      ),
  },
  {
    name: "no better than logistic regression",
    severity: "serious",
    when: "AUC is not above that of a logistic regression on the same features and rows",
    find: ({ evaluation }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall, floor }) => {
        const simple = floor?.overall ?? null;
        if (simple === null || overall.auc === null || overall.auc > simple) return [];
        return [
          {
            seen: `${tower}: AUC ${fixed(overall.auc)}, of a logistic regression on the same features ${fixed(simple)}.`,
            actions: [
              { text: "check the features and the learning rate before anything else (data.check(model))" },
              trainLonger,
            ],
          },
        ];
      }),
  },
  {
    name: "weak domain",
    severity: "moderate",
    when: "a domain's whole interval, corrected for the number of domains, is below the mean AUC within domains; where the best achievable is known, below that by more than the domains on average",
    find: (facts) => weakDomains(facts).map(({ seen, actions }) => ({ seen, actions })),
  },
  {
    name: "uncertain domain",
    severity: "minor",
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
            actions: [{ text: "evaluate on more rows of this domain before drawing conclusions" }],
          },
        ];
      });
    },
  },
  {
    name: "no AUC",
    severity: "minor",
    when: "a domain has rows of one class only",
    find: (facts) =>
      domainCells(facts).flatMap(({ task, domain, metrics: { rows, positives, auc } }) =>
        rows > 0 && auc === null && (positives === 0 || positives === rows)
          ? [
              {
                seen: `${task.tower} in ${domain}: ${grouped(positives)} of ${count(rows, "row")} are positive, so AUC is not defined.`,
                actions: [{ text: "evaluate on more rows of this domain" }],
              },
            ]
          : [],
      ),
  },
  {
    name: "few positives",
    severity: "moderate",
    when: `a task has fewer than ${FEW_POSITIVES} positive evaluation rows`,
    find: ({ evaluation }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall: { rows, positives, auc } }) =>
        auc !== null && Math.min(positives, rows - positives) < FEW_POSITIVES
          ? [
              {
                seen: `${tower}: ${Math.min(positives, rows - positives)} of ${count(rows, "row")} are of the rarer class.`,
                actions: [{ text: "evaluate on more rows: with this few, noise hides differences between models" }],
              },
            ]
          : [],
      ),
  },
  {
    name: "miscalibrated",
    severity: "moderate",
    when: `over all rows or in a domain, mean prediction and observed rate differ by more than ${percent(MISCALIBRATED)}, and the interval, if any, excludes 1 (for all domains at once, where the report has calibration curves)`,
    find: ({ evaluation, calibration }) =>
      (evaluation?.tasks ?? []).flatMap((task) => {
        const curves = calibration?.tasks.find(({ tower }) => tower === task.tower);
        const domains = task.domains.flatMap((metrics, d) =>
          isMiscalibrated(metrics, curves?.domains[d])
            ? [`${fixed(metrics.calibration)} in ${domainNames(evaluation!)[d]}`]
            : [],
        );
        if (!isMiscalibrated(task.overall, curves?.overall) && domains.length === 0) return [];
        const all = `${task.tower}: predictions are ${fixed(task.overall.calibration)} times the observed rate`;
        const byDomain = domains.length === 0 ? "" : `; by domain, ${domains.slice(0, LISTED_DOMAINS).join(", ")}`;
        const more = domains.length > LISTED_DOMAINS ? ` and ${domains.length - LISTED_DOMAINS} more` : "";
        return [
          {
            seen: `${all}${byDomain}${more}.`,
            actions:
              domains.length === 0
                ? [
                    { text: "check sampling and sample weights" },
                    { text: "recalibrate: rankings by one task are not affected, products of tasks are" },
                  ]
                : [
                    {
                      text: "recalibrate by domain: the order within a domain stays, but scores of these domains cannot be compared with those of others",
                    },
                  ],
          },
        ];
      }),
  },
  {
    name: "room for improvement",
    severity: "minor",
    when: `AUC is more than ${LEFT} below the best achievable`,
    find: ({ evaluation, references }) =>
      (evaluation?.tasks ?? []).flatMap(({ tower, overall }) => {
        const best = references.find((reference) => reference.tower === tower)?.overall ?? null;
        if (best === null || overall.auc === null || best - overall.auc <= LEFT) return [];
        return [
          {
            seen: `${tower}: AUC ${fixed(overall.auc)} of ${fixed(best)} achievable (gap ${fixed(best - overall.auc)}).`,
            actions: [
              moreRows,
              trainLonger,
              largerEmbeddings,
              { text: "sweep the learning rate (model.findLearningRate)" },
            ],
          },
        ];
      }),
  },
];

/** @param curve has the ratio's interval that holds for all domains at once, as the report's chart shows it */
function isMiscalibrated({ calibration, intervals }: TaskMetrics, curve?: CalibrationCurve): boolean {
  if (calibration === null || Math.abs(calibration - 1) <= MISCALIBRATED) return false;
  if (curve?.ratio !== undefined) return curve.ratio.isBeyondNoise;
  const { low = null, high = null } = intervals?.calibration ?? {};
  return low === null || high === null || low > 1 || high < 1;
}
