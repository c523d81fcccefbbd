/**
 * The values of a derived column, from the columns that its rule reads.
 */
import type { DerivedColumn } from "../../spec/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import type { ColumnInfo, NumberColumn, RawColumn } from "../table/column.js";
import type { RowProblems } from "../table/row-problem.js";
import { dateColumn } from "./dates.js";
import { ruleColumn } from "./rules.js";

/** The type of a derived column. */
export function derivedInfo(name: string, rule: DerivedColumn): ColumnInfo {
  const type = rule.kind === "days" ? "float" : "integer";
  return { name, type, sourceType: type === "float" ? "DOUBLE" : "INTEGER" };
}

/** A label's values by a rule; 0 where the rule cannot be used. */
export function labelsBy(name: string, rule: DerivedColumn, column: RawColumn): Float32Array {
  const columns = new Map([[rule.from, column]]);
  return Float32Array.from(derivedValues(name, rule, columns, { rowProblem: () => undefined }).values);
}

/** Computes a column; values that the rule cannot use are reported, and are 0. */
export function derivedValues(
  name: string,
  rule: DerivedColumn,
  columns: ReadonlyMap<string, RawColumn>,
  report: RowProblems,
): NumberColumn {
  const about = `"${name}"`;
  switch (rule.kind) {
    case "above":
    case "atLeast":
    case "below":
    case "atMost":
    case "equals":
      return ruleColumn(rule, columns.get(rule.from)!, { about, call: `label(${stringLiteral(name)})`, report });
    default:
      return dateColumn(rule, columns, { about, report });
  }
}
