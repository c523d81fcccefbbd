/** Labels by a rule: `label("like").from("rating").above(3)`. */
import { SpecError } from "../errors/index.js";
import type { ComparisonRule, DerivedColumn } from "../spec/index.js";
import { stringLiteral } from "../util/text/code-text.js";

/** A label and how its column is computed. */
export interface Label<N extends string> {
  /** The label's name. */
  readonly name: N;
  /** How its values are computed. */
  readonly rule: DerivedColumn;
}

/** A label whose rule is missing. */
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
 *
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

/** A function could not be saved with the run, nor exported. */
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
