/** Comparisons of two models: the differences of their metrics, and a sentence on what they show. */
import { count } from "../util/text.js";
import type { TaskCells } from "./curve-types.js";
import type { Interval } from "./intervals/bootstrap.js";
import type { IntervalMethod, MetricName } from "./types.js";

/** Whether larger is better, smaller is better, or closer to 1 is better. */
export const metricDirections: Readonly<Record<MetricName, "better" | "worse" | "towards 1">> = {
  auc: "better",
  groupedAuc: "better",
  logLoss: "worse",
  normalizedEntropy: "worse",
  calibration: "towards 1",
  expectedCalibrationError: "worse",
  accuracy: "better",
  meanAbsoluteError: "worse",
  meanSquaredError: "worse",
  rootMeanSquaredError: "worse",
};

/**
 * A verdict, corrected for the number of cells. `won`, `lost`: the first model is better or worse, including on other
 * rows and in other trainings. `ahead`, `behind`: including on other rows, but only for these trainings, which is no
 * verdict on the models. `noise`: neither; `gap`: not defined.
 */
export type Verdict = "won" | "lost" | "ahead" | "behind" | "noise" | "gap";

/** One metric of two models, means over trainings: `value` is the first minus the second, with its paired interval. */
export interface Difference extends Interval {
  /** The first model's metric; `null` if it is not defined. */
  readonly first: number | null;
  /** The second model's metric; `null` if it is not defined. */
  readonly second: number | null;
  /** Two-sided p value of the hypothesis of no difference. */
  readonly pValue: number | null;
  /** Holm-corrected over all cells of the metric. */
  readonly adjustedPValue: number | null;
  readonly verdict: Verdict;
  /** The reason for a missing verdict; `null` if there is a verdict. */
  readonly gap: string | null;
}

/** Differences on the rows of a task and a domain. */
export interface ComparedCell {
  readonly rows: number;
  /** Number of these rows with a positive label. */
  readonly positives: number;
  /** By metric; metrics that the task does not have are missing. */
  readonly metrics: Readonly<Partial<Record<MetricName, Difference>>>;
}

/** One task of two models. `T`: towers. */
export type TaskComparison<T extends string = string> = TaskCells<ComparedCell, T>;

/** How a comparison was made. */
export interface ComparisonMethod extends IntervalMethod {
  /** AUC: DeLong's test if rows are independent, else the paired bootstrap, as for the other metrics. */
  readonly auc: "DeLong" | "bootstrap";
  /** Trainings of each model; with two or more of both, intervals and verdicts are about the models. */
  readonly trainings: readonly [number, number];
  /** A difference is significant below this adjusted p value. */
  readonly significance: number;
}

/** Two models on the same rows. */
export interface Comparison {
  readonly names: readonly [string, string];
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly tasks: readonly TaskComparison[];
  readonly metrics: readonly MetricName[];
  readonly method: ComparisonMethod;
  readonly notes: readonly string[];
}

interface Judged {
  readonly name: string;
  readonly difference: Difference;
}

/** A sentence with the numbers of cells that one metric won and lost, of how many; cells without a verdict count. */
export function comparisonVerdict(comparison: Comparison, metric: MetricName = "auc"): string {
  const [first, second] = comparison.names;
  const cells = comparison.tasks.flatMap(({ tower, overall, domains }) => {
    const judged = (cell: ComparedCell, name: string): Judged[] => {
      const difference = cell.metrics[metric];
      return difference === undefined ? [] : [{ name: `${tower} ${name}`, difference }];
    };
    return [
      ...judged(overall, "all rows"),
      ...domains.flatMap((cell, domain) => judged(cell, comparison.domainNames[domain] ?? `domain ${domain}`)),
    ];
  });
  const by = (...verdicts: Verdict[]) => cells.filter(({ difference }) => verdicts.includes(difference.verdict));
  const [better, worse, noise, gaps] = [by("won", "ahead"), by("lost", "behind"), by("noise"), by("gap")];
  const total = cells.length - gaps.length;
  const unknown =
    gaps.length === 0 ? "" : ` ${count(gaps.length, "cell")} cannot be judged (${gaps[0]?.difference.gap}).`;
  if (total === 0) return `${first} and ${second} cannot be compared by ${metric}.${unknown}`;
  const seesaw = better.length > 0 && worse.length > 0 ? "A seesaw: " : "";
  const parts = [
    ...(better.length > 0 ? [`better in ${count(better.length, "cell")} (${named(better)})`] : []),
    ...(worse.length > 0 ? [`worse in ${count(worse.length, "cell")} (${named(worse)})`] : []),
    ...(noise.length > 0 ? [`no difference beyond noise in ${count(noise.length, "cell")}`] : []),
  ];
  const isNoise = noise.length === total;
  const summary = isNoise
    ? `No difference beyond noise in ${count(total, "cell")}`
    : `${seesaw}${first} is ${parts.join(", ")} of ${total}`;
  const alone = trainingsAtHand(comparison.method);
  return `${summary}${alone === null ? "" : ` for ${alone}`}.${unknown}`;
}

/** Whether both models have several trainings; otherwise no verdict on the models is possible. */
export function comparesModels({ trainings }: Pick<ComparisonMethod, "trainings">): boolean {
  return Math.min(...trainings) > 1;
}

/** Says that a verdict is about these trainings only; `null` if the comparison is of models. */
export function trainingsAtHand(method: Pick<ComparisonMethod, "trainings">): string | null {
  if (comparesModels(method)) return null;
  return Math.max(...method.trainings) > 1 ? "these trainings" : "these two trainings";
}

function named(cells: readonly Judged[]): string {
  const size = ({ difference }: Judged): number => Math.abs(difference.value ?? 0);
  const most = [...cells].sort((a, b) => size(b) - size(a)).slice(0, 3);
  return [...most.map(({ name }) => name), ...(cells.length > most.length ? ["…"] : [])].join(", ");
}
