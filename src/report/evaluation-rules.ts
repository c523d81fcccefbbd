/** Rules on an evaluation: AUC, calibration and domains. */
import type { Severity } from "../errors/finding.js";
import type { CalibrationCurve } from "../metrics/calibration-curve.js";
import { criticalZ, type Ends, widenedFor, wilson } from "../metrics/intervals/normal.js";
import { fallsFromBest, ratesLogLoss } from "../metrics/learning-curves.js";
import type { TaskEvaluation, TaskMetrics } from "../metrics/types.js";
import { count, fixed, grouped, percent } from "../util/text.js";
import { weightedMean } from "../util/turns.js";
import { type AucReference, domainNames, findReference } from "../views/view.js";
import type { ReportFacts } from "./summary.js";

export function findings<Item>(items: readonly Item[] | undefined, find: (item: Item) => Finding | null): Finding[] {
  return (items ?? []).flatMap((item) => find(item) ?? []);
}

export function finding(fact: string, ...actions: readonly (Action | string)[]): Finding {
  return { seen: fact, actions: actions.map((action) => (typeof action === "string" ? { text: action } : action)) };
}

/** A larger gap of AUC between training and evaluation rows is overfitting. */
export const OVERFIT = 0.03;

export const trainLonger: Action = {
  text: "train for more epochs",
  pulls: ["length", 1],
  // More epochs do not help where AUC already fell, or where training rows are ranked far better.
  isDone: ({ history, training, evaluation }) =>
    fallsFromBest(history).length > 0 ||
    (training?.tasks ?? []).some(({ overall }, task) => {
      const held = evaluation?.tasks[task]?.overall.auc ?? null;
      return overall.auc !== null && held !== null && overall.auc - held > OVERFIT;
    }),
};
export const trainShorter: Action = { text: "train for fewer epochs", pulls: ["length", -1] };
export const higherRate: Action = { text: "try a higher learning rate", pulls: ["learning rate", 1] };
export const lowerRate: Action = {
  text: "lower the learning rate",
  pulls: ["learning rate", -1],
};
export const moreRows = "train on more rows";
const largerEmbeddings: Action = { text: "enlarge embeddings", pulls: ["size", 1] };
export const smallerEmbeddings: Action = { text: "use smaller embeddings", pulls: ["size", -1] };

export const earlyStopping: Action = {
  text: "fit(data, { earlyStopping: true }), which keeps the best weights",
  isDone: ({ history }) => history.bestStep !== null,
};

export const dropout: Action = {
  text: "add dropout",
  isDone: ({ spec }) =>
    [...(spec.ppnet?.dropout ?? []), ...spec.towers.flatMap(({ mlp }) => mlp?.dropout ?? [])].some((rate) => rate > 0),
};

export const weightDecay: Action = {
  text: "add weight decay",
  isDone: ({ spec: { training } }) => [training.dense, training.sparse].some((optimizer) => decayIn(optimizer) > 0),
};

export const clipGradients: Action = {
  text: "clip gradients",
  isDone: ({ spec }) => spec.training.gradClipping !== null,
};

/** Suggests to train without a module. @param settings the paths of its switches in a study's variants */
export function trainWithout(code: string, ...settings: readonly string[]): Action {
  return {
    text: `train ${code} with several seeds and compare: the smaller model may perform as well`,
    isDone: ({ study }: ReportFacts) =>
      (study?.variants ?? []).some((variant) => settings.some((setting) => setting in variant.settings)),
  };
}

function decayIn(optimizer: object): number {
  const decay = "weightDecay" in optimizer ? optimizer.weightDecay : 0;
  return typeof decay === "number" ? decay : 0;
}

interface DomainCell {
  readonly task: TaskEvaluation;
  readonly index: number;
  readonly domain: string;
  readonly metrics: TaskMetrics;
  readonly interval: Ends | null;
}

function domainCells({ evaluation }: ReportFacts): DomainCell[] {
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
function weakDomains(facts: ReportFacts): (Finding & { readonly cell: DomainCell })[] {
  const cells = domainCells(facts);
  return (facts.evaluation?.tasks ?? []).flatMap((task) => {
    const measured = cells.filter((cell) => cell.task === task && cell.interval !== null && cell.metrics.auc !== null);
    if (measured.length < 2) return [];
    const best = findReference(facts.references, task.tower);
    return measured.flatMap((cell) => weakDomain(cell, measured, best, levelOf(facts)));
  });
}

function weakDomain(cell: DomainCell, measured: readonly DomainCell[], best: AucReference | undefined, level: number) {
  const { task, domain, index, metrics } = cell;
  const { high } = widenedFor(metrics.auc!, cell.interval!, measured.length, level);
  if (high < 0.5) return [];
  const mean = weightedMean(measured, rowsOf, ({ metrics: { auc } }) => auc!);
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
  const fact = `${task.tower} in ${domain}: ${facts.join(", ")}.`;
  const inspect = "inspect its rows, which may be harder to rank (data.describe, evaluate by a column)";
  const text = "give the domain group a feature that distinguishes it";
  return [{ cell, ...finding(fact, inspect, { text, pulls: ["domains", 1] }), size: expected - metrics.auc! }];
}

const rowsOf = ({ metrics }: DomainCell): number => metrics.rows;

function levelOf({ evaluation }: Pick<ReportFacts, "evaluation">): number {
  return evaluation?.intervalMethod?.level ?? 0.95;
}

/** An AUC up to this is no better than chance in practice; a wide interval of few rows alone is no reason to say so. */
const NEAR_CHANCE = 0.55;
const WIDE = 0.05;
const FEW_POSITIVES = 100;
const MISCALIBRATED = 0.1;
const LISTED_DOMAINS = 5;
const LEFT = 0.02;

const checkFirst = "check the features and the learning rate before anything else (data.check(model))";

export const evaluationRules: readonly Rule[] = [
  {
    name: "no better than chance",
    severity: "serious",
    when: `the interval of a domain's AUC covers 0.5 and, corrected for the number of domains, ends below ${NEAR_CHANCE}`,
    find: (facts) =>
      findings(domainCells(facts), (cell) => {
        if (!isNearChance(cell, levelOf(facts))) return null;
        const { task, domain, metrics, interval } = cell;
        const ends = `${fixed(interval!.low)} to ${fixed(interval!.high)}`;
        const fact = `${task.tower} in ${domain}: AUC ${fixed(metrics.auc)} (${ends}) on ${count(metrics.rows, "row")}, which covers 0.5.`;
        return finding(fact, "do not rank with it until it has more rows", "add features that are informative there");
      }),
  },
  {
    name: "no better than logistic regression",
    severity: "serious",
    when: "the whole interval of AUC, corrected for the number of tasks, is below the AUC of a logistic regression on the same features and rows",
    find: (facts) => belowFloor(facts, true, checkFirst, trainLonger),
  },
  {
    name: "worse than the rates",
    severity: "serious",
    when: "log loss is above that of always predicting each domain's label rate; where it has an interval, all of it, corrected for the number of tasks",
    find: ({ evaluation }) =>
      findings(evaluation?.tasks, (task) => {
        const { logLoss, intervals } = task.overall;
        const rates = ratesLogLoss(task);
        if (logLoss === null || rates === null || logLoss <= rates) return null;
        const { low = null, high = null } = intervals?.logLoss ?? {};
        const isKnown = low !== null && high !== null;
        const level = levelOf({ evaluation });
        if (isKnown && widenedFor(logLoss, { low, high }, evaluation!.tasks.length, level).low <= rates) return null;
        const fact = `${task.tower}: log loss ${fixed(logLoss)}, and always predicting each domain's label rate has ${fixed(rates)}: its probabilities are worse than none.`;
        return finding(fact, earlyStopping, lowerRate, "recalibrate (run.recalibrate(validation))");
      }),
  },
  {
    name: "not shown to beat logistic regression",
    severity: "minor",
    when: "AUC is not above that of a logistic regression, which is inside its interval or has none",
    find: (facts) => belowFloor(facts, false, moreRows, trainLonger),
  },
  {
    name: "weak domain",
    severity: "moderate",
    when: "a domain's whole interval, corrected for the number of domains, is below the mean AUC within domains; where the best achievable is known, below that by more than the domains on average",
    find: weakDomains,
  },
  {
    name: "uncertain domain",
    severity: "minor",
    when: `the interval of a domain's AUC is wider than ${WIDE}, and it is called neither weak nor no better than chance`,
    find: (facts) => {
      const weak = new Set(weakDomains(facts).map(({ cell }) => cell.metrics));
      return findings(domainCells(facts), (cell) => {
        const { task, domain, metrics, interval } = cell;
        const isReported = isNearChance(cell, levelOf(facts)) || weak.has(metrics);
        if (interval === null || interval.high - interval.low <= WIDE || isReported) return null;
        const rows = `${count(metrics.rows, "row")} (${grouped(metrics.positives)} positive)`;
        const ends = `${fixed(interval.low)} to ${fixed(interval.high)}`;
        const chance = interval.low <= 0.5 ? ": whether it is better than chance cannot be told" : "";
        const fact = `${task.tower} in ${domain} has ${rows} and its interval is ${ends}${chance}.`;
        return finding(fact, "evaluate on more rows of this domain before drawing conclusions");
      });
    },
  },
  {
    name: "no AUC",
    severity: "minor",
    when: "a domain has rows of one class only",
    find: (facts) =>
      findings(domainCells(facts), ({ task, domain, metrics: { rows, positives, auc } }) => {
        if (rows === 0 || auc !== null || (positives > 0 && positives < rows)) return null;
        const fact = `${task.tower} in ${domain}: ${grouped(positives)} of ${count(rows, "row")} are positive, so AUC is not defined.`;
        return finding(fact, "evaluate on more rows of this domain");
      }),
  },
  {
    name: "few positives",
    severity: "moderate",
    when: `a task has fewer than ${FEW_POSITIVES} positive evaluation rows`,
    find: ({ evaluation }) =>
      findings(evaluation?.tasks, ({ tower, overall: { rows, positives, auc } }) => {
        const rarer = Math.min(positives, rows - positives);
        if (auc === null || rarer >= FEW_POSITIVES) return null;
        const text = "evaluate on more rows: with this few, noise hides differences between models";
        return finding(`${tower}: ${rarer} of ${count(rows, "row")} are of the rarer class.`, text);
      }),
  },
  {
    name: "miscalibrated",
    severity: "moderate",
    when: `over all rows or in a domain, mean prediction and observed rate differ by more than ${percent(MISCALIBRATED)}, and the interval, corrected for the number of domains (and of tasks, where the report has calibration curves), excludes 1`,
    find: ({ evaluation, calibration }) =>
      findings(evaluation?.tasks, (task) => {
        const curves = calibration?.tasks.find(({ tower }) => tower === task.tower);
        const names = domainNames(evaluation!);
        const isOff = (metrics: TaskMetrics, curve?: CalibrationCurve): boolean =>
          isMiscalibrated(metrics, curve, 1 + task.domains.length, levelOf({ evaluation }));
        const domains = task.domains.flatMap((metrics, d) =>
          isOff(metrics, curves?.domains[d]) ? [`${fixed(metrics.calibration)} in ${names[d]}`] : [],
        );
        if (!isOff(task.overall, curves?.overall) && domains.length === 0) return null;
        const all = `${task.tower}: predictions are ${fixed(task.overall.calibration)} times the observed rate`;
        const byDomain = domains.length === 0 ? "" : `; by domain, ${domains.slice(0, LISTED_DOMAINS).join(", ")}`;
        const more = domains.length > LISTED_DOMAINS ? ` and ${domains.length - LISTED_DOMAINS} more` : "";
        return finding(`${all}${byDomain}${more}.`, ...(domains.length === 0 ? recalibrate : recalibrateByDomain));
      }),
  },
  {
    name: "room for improvement",
    severity: "minor",
    when: `AUC is more than ${LEFT} below the best achievable, which is above its interval`,
    find: ({ evaluation, references }) =>
      findings(evaluation?.tasks, ({ tower, overall: { auc, intervals } }) => {
        const best = findReference(references, tower)?.overall ?? null;
        if (best === null || auc === null || best - auc <= LEFT || best <= (intervals?.auc?.high ?? auc)) return null;
        const fact = `${tower}: AUC ${fixed(auc)} of ${fixed(best)} achievable (gap ${fixed(best - auc)}).`;
        const text = "compare learning rates in a study (model.ablate)";
        return { ...finding(fact, moreRows, trainLonger, largerEmbeddings, text), size: best - auc };
      }),
  },
];

const recalibrate: readonly string[] = [
  "check sampling and sample weights",
  "recalibrate (run.recalibrate(validation)): rankings by one task are not affected, products of tasks are",
];
const recalibrateByDomain: readonly string[] = [
  "recalibrate by domain (run.recalibrate(validation)): the order within a domain stays, but scores of these domains cannot be compared with those of others",
];

function isNearChance({ interval, metrics, task }: DomainCell, level: number): boolean {
  if (interval === null || interval.low > 0.5 || interval.high < 0.5) return false;
  return widenedFor(metrics.auc!, interval, task.domains.length, level).high < NEAR_CHANCE;
}

/** Tasks whose AUC is not above a logistic regression's. @param isShown whether their whole interval is below it */
function belowFloor({ evaluation }: ReportFacts, isShown: boolean, ...actions: readonly (Action | string)[]) {
  return findings(evaluation?.tasks, ({ tower, overall: { auc, intervals }, floor }) => {
    const simple = floor?.overall ?? null;
    if (simple === null || auc === null || auc > simple) return null;
    const { low = null, high = null } = intervals?.auc ?? {};
    const isKnown = low !== null && high !== null;
    const tasks = evaluation!.tasks.length;
    const isBelow = isKnown && widenedFor(auc, { low, high }, tasks, levelOf({ evaluation })).high < simple;
    if (isShown !== isBelow) return null;
    const fact = `${tower}: AUC ${fixed(auc)}, of a logistic regression on the same features ${fixed(simple)}.`;
    return { ...finding(fact, ...actions), size: simple - auc };
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

/** A finding of a rule. */
export interface Suggestion {
  readonly rule: string;
  /** How much it matters: conclusions do not hold, the model loses quality, or something is worth a look. */
  readonly severity: Severity;
  /** The observation, with its numbers. */
  readonly seen: string;
  /** A suggestion. It contradicts no suggestion before it, and the run has not done it already. */
  readonly next: string;
}

export interface Action {
  /** What to do, in lower case, without a full stop. */
  readonly text: string;
  /**
   * What it increases (1) or reduces (−1): two actions that pull one setting in two directions contradict each other.
   */
  readonly pulls?: readonly [setting: "length" | "learning rate" | "size" | "domains", direction: 1 | -1];
  readonly isDone?: (facts: ReportFacts) => boolean;
}

export interface Finding {
  readonly seen: string;
  /** What may help, best first: alternatives. */
  readonly actions: readonly Action[];
  /** The amount of AUC at stake, for the order within a severity; default: 0. */
  readonly size?: number;
}

export interface Rule {
  readonly name: string;
  readonly severity: Severity;
  readonly when: string;
  /** Its findings; empty if the numbers are missing or do not support one. */
  find(facts: ReportFacts): readonly Finding[];
}
