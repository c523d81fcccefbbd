import type { Problem } from "../../errors/index.js";
import type { ArgumentsOf, Choice, Place } from "../option.js";

/** A task's predictions and labels on some rows. */
export interface MetricRows {
  /** [rows] */
  readonly labels: Float32Array;
  /** [rows, numClass] */
  readonly probabilities: Float32Array;
  /** [rows]: the probability of the positive class; the value itself for regression. */
  readonly scores: Float32Array;
  readonly numClass: number;
  /** Whether the task predicts one of two classes. */
  readonly isBinary: boolean;
  /** `[rows]`: the values of an id feature or label, by which a metric groups; `null` without one. */
  group(name: string): ArrayLike<number> | null;
  /** `[rows]`: predictions of a numeric label. */
  values(): Float32Array;
  /** `[rows]`: the batch of each row. */
  batches(): ArrayLike<number>;
}

/** A metric that a tower requests. `Method`: the interface of the builder's method. */
export interface Metric<S extends { readonly kind: string }, Method = unknown> extends Choice<S> {
  /** The direction: larger is better, smaller is better, or closer to 1 is better. */
  readonly more: "better" | "worse" | "towards 1";
  /** The metric's options from the arguments of the builder's method. */
  readonly make: (...values: ArgumentsOf<Method>) => Omit<S, "kind">;
  /** `null`: not defined on these rows. */
  value(rows: MetricRows, metric: S): number | null;
}

/** Errors and ordered pairs compare numbers: TorchEasyRec stops with KeyError 'y_…' on other towers. */
export function numericProblems(metric: string, { path, tower }: Place): Problem[] {
  if (tower.losses.some(({ kind }) => kind === "l2_loss")) return [];
  const received = tower.losses.map(({ kind }) => kind).join(", ") || "no loss";
  return [misplaced(path, metric, "a tower with l2_loss, which predicts a number", received)];
}

export function oneOutputProblems(metric: string, { path, tower }: Place): Problem[] {
  return tower.numClass === 1 ? [] : [misplaced(path, metric, "one output", `${tower.numClass} classes`)];
}

export function classesProblems(metric: string, { path, tower }: Place): Problem[] {
  return tower.numClass > 1 ? [] : [misplaced(path, metric, "several classes", "one output")];
}

export function twoClassProblems(metric: string, { path, tower }: Place): Problem[] {
  if (tower.numClass <= 2) return [];
  const received = `${tower.numClass} classes`;
  return [
    { path, message: `${metric} supports two classes only`, received, expected: "at most 2", fix: "t.accuracy()" },
  ];
}

function misplaced(path: string, metric: string, needs: string, received: string): Problem {
  const fix = "remove this metric from the tower";
  return { path, message: `${metric} needs ${needs}, as in TorchEasyRec`, received, expected: needs, fix };
}
