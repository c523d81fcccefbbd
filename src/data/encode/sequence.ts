/** Sequences as bags: one id per position; or each position's ids and −1; or numbers as weights of id 0. */
import { holdsSeveral, type IdFeatureSpec, isSequence, type RawFeatureSpec } from "../../spec/feature/feature.js";
import type { SequenceSpec } from "../../spec/feature/sequence.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { grown } from "../../util/growing.js";
import { inRuns, type Work } from "../../util/turns.js";
import { valueIn } from "../cells.js";
import type { BagColumn } from "../encoded/encoded.js";
import { columnRows, Fault, hasValue, type ListColumn, nestedSeparator, type RawColumn } from "../table/column.js";
import type { IdOptions } from "./id.js";
import { findBucket, readNormalizer } from "./raw.js";
import type { Report } from "./report.js";
import { type IdRule, idRule, isOutside, notAnId, rowOfAnswer } from "./rows-of-ids.js";
import { watchedRule } from "./sharing.js";

export type SequenceFeatureSpec = (IdFeatureSpec | RawFeatureSpec) & { readonly sequence: SequenceSpec };

export function isSequenceFeature(feature: IdFeatureSpec | RawFeatureSpec): feature is SequenceFeatureSpec {
  return isSequence(feature);
}

const runRows = 1 << 12;

/** Appends a position, or adds what is wrong with it to the faults. Returns whether it is valid. */
type PositionCoder = (tokens: readonly Token[], row: number) => boolean;

class SequenceFaults {
  readonly bad = new Fault();
  readonly outside = new Fault();
  readonly count = new Fault();
}

/** A row without a value has no positions, or the default as one. Raw columns are cut to the feature's length. */
export function* encodeSequence(
  feature: SequenceFeatureSpec,
  columnName: string,
  column: RawColumn,
  options: IdOptions,
  report: Report,
): Work<BagColumn | null> {
  const { delimiter, length } = feature.sequence;
  const rows = columnRows(column);
  const read = positionsReader(column, delimiter, options.separator);
  const items = new Items(feature.kind === "raw" && feature.boundaries.length === 0);
  const faults = new SequenceFaults();
  const coder = makeCoder(feature, options, items, faults, report);
  if (coder === null) return null;
  const fallback = options.encoded ? defaultPositions(column, options) : [];
  const most = options.encoded ? Number.POSITIVE_INFINITY : length;
  const offsets = sharedInts(rows + 1);
  yield* inRuns(rows, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const values = read(row) ?? [];
      const positions = values.length === 0 ? fallback : values;
      for (let at = 0; at < positions.length && at < most; at++) if (!coder(positions[at]!, row)) break;
      offsets[row + 1] = items.count;
    }
  });
  reportFaults(feature, columnName, faults, options, report);
  return items.finish(offsets);
}

/** Several defaults are one position, but one each in a list of single values, as in TorchEasyRec. */
function defaultPositions(column: RawColumn, { defaultValue, separator }: IdOptions): readonly (readonly Token[])[] {
  if (defaultValue === "") return [];
  const values = defaultValue.split(separator);
  const isPlain = column.kind === "list" && column.nested !== true;
  return isPlain ? values.map((value) => [value]) : [values];
}

function makeCoder(
  feature: SequenceFeatureSpec,
  options: IdOptions,
  items: Items,
  faults: SequenceFaults,
  report: Report,
): PositionCoder | null {
  if (feature.kind === "id") {
    const plain = idRule(feature, options.encoded);
    const rule = options.values === null ? plain : watchedRule(plain, options.values);
    return idCoder(rule, holdsSeveral(feature), options, items, faults);
  }
  const normalizer = readNormalizer(feature, report);
  if (normalizer === null) return null;
  return numberCoder(feature, normalizer.apply, options, items, faults);
}

function idCoder(
  rule: IdRule,
  several: boolean,
  { encoded, defaultValue }: IdOptions,
  items: Items,
  { bad, outside, count }: SequenceFaults,
): PositionCoder {
  const missing = (token: Token): boolean => token === null || (!encoded && token === "");
  const answerFor = (token: Token): number => {
    if (missing(token)) return encoded ? notAnId : defaultValue === "" ? -1 : rule.row(defaultValue);
    if (typeof token === "string") return rule.row(token);
    const whole = encoded ? Math.trunc(token!) : token!;
    return Number.isInteger(whole) ? rule.rowOfNumber(whole) : notAnId;
  };
  return (tokens, row) => {
    if (!several && tokens.length !== 1) {
      count.note(row, () => JSON.stringify(tokens));
      return false;
    }
    for (const token of tokens) {
      const answer = answerFor(token);
      if (answer === notAnId) {
        bad.note(row, () => JSON.stringify(token));
        return false;
      }
      if (isOutside(answer)) outside.note(row, () => JSON.stringify(token));
      if (!several || answer !== -1) items.push(rowOfAnswer(answer));
    }
    if (several) items.push(-1);
    return true;
  };
}

function numberCoder(
  feature: RawFeatureSpec,
  apply: ((value: number) => number) | null,
  { encoded, defaultValue }: IdOptions,
  items: Items,
  { bad, count }: SequenceFaults,
): PositionCoder {
  const { valueDim } = feature;
  const boundaries = Float32Array.from(feature.boundaries).sort();
  const several = boundaries.length > 0 && holdsSeveral(feature);
  const parsed = (token: Token): number => {
    if (token === null || token === "") return encoded || defaultValue === "" ? Number.NaN : Number(defaultValue);
    const value = typeof token === "string" ? valueIn(token) : token;
    return apply === null ? value : apply(value);
  };
  return (tokens, row) => {
    if (tokens.length !== valueDim) {
      count.note(row, () => JSON.stringify(tokens));
      return false;
    }
    const values = tokens.map(parsed);
    if (!values.every((value) => Number.isFinite(Math.fround(value)))) {
      bad.note(row, () => JSON.stringify(tokens.length === 1 ? tokens[0] : tokens));
      return false;
    }
    for (const value of values) {
      if (boundaries.length > 0) items.push(findBucket(Math.fround(value), boundaries));
      else items.pushNumber(value);
    }
    if (several) items.push(-1);
    return true;
  };
}

/** A growing list of ids, or of numbers as weights of id 0. */
class Items {
  #ids: Int32Array = new Int32Array(1024);
  #weights: Float32Array | null;
  count = 0;

  constructor(isNumbers: boolean) {
    this.#weights = isNumbers ? new Float32Array(1024) : null;
  }

  push(id: number): void {
    this.#ids = grown(this.#ids, this.count + 1);
    this.#ids[this.count++] = id;
  }

  pushNumber(value: number): void {
    this.#weights = grown(this.#weights!, this.count + 1);
    this.#weights[this.count++] = value;
  }

  finish(offsets: Int32Array): BagColumn {
    if (this.#weights === null)
      return { kind: "bag", offsets, ids: sharedInts(this.#ids.subarray(0, this.count)), weights: null };
    const weights = sharedFloats(this.#weights.subarray(0, this.count));
    return { kind: "bag", offsets, ids: sharedInts(this.count), weights };
  }
}

function reportFaults(
  feature: SequenceFeatureSpec,
  column: string,
  { bad, outside, count }: SequenceFaults,
  { encoded }: IdOptions,
  report: Report,
): void {
  const rule = feature.kind === "id" ? idRule(feature, encoded) : null;
  const what = `sequence feature "${feature.name}"`;
  if (rule !== null) report.warn("id outside the table", column, rule.outsideText, outside);
  report.fault(column, bad, {
    message: rule === null ? `not a finite number, in ${what}` : `not an id of ${what}`,
    expected: rule?.expected ?? "a finite number at each position",
  });
  if (feature.kind === "raw") {
    const expected = `${feature.valueDim} at each position: as lists of lists, or text`;
    report.fault(column, count, { message: `wrong number of values, in ${what}`, expected });
    return;
  }
  report.fault(column, count, {
    message: `several ids at one position, in ${what}`,
    expected: "one id: TorchEasyRec would shift every later position of the batch",
    fix: "set value_dim: 0 (in code: .multiValue(separator)) to pool the ids of a position",
  });
}

/** A value of a position as written; `null`: missing. */
type Token = number | string | null;

/** A reader of a row's positions, each with its values; `null`: no value. Each distinct text is parsed once. */
function positionsReader(column: RawColumn, delimiter: string, separator: string) {
  if (column.kind === "text") {
    const parsed: (readonly (readonly Token[])[])[] = [];
    return (row: number): readonly (readonly Token[])[] | null => {
      const code = column.codes[row]!;
      if (code < 0) return null;
      const word = column.words[code]!;
      parsed[code] ??= word === "" ? [] : word.split(delimiter).map((position) => position.split(separator));
      return parsed[code]!;
    };
  }
  const position = column.kind === "list" ? itemReader(column, separator) : null;
  return (row: number): readonly (readonly Token[])[] | null => {
    if (!hasValue(column, row)) return null;
    if (column.kind === "number") return [[column.values[row]!]];
    const positions: (readonly Token[])[] = [];
    for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) positions.push(position!(item));
    return positions;
  };
}

/** The values of an item of a list. An item of a list of lists may be empty. */
function itemReader({ items, nested }: ListColumn, separator: string): (item: number) => readonly Token[] {
  if (items.kind === "number") return (item) => [hasValue(items, item) ? items.values[item]! : null];
  const inner = nested === true ? nestedSeparator : separator;
  const parsed: (readonly Token[])[] = [];
  return (item) => {
    const code = items.codes[item]!;
    if (code < 0) return [null];
    const word = items.words[code]!;
    parsed[code] ??= nested === true && word === "" ? [] : word.split(inner);
    return parsed[code]!;
  };
}
