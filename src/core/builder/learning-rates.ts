/** Learning rate schedules for `train({ denseLearningRate, sparseLearningRate })`. Sizes count steps or epochs. */
import { SpecError } from "../errors/index.js";
import type { ComparisonRule, DerivedColumn } from "../spec/feature/derived.js";
import type { LearningRateSpec } from "../spec/training.js";
import { stringLiteral } from "../util/code-text.js";

/** Options of all schedules except the constant one. */
export interface WarmupOptions {
  /** Warm-up: the rate increases from `from` to the optimiser's rate. */
  readonly warmup?: {
    /** Number of warm-up steps (or epochs). */
    readonly size: number;
    /** The initial rate. Default: 0. */
    readonly from?: number;
  };
  /** The minimum rate. Default: 0. */
  readonly min?: number;
  /** Count epochs instead of steps. */
  readonly byEpoch?: boolean;
}

/** Uses the optimiser's rate throughout. */
export function constant(): LearningRateSpec {
  return Object.freeze<LearningRateSpec>({ kind: "constant" });
}

/** Settings of {@link exponentialDecay}. */
export interface ExponentialDecayOptions extends WarmupOptions {
  /** Number of steps (or epochs) after which the rate is multiplied by `factor` once. */
  readonly every: number;
  /** Default: 0.95. */
  readonly factor?: number;
  /** Decay in steps instead of continuously. Default: true. */
  readonly staircase?: boolean;
}

/** rate · factor^(step / every). */
export function exponentialDecay(options: ExponentialDecayOptions): LearningRateSpec {
  const { every, factor = 0.95, staircase = true } = options;
  return Object.freeze<LearningRateSpec>({
    kind: "exponential_decay",
    decaySize: every,
    decayFactor: factor,
    staircase,
    ...warmupFields(options),
  });
}

/** Settings of {@link manualSteps}. */
export interface ManualStepsOptions {
  /** `[from step (or epoch), rate]`, ascending. */
  readonly at: readonly (readonly [from: number, rate: number])[];
  /** Increase linearly to the first rate. */
  readonly warmup?: boolean;
  /** Count epochs instead of steps. Default: false. */
  readonly byEpoch?: boolean;
}

/** Explicit rates: `manualSteps({ at: [[1000, 5e-4], [2000, 1e-4]] })`. */
export function manualSteps({ at, warmup = false, byEpoch = false }: ManualStepsOptions): LearningRateSpec {
  return Object.freeze<LearningRateSpec>({
    kind: "manual_step",
    scheduleSizes: Object.freeze(at.map(([from]) => from)),
    learningRates: Object.freeze(at.map(([, rate]) => rate)),
    warmup,
    byEpoch,
  });
}

/** Settings of {@link cosine}. */
export interface CosineOptions extends WarmupOptions {
  /** Number of steps (or epochs) until the rate reaches its minimum. */
  readonly over: number;
}

/** Half a cosine from the optimiser's rate down to `min`. */
export function cosine(options: CosineOptions): LearningRateSpec {
  return Object.freeze<LearningRateSpec>({ kind: "cosine_annealing", tMax: options.over, ...warmupFields(options) });
}

/** Settings of {@link cosineRestarts}. */
export interface CosineRestartsOptions extends WarmupOptions {
  /** Number of steps (or epochs) of the first cosine. */
  readonly first: number;
  /** The length of each cosine relative to the one before. Default: 1. */
  readonly times?: number;
}

/** Cosine decay with restarts. */
export function cosineRestarts(options: CosineRestartsOptions): LearningRateSpec {
  const { first, times = 1 } = options;
  const kind = "cosine_annealing_warm_restarts";
  return Object.freeze<LearningRateSpec>({ kind, t0: first, tMult: times, ...warmupFields(options) });
}

function warmupFields({ warmup, min = 0, byEpoch = false }: WarmupOptions) {
  return { minLearningRate: min, warmupLearningRate: warmup?.from ?? 0, warmupSize: warmup?.size ?? 0, byEpoch };
}

/** A label and how its column is computed. */
export interface Label<N extends string> {
  readonly name: N;
  /** How its values are computed. */
  readonly rule: DerivedColumn;
}

/** A label that still lacks its rule. */
export interface LabelWithoutRule<N extends string> {
  /** Sets the column that the rule reads. Default: the column with the label's name. */
  from(column: string): LabelWithoutRule<N>;
  /** 1 where the number is larger than `value`. */
  above(value: number): Label<N>;
  /** 1 where the number is `value` or larger. */
  atLeast(value: number): Label<N>;
  /** 1 where the number is smaller than `value`. */
  below(value: number): Label<N>;
  /** 1 where the number is `value` or smaller. */
  atMost(value: number): Label<N>;
  /** 1 where the value is one of `values`: texts, numbers, or `true` and `false`. */
  equals(...values: readonly (string | number | boolean)[]): Label<N>;
}

/**
 * A label that a rule computes from a column: 1 where the rule holds, otherwise 0. A missing value has no label, which
 * is an error of that row. The config's `# pepnet:` line keeps the rule; exported rows contain its result.
 * @example
 * model.labels(label("like").from("rating").above(3), label("bought").from("status").equals("paid", "shipped"));
 */
export function label<N extends string>(name: N): LabelWithoutRule<N> {
  return ruleBuilder(name, name);
}

function ruleBuilder<N extends string>(name: N, from: string): LabelWithoutRule<N> {
  const rule = (made: DerivedColumn): Label<N> => Object.freeze({ name, rule: Object.freeze(made) });
  const comparison = (kind: ComparisonRule["kind"]) => (value: number) => rule({ kind, from, value });
  return Object.freeze<LabelWithoutRule<N>>({
    from: (column, ...rest: readonly unknown[]) => {
      if (rest.length > 0) throw functionRule(name, column);
      return ruleBuilder(name, column);
    },
    above: comparison("above"),
    atLeast: comparison("atLeast"),
    below: comparison("below"),
    atMost: comparison("atMost"),
    equals: (...values) => rule({ kind: "equals", from, values: Object.freeze([...values]) }),
  });
}

/** Refuses a function as a rule, since it could be neither saved with the run nor exported. */
function functionRule(name: string, column: string): SpecError {
  const start = `label(${stringLiteral(name)}).from(${stringLiteral(column)})`;
  return new SpecError({
    path: `labels.${name}`,
    message: "a label's rule cannot be a function, because saved runs and configs contain the rule",
    received: `${start.slice(0, -1)}, …)`,
    expected: ".above(value), .atLeast(value), .below(value), .atMost(value) or .equals(…values)",
    fix: `${start}.above(3), or compute the column in the data`,
  });
}
