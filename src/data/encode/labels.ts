/**
 * Encodes labels, sample weights and domains, and checks every row.
 */
import type { ModelSpec, TowerSpec } from "../../spec/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { numberIn, truthsOf } from "../cells/as-numbers.js";
import { writtenTruth } from "../cells/number-text.js";
import { sharedFloats, sharedInts } from "../encoded/encoded.js";
import { identifier } from "../sources/duckdb/duckdb.js";
import type { RawColumn } from "../table/column.js";
import { Fault, type Report } from "./report.js";

/** The valid values of a column. */
interface Rule {
  readonly allows: (value: number) => boolean;
  readonly expected: string;
  readonly fix?: string;
}

const anyNumber: Rule = { allows: () => true, expected: "a finite number" };

/** The rule of a label: 0 or 1 for binary losses, a class for softmax, otherwise any number. */
export function labelRule(label: string, towers: readonly TowerSpec[]): Rule {
  const losses = towers
    .filter((tower) => tower.label === label)
    .flatMap((tower) => tower.losses.map((loss) => ({ kind: loss.kind, classes: tower.numClass })));
  const binary = losses.some((loss) => loss.kind === "binary_cross_entropy" || loss.kind === "binary_focal_loss");
  if (binary) {
    const fix = "make the label 0 or 1 before training, such as rating > 3";
    return { allows: (value) => value === 0 || value === 1, expected: "0 or 1", fix };
  }
  const softmax = losses.find((loss) => loss.kind === "softmax_cross_entropy");
  if (!softmax) return anyNumber;
  return {
    allows: (value) => Number.isInteger(value) && value >= 0 && value < softmax.classes,
    expected: `a class in 0 … ${softmax.classes - 1}`,
  };
}

/** A label's values, [rows]. */
export function encodeLabel(spec: ModelSpec, name: string, column: RawColumn, report: Report): Float32Array {
  return checkedFloats(name, `label "${name}"`, column, labelRule(name, spec.towers), report);
}

/** A sample weight's values, [rows]. */
export function encodeWeight(name: string, column: RawColumn, report: Report): Float32Array {
  const rule: Rule = { allows: (value) => value >= 0, expected: "a weight of 0 or more" };
  return checkedFloats(name, `sample weight "${name}"`, column, rule, report);
}

/** Each row's domain, [rows]. */
export function encodeDomains(name: string, count: number, column: RawColumn, report: Report): Int32Array {
  const rule: Rule = {
    allows: (value) => Number.isInteger(value) && value >= 0 && value < count,
    expected: `an integer in 0 … ${count - 1} (domains(${stringLiteral(name)}, ${count}))`,
    fix: `raise the count in domains(${stringLiteral(name)}, …), or number the domains from 0`,
  };
  const floats = checkedFloats(name, `domain "${name}"`, column, rule, report);
  const domains = sharedInts(floats.length);
  domains.set(floats);
  return domains;
}

/** Suggests a conversion from text to numbers. */
function toNumbers(column: string, what: string): string {
  const name = identifier(column);
  const query = (value: string) => JSON.stringify(`select * replace (${value} as ${name}) from …`);
  return what.startsWith("domain")
    ? `number the domains from 0: dataset.sql(${query(`list_position(['first', 'second'], ${name}) - 1`)})`
    : `convert the text to numbers: dataset.sql(${query(`cast(${name} as double)`)})`;
}

/** The first row that makes the column text: other rows may contain numbers. */
function notNumber(column: Exclude<RawColumn, { kind: "number" }>): { row: number; received: string } {
  if (column.kind === "list") return { row: 0, received: "lists" };
  const isText = column.words.map((word) => !Number.isFinite(numberIn(word)) || writtenTruth(word.trim()) !== null);
  const row = Math.max(
    0,
    column.codes.findIndex((code) => isText[code] === true),
  );
  return { row, received: `text, such as ${JSON.stringify(column.words[column.codes[row]!] ?? "")}` };
}

function checkedFloats(name: string, what: string, given: RawColumn, rule: Rule, report: Report): Float32Array {
  const column = given.kind === "text" ? (truthsOf(given) ?? given) : given;
  if (column.kind !== "number") {
    const message = `${what} is not a number`;
    const cast = column.kind === "list" ? undefined : toNumbers(name, what);
    const { row, received } = notNumber(column);
    report.rowProblem({ column: name, row, rows: 1, message, received, expected: rule.expected, fix: cast });
    return sharedFloats(0);
  }
  const { values, valid } = column;
  const floats = sharedFloats(values.length);
  const empty = new Fault();
  const wrong = new Fault();
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    floats[row] = value;
    if (valid !== null && valid[row] === 0) empty.note(row, "null");
    else if (Number.isNaN(value)) empty.note(row, "NaN");
    // Checked as float32: 1e39 becomes infinite.
    else if (!Number.isFinite(floats[row]) || !rule.allows(value)) wrong.note(row, value);
  }
  const { expected, fix } = rule;
  if (empty.rows > 0) {
    const dropRows = "remove such rows, or fill in a value, before training";
    const { first: row, rows, received } = empty;
    const message = `${what} has no value`;
    const { examples } = empty;
    report.rowProblem({ column: name, row, rows, message, received, examples, expected, fix: dropRows });
  }
  if (wrong.rows > 0) {
    const { first: row, rows, received, examples } = wrong;
    const message = `${what} is out of range`;
    report.rowProblem({ column: name, row, rows, message, received, examples, expected, fix });
  }
  return floats;
}
