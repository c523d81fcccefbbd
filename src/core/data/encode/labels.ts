/** Encodes labels, sample weights and domains. */
import { knownLoss } from "../../spec/losses.js";
import { type DomainsSpec, ignoredClass, type TowerSpec } from "../../spec/model.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { stringLiteral } from "../../util/code-text.js";
import { didYouMean, listNames } from "../../util/names.js";
import type { Work } from "../../util/turns.js";
import { numberIn, numbersWritten, parseTruths } from "../cells.js";
import { numbersFix } from "../column-fixes.js";
import type { EncodedData } from "../encoded/encoded.js";
import { isWhole, writtenTruth } from "../number-text.js";
import { type ColumnTexts, Fault } from "../row-findings.js";
import { identifier } from "../sources/names.js";
import { type RawColumn, type TextColumn, withUsedWords } from "../table/column.js";
import type { EncodingPlan } from "./plan.js";
import type { Report } from "./report.js";

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
    .flatMap((tower) => tower.losses.map((loss) => ({ labels: knownLoss(loss)?.labels, classes: tower.numClass })));
  if (losses.some(({ labels }) => labels === "binary")) {
    const name = stringLiteral(label);
    const fix = `a label of 0 or 1, such as label("high").from(${name}).above(3), or another loss of the tower`;
    return { allows: (value) => value === 0 || value === 1, expected: "0 or 1", fix };
  }
  const softmax = losses.find(({ labels }) => labels === "classes");
  if (!softmax) return anyNumber;
  return {
    allows: (value) => value === ignoredClass || (Number.isInteger(value) && value >= 0 && value < softmax.classes),
    expected: `a class in 0 … ${softmax.classes - 1} (or ${ignoredClass}, to leave the row out)`,
  };
}

const weightRule: Rule = { allows: (value) => value >= 0, expected: "a weight of 0 or more" };

/** What the rows of a part teach: labels, sample weights and domains. */
export function* encodeTargets(
  { spec, labels, weights, domain, report }: EncodingPlan,
  columns: ReadonlyMap<string, RawColumn>,
): Work<Pick<EncodedData, "labels" | "sampleWeights" | "domains">> {
  const column = (name: string): RawColumn => columns.get(name)!;
  const label = (name: string): Float32Array =>
    checkedFloats(name, `label "${name}"`, unwrapped(column(name)), labelRule(name, spec.towers), report);
  const weight = (name: string): Float32Array =>
    checkedFloats(name, `sample weight "${name}"`, column(name), weightRule, report);
  return {
    labels: yield* encodeEach(labels, label),
    sampleWeights: yield* encodeEach(weights, weight),
    domains: domain === null ? null : encodeDomains(domain, column(domain.column), report),
  };
}

function* encodeEach(
  names: readonly string[],
  encode: (name: string) => Float32Array,
): Work<Map<string, Float32Array>> {
  const encoded = new Map<string, Float32Array>();
  for (const name of names) {
    encoded.set(name, encode(name));
    yield;
  }
  return encoded;
}

/** Lists of one number each are numbers, as in newer versions of TorchEasyRec. */
function unwrapped(column: RawColumn): RawColumn {
  if (column.kind !== "list" || column.items.kind !== "number" || column.valid !== null) return column;
  return column.offsets.every((offset, row) => offset - column.offsets[0]! === row) ? column.items : column;
}

function encodeDomains({ column: name, count, names }: DomainsSpec, raw: RawColumn, report: Report): Int32Array {
  const column = domainNumbers(raw, names);
  const rule: Rule = {
    allows: (value) => Number.isInteger(value) && value >= 0 && value < count,
    expected: `an integer in 0 … ${count - 1} (domains(${stringLiteral(name)}, ${count}))`,
    fix: `raise the count in domains(${stringLiteral(name)}, …), or number the domains from 0`,
  };
  if (column.kind !== "text" || names === null) {
    return sharedInts(checkedFloats(name, `domain "${name}"`, column, rule, report));
  }
  return unnamedDomains(name, names, column, report);
}

/** Names as numbers; other text and columns are kept. A name such as `2` is only a label: the text `2` is domain 2. */
export function domainNumbers(column: RawColumn, names: readonly string[] | null): RawColumn {
  if (column.kind !== "text" || names === null) return column;
  const places = new Map(names.flatMap((name, place) => (isWhole(name) ? [] : [[name, String(place)] as const])));
  const used = withUsedWords(column) as typeof column;
  const words = used.words.map((word) => places.get(word) ?? word);
  const mapped = { ...used, words };
  return words.some((word) => Number.isNaN(numberIn(word))) ? mapped : numbersWritten(mapped);
}

function unnamedDomains(name: string, names: readonly string[], column: TextColumn, report: Report): Int32Array {
  const other = Fault.ofWords(
    column,
    (text) => Number.isNaN(numberIn(text)),
    (text) => JSON.stringify(text),
  );
  const word = JSON.parse(other.received) as string;
  const all = names.length < mostNames ? `[${[...names, word].map((each) => stringLiteral(each)).join(", ")}]` : "[…]";
  report.fault(name, other, {
    message: `domain "${name}" has no such name`,
    expected: `one of ${listNames(names)}`,
    fix: didYouMean(word, names) ?? `.domains(${stringLiteral(name)}, ${all})`,
  });
  return sharedInts(column.codes.length);
}

function toNumbers(name: string, what: string, column: TextColumn): string {
  const words = [...new Set(column.codes)].flatMap((code) => (code < 0 ? [] : [column.words[code]!])).sort();
  const example = stringLiteral(words[0] ?? "yes");
  if (what.startsWith("label")) return `label(${stringLiteral(name)}).equals(${example})`;
  if (what.startsWith("domain")) {
    const names = words.length <= mostNames ? words.map((word) => stringLiteral(word)).join(", ") : `${example}, …`;
    return `.domains(${stringLiteral(name)}, [${names}])`;
  }
  const column_ = identifier(name);
  return `convert the text to numbers: dataset.sql(${JSON.stringify(`select * replace (cast(${column_} as double) as ${column_}) from …`)})`;
}

const mostNames = 20;

/** The first row that makes the column text: other rows may contain numbers. */
function notNumber(column: Exclude<RawColumn, { kind: "number" }>): Fault {
  const fault = new Fault();
  if (column.kind === "list") {
    // Lists of one number each are read as numbers.
    const { offsets } = column;
    const row = Math.max(
      0,
      offsets.findIndex((start, at) => offsets[at + 1]! - start !== 1),
    );
    fault.note(row, `a list of ${offsets[row + 1]! - offsets[row]!} values`);
  } else {
    const isText = column.words.map((word) => !Number.isFinite(numberIn(word)) || writtenTruth(word.trim()) !== null);
    const row = column.codes.findIndex((code) => isText[code] === true);
    const word = column.words[column.codes[Math.max(0, row)]!] ?? "";
    fault.note(Math.max(0, row), `text, such as ${JSON.stringify(word)}`);
  }
  return fault;
}

function checkedFloats(name: string, what: string, raw: RawColumn, rule: Rule, report: Report): Float32Array {
  const { expected, fix } = rule;
  const column = raw.kind === "text" ? (parseTruths(raw) ?? raw) : raw;
  if (column.kind !== "number") {
    const fix = async (texts: ColumnTexts): Promise<string | undefined> => {
      return column.kind === "list" ? undefined : ((await numbersFix(name, texts)) ?? toNumbers(name, what, column));
    };
    report.fault(name, notNumber(column), { message: `${what} is not a number`, expected, fix });
    return sharedFloats(0);
  }
  const { values, valid } = column;
  const floats = sharedFloats(values);
  const empty = new Fault();
  const wrong = new Fault();
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (valid !== null && valid[row] === 0) empty.note(row, "null");
    else if (Number.isNaN(value)) empty.note(row, "NaN");
    // Checked as float32: 1e39 becomes infinite.
    else if (!Number.isFinite(floats[row]) || !rule.allows(value)) wrong.note(row, value);
  }
  const dropRows = "remove such rows, or fill in a value, before training";
  report.fault(name, empty, { message: `${what} has no value`, expected, fix: dropRows });
  report.fault(name, wrong, { message: `${what} is out of range`, expected, fix });
  return floats;
}
