/** Labels by a rule: comparisons of numbers, and equality with values. */
import type { ComparisonRule, EqualityRule } from "../spec/feature/derived.js";
import { stringLiteral } from "../util/near.js";
import { numberIn, numberText, timeText } from "./cells.js";
import { writtenTruth } from "./number-text.js";
import {
  columnRows,
  Fault,
  hasValue,
  type NumberColumn,
  type RawColumn,
  type RowProblems,
  type TextColumn,
} from "./table/column.js";

/** How faults are described. */
interface Description {
  readonly about: string;
  /** The builder's call, for the fix. */
  readonly call: string;
  readonly report: RowProblems;
}

/** 1 where the rule holds, 0 where it does not, no value where the column has none. */
export function ruleColumn(
  rule: ComparisonRule | EqualityRule,
  column: RawColumn,
  description: Description,
): NumberColumn {
  const rows = columnRows(column);
  const values = new Int32Array(rows);
  const valid = new Uint8Array(rows);
  const wrong = new Fault();
  const test = rule.kind === "equals" ? equality(rule) : comparison(rule);
  const words = column.kind === "text" ? column.words.map((word) => test.text(word)) : [];
  for (let row = 0; row < rows; row++) {
    if (!hasValue(column, row)) continue;
    valid[row] = 1;
    const result =
      column.kind === "text"
        ? words[column.codes[row]!]!
        : column.kind === "number"
          ? test.number(column.values[row]!, column.type)
          : null;
    if (result === null) wrong.note(row, () => valueText(column, row));
    else values[row] = result ? 1 : 0;
  }
  reportWrong(rule, wrong, column, description);
  return { kind: "number", type: "integer", values, valid: valid.includes(0) ? valid : null };
}

/** Whether a value satisfies the rule; `null`: it cannot be compared. */
interface Test {
  text(word: string): boolean | null;
  number(value: number, type: NumberColumn["type"]): boolean | null;
}

function comparison({ kind, value: limit }: ComparisonRule): Test {
  const holds = (value: number): boolean => {
    if (kind === "above") return value > limit;
    if (kind === "atLeast") return value >= limit;
    return kind === "below" ? value < limit : value <= limit;
  };
  return {
    text(word) {
      // A word for yes or no is a number elsewhere, but is not compared with a limit.
      const value = writtenTruth(word.trim()) === null ? numberIn(word) : Number.NaN;
      return Number.isNaN(value) ? null : holds(value);
    },
    number: (value, type) => (type === "timestamp" ? null : holds(value)),
  };
}

/** A text equals the same text; a number the same number, also as text; `true` and `false` equal booleans. */
function equality({ values }: EqualityRule): Test {
  const texts = new Set(values.map(String));
  const numbers = new Set(values.map((value) => (typeof value === "string" ? numberIn(value) : Number(value))));
  const truths = new Set(values.filter((value) => typeof value === "boolean").map(Number));
  return {
    text: (word) => texts.has(word) || (truths.size > 0 && truths.has(numberIn(word))),
    number(value, type) {
      if (type === "timestamp") return texts.has(timeText(value));
      return texts.has(numberText(value)) || numbers.has(value);
    },
  };
}

function reportWrong(
  rule: ComparisonRule | EqualityRule,
  wrong: Fault,
  column: RawColumn,
  description: Description,
): void {
  if (wrong.rows === 0) return;
  const { about, call, report } = description;
  const { first: row, rows, received, examples } = wrong;
  const from = `${call}.from(${stringLiteral(rule.from)})`;
  report.rowProblem({
    column: rule.from,
    row,
    rows,
    message:
      rule.kind === "equals"
        ? `label ${about} compares values, and this column holds lists`
        : `label ${about} compares numbers, and this is not a number`,
    received,
    examples,
    expected: rule.kind === "equals" ? "one value in each row" : "a number in each row",
    fix: column.kind === "text" ? `${from}.equals(${exampleWord(column, row)})` : "compute the label in the data",
  });
}

function exampleWord({ codes, words }: TextColumn, row: number): string {
  return stringLiteral(words[codes[row]!] ?? "yes");
}

function valueText(column: RawColumn, row: number): string {
  if (column.kind === "text") return JSON.stringify(column.words[column.codes[row]!]);
  return column.kind === "list" ? "a list" : timeText(column.values[row]!);
}
