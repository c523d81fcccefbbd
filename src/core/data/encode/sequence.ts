/** Encodes sequences as bags: an id per position, or each position's ids and −1, or numbers as weights of id 0. */
import { holdsSeveral, type IdFeatureSpec, isSequence, type RawFeatureSpec } from "../../spec/feature/feature.js";
import type { SequenceSpec } from "../../spec/feature/sequence.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { grown } from "../../util/growing.js";
import { inRuns, type Work } from "../../util/turns.js";
import { valueIn } from "../cells.js";
import type { BagColumn } from "../encoded/encoded.js";
import { Fault } from "../row-findings.js";
import { type Cells, nestedSeparator, type RawColumn, readLists } from "../table/column.js";
import type { IdOptions } from "./id.js";
import { findBucket, readNormalizer } from "./raw.js";
import type { Report } from "./report.js";
import { idRule, isOutside, notAnId, rowOfAnswer } from "./rows-of-ids.js";
import { watchedRule } from "./sharing.js";

export type SequenceFeatureSpec = (IdFeatureSpec | RawFeatureSpec) & { readonly sequence: SequenceSpec };

export function isSequenceFeature(feature: IdFeatureSpec | RawFeatureSpec): feature is SequenceFeatureSpec {
  return isSequence(feature);
}

const runRows = 1 << 12;

type PositionCoder = (tokens: readonly Token[], row: number) => boolean;

/**
 * Encodes a sequence. A row without a value has no positions, or the default as one. Raw columns are cut to the
 * feature's length.
 */
export function* encodeSequence(
  feature: SequenceFeatureSpec,
  column: RawColumn,
  options: IdOptions,
  report: Report,
): Work<BagColumn | null> {
  const { delimiter, length } = feature.sequence;
  const { rows, at } = readPositions(column, delimiter, options.separator);
  const items = new Items(feature.kind === "raw" && feature.boundaries.length === 0);
  const coder = feature.kind === "id" ? idCoder(feature, options, items) : numberCoder(feature, options, items, report);
  if (coder === null) return null;
  const fallback = options.encoded ? defaultPositions(column, options) : [];
  const most = options.encoded ? Number.POSITIVE_INFINITY : length;
  const offsets = sharedInts(rows + 1);
  yield* inRuns(rows, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const values = at(row) ?? [];
      const positions = values.length === 0 ? fallback : values;
      for (let place = 0; place < positions.length && place < most; place++) {
        if (!coder(positions[place]!, row)) break;
      }
      offsets[row + 1] = items.count;
    }
  });
  reportFaults(feature, items, options.encoded, report);
  return items.finish(offsets);
}

/**
 * The positions of the default. Several values are one position, but a position each in a list of single values, as in
 * TorchEasyRec.
 */
function defaultPositions(column: RawColumn, { defaultValue, separator }: IdOptions): readonly (readonly Token[])[] {
  if (defaultValue === "") return [];
  const values = defaultValue.split(separator);
  return column.kind === "list" && column.nested !== true ? values.map((value) => [value]) : [values];
}

function idCoder(feature: IdFeatureSpec, { encoded, defaultValue, values }: IdOptions, items: Items): PositionCoder {
  const several = holdsSeveral(feature);
  const plain = idRule(feature, encoded);
  const rule = values === null ? plain : watchedRule(plain, values);
  const answerFor = (token: Token): number => {
    if (token === null || (!encoded && token === "")) {
      return encoded ? notAnId : defaultValue === "" ? -1 : rule.row(defaultValue);
    }
    if (typeof token === "string") return rule.row(token);
    const whole = encoded ? Math.trunc(token) : token;
    return Number.isInteger(whole) ? rule.rowOfNumber(whole) : notAnId;
  };
  return (tokens, row) => {
    if (!several && tokens.length !== 1) return items.wrong("width", row, tokens);
    for (const token of tokens) {
      const answer = answerFor(token);
      if (answer === notAnId) return items.wrong("bad", row, token);
      if (isOutside(answer)) items.wrong("outside", row, token);
      if (!several || answer !== -1) items.push(rowOfAnswer(answer));
    }
    if (several) items.push(-1);
    return true;
  };
}

function numberCoder(
  feature: RawFeatureSpec,
  { encoded, defaultValue }: IdOptions,
  items: Items,
  report: Report,
): PositionCoder | null {
  const apply = readNormalizer(feature, report);
  if (apply === null) return null;
  const boundaries = Float32Array.from(feature.boundaries).sort();
  const several = boundaries.length > 0 && holdsSeveral(feature);
  const parsed = (token: Token): number => {
    if (token === null || token === "") return encoded || defaultValue === "" ? Number.NaN : Number(defaultValue);
    return apply(typeof token === "string" ? valueIn(token) : token);
  };
  return (tokens, row) => {
    if (tokens.length !== feature.valueDim) return items.wrong("width", row, tokens);
    const values = tokens.map(parsed);
    if (!values.every((value) => Number.isFinite(Math.fround(value)))) {
      return items.wrong("bad", row, tokens.length === 1 ? tokens[0]! : tokens);
    }
    for (const value of values) {
      if (boundaries.length > 0) items.push(findBucket(Math.fround(value), boundaries));
      else items.pushNumber(value);
    }
    if (several) items.push(-1);
    return true;
  };
}

/** A growing list of ids, or of numbers as weights of id 0; and the rows with values that cannot be encoded. */
class Items {
  readonly faults = { bad: new Fault(), outside: new Fault(), width: new Fault() };
  #ids: Int32Array = new Int32Array(1024);
  #weights: Float32Array | null;
  count = 0;

  constructor(isNumbers: boolean) {
    this.#weights = isNumbers ? new Float32Array(1024) : null;
  }

  wrong(kind: keyof Items["faults"], row: number, value: Token | readonly Token[]): false {
    this.faults[kind].note(row, () => JSON.stringify(value));
    return false;
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
    const ids = this.#weights === null ? sharedInts(this.#ids.subarray(0, this.count)) : sharedInts(this.count);
    return { kind: "bag", offsets, ids, weights: this.#weights && sharedFloats(this.#weights.subarray(0, this.count)) };
  }
}

function reportFaults(feature: SequenceFeatureSpec, { faults }: Items, encoded: boolean, report: Report): void {
  const { bad, outside, width } = faults;
  const { column } = report;
  const rule = feature.kind === "id" ? idRule(feature, encoded) : null;
  const what = `sequence feature "${feature.name}"`;
  if (rule !== null) report.warn("id outside the table", column, rule.outsideText, outside);
  report.fault(column, bad, {
    message: rule === null ? `not a finite number, in ${what}` : `not an id of ${what}`,
    expected: rule?.expected ?? "a finite number at each position",
  });
  if (feature.kind === "raw") {
    const expected = `${feature.valueDim} at each position: as lists of lists, or text`;
    report.fault(column, width, { message: `wrong number of values, in ${what}`, expected });
    return;
  }
  report.fault(column, width, {
    message: `several ids at one position, in ${what}`,
    expected: "one id: TorchEasyRec would shift every later position of the batch",
    fix: "set value_dim: 0 (in code: .multiValue(separator)) to pool the ids of a position",
  });
}

/** A value of a position as written; `null`: missing. */
type Token = number | string | null;

/** The positions of each row, each with its values. An item of a list of lists may be empty. */
function readPositions(column: RawColumn, delimiter: string, separator: string): Cells<readonly (readonly Token[])[]> {
  const nested = column.kind === "list" && column.nested === true;
  const inner = nested ? nestedSeparator : separator;
  return readLists<readonly Token[]>(column, {
    split: (word) => (word === "" ? [] : word.split(delimiter).map((position) => position.split(separator))),
    text: (word) => (nested && word === "" ? [] : word.split(inner)),
    number: (value) => [value],
    missing: [null],
  });
}
