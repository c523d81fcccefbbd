/** Judges of an evaluation: AUC, calibration and domains. */
import type { CalibrationCurve } from "../../../core/metrics/calibration-curve.js";
import { aucWithinDomains, type WithinDomains } from "../../../core/metrics/intervals/apart.js";
import { aucStandardError, criticalZ, type Ends, widenedFor, wilson } from "../../../core/metrics/intervals/normal.js";
import { ratesLogLoss } from "../../../core/metrics/learning-curves.js";
import type { TaskEvaluation, TaskMetrics } from "../../../core/metrics/types.js";
import { weightedMean } from "../../../core/util/numbers.js";
import { count, fixed, grouped, percent } from "../../../core/util/text.js";
import { type AucReference, domainNames, findReference } from "../../views/view.js";
import { earlyStopping, largerEmbeddings, lowerRate, moreRows, trainLonger } from "./actions.js";
import { type Action, observation, observations, type RunFacts, type RunJudge, type RunObservation } from "./facts.js";

interface DomainCell {
  readonly task: TaskEvaluation;
  readonly index: number;
  readonly domain: string;
  readonly metrics: TaskMetrics;
  readonly interval: Ends | null;
}

function domainCells({ evaluation }: RunFacts): DomainCell[] {
  if (evaluation === null) return [];
  const names = domainNames(evaluation);
  return evaluation.tasks.flatMap((task) =>
    task.domains.map((metrics, d) => {
      const { low = null, high = null } = metrics.intervals?.auc ?? {};
      const interval = low === null || high === null ? null : { low, high };
      return { task, index: d, domain: names[d]!, metrics, interval };
    }),
  );
}

/**
 * Domains below the domains' mean AUC, or below its distance from the best AUC. AUC over all rows would also rank
 * across domains.
 */
function weakDomains(facts: RunFacts): (RunObservation & { readonly cell: DomainCell })[] {
  const cells = domainCells(facts);
  return (facts.evaluation?.tasks ?? []).flatMap((task) => {
    const within = aucWithinDomains(task.domains, levelOf(facts));
    if (within === null) return [];
    const measured = cells.filter((cell) => cell.task === task && within.intervals[cell.index] !== null);
    const best = findReference(facts.references, task.tower);
    return measured.flatMap((cell) => weakDomain(cell, measured, best, within));
  });
}

function weakDomain(
  cell: DomainCell,
  measured: readonly DomainCell[],
  best: AucReference | undefined,
  { mean, intervals }: WithinDomains,
) {
  const { task, index, metrics } = cell;
  const { high } = intervals[index]!;
  if (high < 0.5) return [];
  const achievable = best?.domains[index] ?? null;
  const missing = weightedMean(
    measured,
    rowsOf,
    ({ metrics: { auc }, index: d }) => (best?.domains[d] ?? Number.NaN) - auc!,
  );
  const expected = achievable !== null && !Number.isNaN(missing) ? achievable - missing : mean;
  if (high >= expected) return [];
  const floor = task.floor?.domains[index] ?? null;
  const { low } = cell.interval!;
  const facts = [
    `AUC ${fixed(metrics.auc)} (${fixed(low)} to ${fixed(cell.interval!.high)})`,
    `mean within ${count(measured.length, "domain")} ${fixed(mean)}`,
    ...(achievable === null ? [] : [`${fixed(achievable)} achievable there`]),
    ...(floor === null ? [] : [`logistic regression ${fixed(floor)} there`]),
  ];
  const inspect = "inspect its rows, which may be harder to rank (data.describe, evaluate by a column)";
  const text = "give the domain group a feature that distinguishes it";
  const weak = observation(placeOf(cell), facts.join(", "), inspect, { text, pulls: ["domains", 1] });
  return [{ cell, ...weak, size: expected - metrics.auc! }];
}

const rowsOf = ({ metrics }: DomainCell): number => metrics.rows;

function placeOf({ task, domain }: DomainCell): string {
  return `${task.tower} in ${domain}`;
}

function levelOf({ evaluation }: Pick<RunFacts, "evaluation">): number {
  return evaluation?.intervalMethod?.level ?? 0.95;
}

/** An AUC up to this is no better than chance in practice; a wide interval due to few rows alone is not enough for this finding. */
const NEAR_CHANCE = 0.55;
const WIDE = 0.05;
const FEW_POSITIVES = 100;
const MISCALIBRATED = 0.1;
const LISTED_DOMAINS = 5;
const LEFT = 0.02;

const NO_GAIN = 0.001;

const recalibrated = "recalibrate (run.recalibrate(validation))";
const checkFirst = "check the features and the learning rate before anything else (data.check(model))";

export const evaluationJudges: readonly RunJudge[] = [
  {
    name: "no better than chance",
    severity: "serious",
    when: `the interval of a domain's AUC covers 0.5 and, corrected for the number of domains, ends below ${NEAR_CHANCE}`,
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: (facts) =>
      observations(domainCells(facts), (cell) => {
        if (!isNearChance(cell, levelOf(facts))) return null;
        const { metrics, interval } = cell;
        const ends = `${fixed(interval!.low)} to ${fixed(interval!.high)}`;
        const message = `AUC ${fixed(metrics.auc)} (${ends}) on ${count(metrics.rows, "row")}, which covers 0.5`;
        return observation(
          placeOf(cell),
          message,
          "do not rank with it until it has more rows",
          "add features that are informative there",
        );
      }),
  },
  {
    name: "no better than logistic regression",
    severity: "serious",
    when: "the whole interval of AUC, corrected for the number of tasks, is below the AUC of a logistic regression on the same features and rows",
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: (facts) => belowFloor(facts, true, checkFirst, trainLonger),
  },
  {
    name: "no better than the rates",
    severity: "moderate",
    when: "log loss is not at least 0.1% below that of always predicting each domain's label rate; serious if it is above (if it has an interval: the whole interval, corrected for the number of tasks)",
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: ({ evaluation }) =>
      observations(evaluation?.tasks, (task) => {
        const { logLoss, intervals } = task.overall;
        const rates = ratesLogLoss(task);
        if (logLoss === null || rates === null || logLoss < rates * (1 - NO_GAIN)) return null;
        const { low = null, high = null } = intervals?.logLoss ?? {};
        const isKnown = low !== null && high !== null;
        const tests = evaluation!.tasks.length;
        const least = isKnown ? widenedFor(logLoss, { low, high }, tests, levelOf({ evaluation })).low : logLoss;
        const what = task.domains.length === 0 ? "the label's rate" : "each domain's label rate";
        const message = `the model is no better than ${what} (log loss ${fixed(logLoss)}, the rates have ${fixed(rates)})`;
        const actions = [checkFirst, earlyStopping, trainLonger, lowerRate, recalibrated];
        return { ...observation(task.tower, message, ...actions), severity: least > rates ? "serious" : "moderate" };
      }),
  },
  {
    name: "not shown to beat logistic regression",
    severity: "minor",
    when: "AUC is not above that of a logistic regression, and its interval contains the regression's AUC or is missing",
    heldBy: "test/lab/report/rules.test.ts",
    find: (facts) => belowFloor(facts, false, moreRows, trainLonger),
  },
  {
    name: "weak domain",
    severity: "moderate",
    when: "a domain's whole interval, corrected for the number of domains, is below the mean AUC within domains; if the best achievable AUC is known, the gap to it is larger than the domains' average gap",
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: weakDomains,
  },
  {
    name: "uncertain domain",
    severity: "minor",
    when: `the interval of a domain's AUC is wider than ${WIDE}, and it is called neither weak nor no better than chance`,
    heldBy: "test/lab/report/rules.test.ts",
    find: (facts) => {
      const weak = new Set(weakDomains(facts).map(({ cell }) => cell.metrics));
      return observations(domainCells(facts), (cell) => {
        const { metrics, interval } = cell;
        const isReported = isNearChance(cell, levelOf(facts)) || weak.has(metrics);
        if (interval === null || interval.high - interval.low <= WIDE || isReported) return null;
        const rows = `${count(metrics.rows, "row")} (${grouped(metrics.positives)} positive)`;
        const ends = `${fixed(interval.low)} to ${fixed(interval.high)}`;
        const chance = interval.low <= 0.5 ? ": whether it is better than chance cannot be told" : "";
        const message = `${rows}, and an interval of ${ends}${chance}`;
        return observation(placeOf(cell), message, "evaluate on more rows of this domain before drawing conclusions");
      });
    },
  },
  {
    name: "no AUC",
    severity: "minor",
    when: "a domain has only rows of one class",
    heldBy: "test/lab/report/rules.test.ts",
    find: (facts) =>
      observations(domainCells(facts), (cell) => {
        const { rows, positives, auc } = cell.metrics;
        if (rows === 0 || auc !== null || (positives > 0 && positives < rows)) return null;
        const message = `${grouped(positives)} of ${count(rows, "row")} are positive, so AUC is not defined`;
        return observation(placeOf(cell), message, "evaluate on more rows of this domain");
      }),
  },
  {
    name: "few positives",
    severity: "moderate",
    when: `a task has fewer than ${FEW_POSITIVES} evaluation rows of its rarer class`,
    heldBy: "test/api/notes.test.ts",
    find: ({ evaluation }) =>
      observations(evaluation?.tasks, ({ tower, overall: { rows, positives, auc } }) => {
        const rarer = Math.min(positives, rows - positives);
        if (auc === null || rarer >= FEW_POSITIVES) return null;
        // Shrunk a little: the error of an AUC of 1 would be 0.
        const shrunk = (auc * rarer + 0.5) / (rarer + 1);
        const reach = 1.96 * aucStandardError({ auc: shrunk, rows, positives });
        const [low, high] = [Math.max(0, auc - reach), Math.min(1, auc + reach)].map((value) => fixed(value));
        const kind = rarer === positives ? "positive" : "negative";
        const message = `only ${count(rarer, kind)} in ${count(rows, "row")}: the AUC is between ${low} and ${high} (95%), and noise hides differences between models`;
        return observation(tower, message, "evaluate on more rows", "choose a label that is less rare");
      }),
  },
  {
    name: "miscalibrated",
    severity: "moderate",
    when: `over all rows or in a domain, mean prediction and observed rate differ by more than ${percent(MISCALIBRATED)}, and the interval, corrected for the number of domains (and of tasks, where the report has calibration curves), excludes 1`,
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: ({ evaluation, calibration }) =>
      observations(evaluation?.tasks, (task) => {
        const curves = calibration?.tasks.find(({ tower }) => tower === task.tower);
        const names = domainNames(evaluation!);
        const isOff = (metrics: TaskMetrics, curve?: CalibrationCurve): boolean =>
          isMiscalibrated(metrics, curve, 1 + task.domains.length, levelOf({ evaluation }));
        const domains = task.domains.flatMap((metrics, d) =>
          isOff(metrics, curves?.domains[d]) ? [`${fixed(metrics.calibration)} in ${names[d]}`] : [],
        );
        if (!isOff(task.overall, curves?.overall) && domains.length === 0) return null;
        const all = `predictions are ${fixed(task.overall.calibration)} times the observed rate`;
        const byDomain = domains.length === 0 ? "" : `; by domain, ${domains.slice(0, LISTED_DOMAINS).join(", ")}`;
        const more = domains.length > LISTED_DOMAINS ? ` and ${domains.length - LISTED_DOMAINS} more` : "";
        const actions = domains.length === 0 ? recalibrate : recalibrateByDomain;
        return observation(task.tower, `${all}${byDomain}${more}`, ...actions);
      }),
  },
  {
    name: "room for improvement",
    severity: "minor",
    when: `AUC is more than ${LEFT} below the best achievable, which is above its interval`,
    heldBy: "test/lab/report/null-reports.slow.test.ts",
    find: ({ evaluation, references }) =>
      observations(evaluation?.tasks, ({ tower, overall: { auc, intervals } }) => {
        const best = findReference(references, tower)?.overall ?? null;
        if (best === null || auc === null || best - auc <= LEFT || best <= (intervals?.auc?.high ?? auc)) return null;
        const message = `AUC ${fixed(auc)} of ${fixed(best)} achievable (gap ${fixed(best - auc)})`;
        const text = "compare learning rates in a study (model.ablate)";
        return { ...observation(tower, message, moreRows, trainLonger, largerEmbeddings, text), size: best - auc };
      }),
  },
];

const recalibrate: readonly string[] = [
  "check sampling and sample weights",
  `${recalibrated}: rankings by one task are not affected, products of tasks are`,
];
const recalibrateByDomain: readonly string[] = [
  "recalibrate by domain (run.recalibrate(validation)): the order within a domain stays, but scores of these domains cannot be compared with those of others",
];

function isNearChance({ interval, metrics, task }: DomainCell, level: number): boolean {
  if (interval === null || interval.low > 0.5 || interval.high < 0.5) return false;
  return widenedFor(metrics.auc!, interval, task.domains.length, level).high < NEAR_CHANCE;
}

/**
 * Tasks whose AUC is not above a logistic regression's. Without an interval, that of independent rows counts.
 * @param isClear whether their whole interval is below it
 */
function belowFloor({ evaluation }: RunFacts, isClear: boolean, ...actions: readonly (Action | string)[]) {
  return observations(evaluation?.tasks, ({ tower, overall, floor }) => {
    const { auc, intervals } = overall;
    const simple = floor?.overall ?? null;
    if (simple === null || auc === null || auc > simple) return null;
    const reach = criticalZ(levelOf({ evaluation })) * aucStandardError(overall);
    const { low, high } = intervals?.auc ?? {};
    const ends = { low: low ?? auc - reach, high: high ?? auc + reach };
    const isBelow = widenedFor(auc, ends, evaluation!.tasks.length, levelOf({ evaluation })).high < simple;
    if (isClear !== isBelow) return null;
    const message = `AUC ${fixed(auc)}, of a logistic regression on the same features ${fixed(simple)}`;
    return { ...observation(tower, message, ...actions), size: simple - auc };
  });
}

/** @param curve has the ratio's interval that holds for all domains at once, as the report's chart shows it */
function isMiscalibrated(
  { calibration, intervals, rows, positives }: TaskMetrics,
  curve: CalibrationCurve | undefined,
  tests: number,
  level: number,
): boolean {
  if (calibration === null || Math.abs(calibration - 1) <= MISCALIBRATED) return false;
  if (curve?.ratio !== undefined) return curve.ratio.isBeyondNoise;
  if (intervals?.calibration === undefined) {
    const rate = wilson(positives, rows, criticalZ(1 - (1 - level) / tests));
    const predicted = calibration * rate.observed;
    return predicted > rate.high || predicted < rate.low;
  }
  const { low, high } = intervals.calibration;
  if (low === null || high === null) return false;
  const ends = widenedFor(calibration, { low, high }, tests, level);
  return ends.low > 1 || ends.high < 1;
}
