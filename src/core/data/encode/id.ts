/** Encodes id features: one id per row, or several with a separator, in a list, or with weights (`id:weight`). */
import type { ComboFeatureSpec, IdFeatureSpec, RawFeatureSpec } from "../../spec/feature/feature.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";
import { getOrMake, grown } from "../../util/growing.js";
import { inRuns, type Work } from "../../util/turns.js";
import { numberIn } from "../cells.js";
import type { BagColumn, IdColumn } from "../encoded/encoded.js";
import { Fault } from "../row-findings.js";
import {
  columnRows,
  hasValue,
  type ListColumn,
  type NumberColumn,
  type RawColumn,
  valueAt,
  withUsedWords,
} from "../table/column.js";
import type { Report } from "./report.js";
import { type IdRule, idRule, isOutside, notAnId, rowOfAnswer, wholeNumbersOnly } from "./rows-of-ids.js";
import { type DistinctHashes, watchedRule } from "./sharing.js";

type Embedded = IdFeatureSpec | ComboFeatureSpec | RawFeatureSpec;

export interface IdOptions {
  /** Ids are already rows of the table (`fg_mode: FG_NONE`). */
  readonly encoded: boolean;
  readonly separator: string;
  readonly defaultValue: string;
  readonly several: boolean;
  /** Counters of the distinct values of a hashed feature; `null`: not counted. */
  readonly values: DistinctHashes | null;
  /** Text contains numbers as written: text that is not an integer is not an id. Default: `false`. */
  readonly numbers?: boolean;
}

class IdFaults {
  readonly bad = new Fault();
  readonly outside = new Fault();
  readonly empty = new Fault();
  hasEmpty = false;
}

/** Encodes a feature from its data column. Rows without a value use the default value, or −1 (a zero vector). */
export function* encodeIds(
  feature: Embedded,
  raw: RawColumn,
  options: IdOptions,
  report: Report,
): Work<IdColumn | BagColumn> {
  const used = options.values === null ? raw : withUsedWords(raw);
  const column = options.encoded ? wholeItems(used, report) : used;
  const plainRule = idRule(feature, options.encoded);
  const watched = options.values === null ? plainRule : watchedRule(plainRule, options.values);
  const rule = options.numbers === true && column.kind === "text" ? wholeNumbersOnly(watched) : watched;
  const weighted = feature.kind === "id" && feature.weighted;
  const several = options.several || weighted || column.kind === "list";
  const defaults = defaultIds(plainRule, options, feature, report);
  // As in TorchEasyRec, a row of a column of whole numbers holds one row of the table: the first of several defaults.
  const fallback = options.encoded && column.kind === "number" ? defaults.subarray(0, 1) : defaults;
  if (column.kind === "number") warnOfLarge(column, report);
  const faults = new IdFaults();
  let encoded: IdColumn | BagColumn;
  if (column.kind === "number" && !several && fallback.length < 2) {
    encoded = { kind: "ids", ids: yield* singleIds(column, rule, fallback[0] ?? -1, faults) };
  } else {
    const coded = yield* codeIds(column, rule, { separator: options.separator, weighted });
    yield;
    encoded = gather(column, coded, several, fallback, options, faults);
  }
  reportFaults(feature.name, rule, faults, report);
  if (fallback.length === 0) report.warn("no value", report.column, "no value: a zero vector", faults.empty);
  const hasEmpty = faults.hasEmpty || faults.empty.rows > 0;
  if (hasEmpty && options.values !== null && options.defaultValue !== "") {
    for (const token of options.defaultValue.split(options.separator)) options.values.add(token);
  }
  return encoded;
}

/** Lists of rows of the table that are stored as floats: TorchEasyRec truncates them. */
function wholeItems(column: RawColumn, report: Report): RawColumn {
  if (column.kind !== "list" || column.items.kind !== "number" || column.items.values instanceof Int32Array)
    return column;
  const { items, offsets } = column;
  const fractions = new Fault();
  const values = Float64Array.from(items.values, Math.trunc);
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let item = offsets[row]!; item < offsets[row + 1]!; item++) {
      if (items.values[item] !== values[item] && hasValue(items, item)) fractions.note(row, items.values[item]!);
    }
  }
  const message = "truncated fraction of a row number, as in TorchEasyRec";
  report.warn("row number with a fraction", report.column, message, fractions);
  return { ...column, items: { ...items, values } };
}

function defaultIds(rule: IdRule, options: IdOptions, feature: Embedded, report: Report): Int32Array {
  if (options.defaultValue === "") return new Int32Array(0);
  const ids = options.defaultValue.split(options.separator).map((token) => rowOfAnswer(rule.row(token)));
  if (ids.includes(notAnId)) {
    report.problem({
      path: `features.${feature.name}.defaultValue`,
      message: "the default value is not an id of this feature",
      received: JSON.stringify(options.defaultValue),
      expected: rule.expected,
    });
  }
  return Int32Array.from(ids);
}

/** From 2^53 on float64 merges neighbouring integers: two ids may have become equal before this library read them. */
function warnOfLarge({ values }: NumberColumn, report: Report): void {
  if (values instanceof Int32Array) return;
  const beyond = new Fault();
  for (let row = 0; row < values.length; row++) {
    if (Math.abs(values[row]!) >= 2 ** 53) beyond.note(row, values[row]!);
  }
  const message = "id beyond 2^53 read as a float: neighbouring ids become equal";
  report.warn("id beyond 2^53", report.column, message, beyond);
}

function reportFaults(feature: string, rule: IdRule, faults: IdFaults, report: Report): void {
  report.warn("id outside the table", report.column, rule.outsideText, faults.outside);
  const value = numberIn(faults.bad.received.slice(1, -1));
  const isFraction = Number.isFinite(value) && !Number.isInteger(value);
  report.fault(report.column, faults.bad, {
    message: `not an id of feature "${feature}"`,
    expected: rule.expected,
    fix: Number.isNaN(value)
      ? "use .hash(size) or .vocab([...]) for ids that are text"
      : isFraction
        ? "round the column, or use a raw feature with boundaries"
        : "write ids with all digits, without an exponent",
  });
}

/** A fast path for the most common column: integers with one id per row, in one loop without intermediate arrays. */

const runRows = 1 << 13;

/**
 * The fast path for the most common column, integers with one id per row.
 * @param emptyRow the row of a missing value; −1: none
 */
function* singleIds(
  { values, valid }: NumberColumn,
  rule: IdRule,
  emptyRow: number,
  { bad, outside, empty }: IdFaults,
): Work<Int32Array> {
  const ids = sharedInts(values.length);
  const answerFor = numberAnswers(rule);
  yield* inRuns(values.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const value = values[row]!;
      if ((valid !== null && valid[row] === 0) || Number.isNaN(value)) {
        ids[row] = emptyRow;
        empty.note(row, "null");
        continue;
      }
      const answer = answerFor(value);
      ids[row] = answer;
      if (answer >= 0) continue;
      ids[row] = rowOfAnswer(answer);
      if (isOutside(answer)) outside.note(row, value);
      else bad.note(row, () => JSON.stringify(String(value)));
    }
  });
  return ids;
}

type Answers = (value: number) => number;

const numberCaches = new WeakMap<IdRule, Answers>();
/** The maximum number of cached ids that have no separate row. */
const rememberedNumbers = 1 << 18;

function numberAnswers(rule: IdRule): Answers {
  if (rule.isBuckets) return rule.rowOfNumber;
  return getOrMake(numberCaches, rule, () => {
    const answers = new Map<number, number>();
    let others = 0;
    return (value) => {
      const before = answers.get(value);
      if (before !== undefined) return before;
      const answer = Number.isInteger(value) ? rule.rowOfNumber(value) : notAnId;
      // A vocabulary is in memory anyway; other ids may be any number.
      if ((rule.isVocabulary && answer >= 0) || others++ < rememberedNumbers) answers.set(value, answer);
      return answer;
    };
  });
}

/** The ids of a column by entry, which is a row or a distinct text. Entry e has the answers from `offsets[e]` on. */
interface Entries {
  readonly offsets: Int32Array;
  readonly answers: Int32Array;
  readonly weights: Float32Array | null;
}

/** The entries of a column, and the entry of each row; −1: none. */
type CodedIds = Entries & { readonly entryOf: Int32Array };

function* codeIds(column: RawColumn, rule: IdRule, format: WordFormat): Work<CodedIds> {
  if (column.kind === "text") {
    const { places, ...entries } = yield* wordEntries(column.words, rule, format);
    return { ...entries, entryOf: column.codes.map((code) => (code < 0 ? code : places[code]!)) };
  }
  const entryOf = new Int32Array(columnRows(column)).map((_, row) => row);
  if (column.kind === "number") return { ...numberEntries(column, rule), entryOf };
  return { ...(yield* listEntries(column, rule, format.weighted)), entryOf };
}

function numberEntries(column: NumberColumn, rule: IdRule): Entries {
  const { values } = column;
  const answerFor = numberAnswers(rule);
  const offsets = new Int32Array(values.length + 1);
  const answers = new Int32Array(values.length);
  let filled = 0;
  for (let row = 0; row < values.length; row++) {
    if (hasValue(column, row)) answers[filled++] = answerFor(values[row]!);
    offsets[row + 1] = filled;
  }
  return { offsets, answers: answers.subarray(0, filled), weights: null };
}

function* listEntries(column: ListColumn, rule: IdRule, weighted: boolean): Work<Entries> {
  const inner = yield* codeIds(column.items, rule, { separator: null, weighted: weighted || column.isMap === true });
  const rows = column.offsets.length - 1;
  const offsets = new Int32Array(rows + 1);
  const answers: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) {
      const entry = inner.entryOf[item]!;
      if (entry < 0) continue;
      for (let at = inner.offsets[entry]!; at < inner.offsets[entry + 1]!; at++) {
        answers.push(inner.answers[at]!);
        if (weighted) weights.push(inner.weights?.[at] ?? 1);
      }
    }
    offsets[row + 1] = answers.length;
  }
  return { offsets, answers: Int32Array.from(answers), weights: weighted ? Float32Array.from(weights) : null };
}

function gather(
  column: RawColumn,
  { offsets, answers, weights, entryOf }: CodedIds,
  several: boolean,
  fallback: Int32Array,
  options: IdOptions,
  faults: IdFaults,
): IdColumn | BagColumn {
  const rows = entryOf.length;
  const isMap = column.kind === "list" && column.isMap === true;
  // An empty list, or an empty text among several ids, is normal; a null causes a warning.
  const emptyIsOrdinary = column.kind === "list" || (column.kind === "text" && options.several);
  const bounds = sharedInts(rows + 1);
  let most = several ? 2 : 1;
  for (let row = 0; row < rows; row++) {
    const entry = entryOf[row]!;
    let length = entry < 0 ? 0 : offsets[entry + 1]! - offsets[entry]!;
    if (length === 0) {
      faults.hasEmpty = true;
      const isNull = entry < 0 || (column.kind !== "text" && column.valid?.[row] === 0);
      if (isNull || !emptyIsOrdinary) faults.empty.note(row, () => JSON.stringify(valueAt(column, row)));
      // Like TorchEasyRec, an empty map does not take the default value, but a null does.
      if (!isMap || isNull) length = fallback.length;
    }
    if (length > most) most = length;
    bounds[row + 1] = bounds[row]! + length;
  }
  const ids = sharedInts(most === 1 ? rows : bounds[rows]!);
  const ownWeights = weights === null ? null : sharedFloats(ids.length).fill(1);
  for (let row = 0; row < rows; row++) {
    const entry = entryOf[row]!;
    const from = entry < 0 ? 0 : offsets[entry]!;
    const count = entry < 0 ? 0 : offsets[entry + 1]! - from;
    const to = most === 1 ? row : bounds[row]!;
    if (count === 0) {
      if (most === 1) ids[row] = fallback[0] ?? -1;
      else if (bounds[row + 1]! > to) ids.set(fallback, to);
      continue;
    }
    let least = 0;
    for (let at = 0; at < count; at++) {
      const answer = answers[from + at]!;
      if (answer < least) least = answer;
      ids[to + at] = rowOfAnswer(answer);
      if (ownWeights !== null) ownWeights[to + at] = weights![from + at]!;
    }
    if (least < 0) noteFaults(column, row, answers.subarray(from, from + count), options, faults);
  }
  return most === 1 ? { kind: "ids", ids } : { kind: "bag", offsets: bounds, ids, weights: ownWeights };
}

/** @param answers of the row's ids, some of which are faults */
function noteFaults(
  column: RawColumn,
  row: number,
  answers: Int32Array,
  { separator }: IdOptions,
  { bad, outside }: IdFaults,
): void {
  if (answers.some(isOutside)) outside.note(row, () => JSON.stringify(valueAt(column, row)));
  const place = answers.lastIndexOf(notAnId);
  if (place < 0) return;
  bad.note(row, () => {
    const value = valueAt(column, row);
    const tokens = column.kind === "text" ? String(value).split(separator) : [value].flat();
    const ids = tokens.filter((token) => token !== null && token !== "" && !Number.isNaN(token));
    return JSON.stringify(String(ids[place]));
  });
}

/** Each distinct text is split and looked up once for all parts. Entries are contiguous: rows access any of them. */

interface WordFormat {
  /** The separator of ids; `null`: a text is one id. */
  readonly separator: string | null;
  readonly weighted: boolean;
}

/** The maximum number of cached texts; beyond it, those of earlier parts are dropped. */
const rememberedWords = 1 << 17;
const runWords = 1 << 10;

const wordCaches = new WeakMap<IdRule, Map<string, WordStore>>();

/** Entries that include these words, and the entry of each word. */
function* wordEntries(
  words: readonly string[],
  rule: IdRule,
  format: WordFormat,
): Work<Entries & { readonly places: Int32Array }> {
  const ofRule = getOrMake(wordCaches, rule, () => new Map<string, WordStore>());
  const writing = `${format.separator} ${format.weighted}`;
  let store = ofRule.get(writing);
  if (store === undefined || !store.hasRoomFor(words)) {
    store = new WordStore(rule, format);
    ofRule.set(writing, store);
  }
  const places = yield* store.addWords(words);
  return { ...store.entries, places };
}

class WordStore {
  /** The words of the last part, since the parts of an in-memory table share them. */
  private last: { readonly words: readonly string[]; readonly places: Int32Array } | null = null;
  private readonly places = new Map<string, number>();
  private offsets: Int32Array = new Int32Array(1024);
  private answers: Int32Array = new Int32Array(4096);
  private weights: Float32Array | null;
  private items = 0;

  constructor(
    private readonly rule: IdRule,
    private readonly format: WordFormat,
  ) {
    this.weights = format.weighted ? new Float32Array(this.answers.length) : null;
  }

  get entries(): Entries {
    const { offsets, answers, weights } = this;
    return { offsets, answers, weights };
  }

  hasRoomFor(words: readonly string[]): boolean {
    return this.last?.words === words || this.places.size + words.length <= rememberedWords;
  }

  *addWords(words: readonly string[]): Work<Int32Array> {
    if (this.last?.words === words) return this.last.places;
    const places = new Int32Array(words.length);
    yield* inRuns(words.length, runWords, (start, end) => {
      for (let word = start; word < end; word++) places[word] = this.place(words[word]!);
    });
    this.last = { words, places };
    return places;
  }

  private place(word: string): number {
    const existingEntry = this.places.get(word);
    if (existingEntry !== undefined) return existingEntry;
    const entry = this.places.size;
    this.places.set(word, entry);
    const { separator, weighted } = this.format;
    for (const token of separator !== null && word.includes(separator) ? word.split(separator) : [word]) {
      if (token === "") continue;
      const { text, weight } = weighted ? splitWeight(token) : { text: token, weight: 1 };
      this.answers = grown(this.answers, this.items + 1);
      this.answers[this.items] = Number.isNaN(weight) ? notAnId : this.rule.row(text);
      if (this.weights !== null) {
        this.weights = grown(this.weights, this.items + 1);
        this.weights[this.items] = weight;
      }
      this.items += 1;
    }
    this.offsets = grown(this.offsets, entry + 2);
    this.offsets[entry + 1] = this.items;
    return entry;
  }
}

function splitWeight(token: string): { text: string; weight: number } {
  const colon = token.lastIndexOf(":");
  if (colon < 0) return { text: token, weight: 1 };
  const weight = token.slice(colon + 1).trim();
  return { text: token.slice(0, colon), weight: weight === "" ? Number.NaN : Number(weight) };
}
