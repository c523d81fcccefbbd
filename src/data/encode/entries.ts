/** Ids per "entry": a row of a number or list column, or a distinct word of a text column. */
import { inRuns, type Work } from "../../util/turns.js";
import type { ListColumn, NumberColumn, RawColumn, TextColumn } from "../table/column.js";
import { type CodedIds, type Entries, type IdRule, notAnId } from "./rows-of-ids.js";
import type { DistinctHashes } from "./sharing.js";

/**
 * Entries of texts: each distinct text is split, parsed and looked up once for all rows and parts of a file. Entries
 * are stored contiguously, since rows access them in any order.
 */

/** How a text contains several ids and their weights. */
export interface WordFormat {
  /** The separator of ids; `null`: a text is one id. */
  readonly separator: string | null;
  /** Whether a text is `id:weight`. */
  readonly weighted: boolean;
}

/** The maximum number of cached texts; beyond it, those of earlier parts are dropped. */
const rememberedWords = 1 << 17;
/** Texts that are split without a pause. */
const runWords = 1 << 10;

const remembered = new WeakMap<IdRule, Map<string, WordStore>>();

/** Entries that include these words, and the entry of each word. */
export function* wordEntries(
  words: readonly string[],
  rule: IdRule,
  format: WordFormat,
): Work<{ entries: Entries; places: Int32Array }> {
  const ofRule = remembered.get(rule) ?? new Map<string, WordStore>();
  remembered.set(rule, ofRule);
  const writing = `${format.separator} ${format.weighted}`;
  let store = ofRule.get(writing);
  if (store === undefined || !store.hasRoomFor(words)) {
    store = new WordStore(rule, format);
    ofRule.set(writing, store);
  }
  return { places: yield* store.addWords(words), entries: store.entries() };
}

class WordStore {
  /** The words of the last part: parts of an in-memory table share them. */
  private last: { readonly words: readonly string[]; readonly places: Int32Array } | null = null;
  private readonly places = new Map<string, number>();
  private readonly bad = new Map<number, string>();
  private offsets: Int32Array = new Int32Array(1024);
  private outside: Int32Array = new Int32Array(1024);
  private ids: Int32Array = new Int32Array(4096);
  private weights: Float32Array | null;
  private items = 0;

  constructor(
    private readonly rule: IdRule,
    private readonly format: WordFormat,
  ) {
    this.weights = format.weighted ? new Float32Array(this.ids.length) : null;
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
    if (entry + 1 >= this.offsets.length) {
      this.offsets = longer(this.offsets, new Int32Array(this.offsets.length * 2));
      this.outside = longer(this.outside, new Int32Array(this.offsets.length));
    }
    this.cut(word, entry);
    this.offsets[entry + 1] = this.items;
    return entry;
  }

  entries(): Entries {
    const { offsets, ids, weights, outside, bad } = this;
    return { offsets, ids, weights, outside, bad };
  }

  private cut(word: string, entry: number): void {
    const { separator, weighted } = this.format;
    for (const token of separator !== null && word.includes(separator) ? word.split(separator) : [word]) {
      if (token === "") continue;
      const { text, weight } = weighted ? splitWeight(token) : { text: token, weight: 1 };
      const id = this.rule.row(text);
      if (id === notAnId || Number.isNaN(weight)) this.bad.set(entry, token);
      else if (this.rule.wasOutside()) this.outside[entry] = this.outside[entry]! + 1;
      this.add(id, weight);
    }
  }

  private add(id: number, weight: number): void {
    if (this.items === this.ids.length) {
      this.ids = longer(this.ids, new Int32Array(this.items * 2));
      if (this.weights !== null) this.weights = longer(this.weights, new Float32Array(this.items * 2));
    }
    this.ids[this.items] = id;
    if (this.weights !== null) this.weights[this.items] = weight;
    this.items += 1;
  }
}

function splitWeight(token: string): { text: string; weight: number } {
  const colon = token.lastIndexOf(":");
  if (colon < 0) return { text: token, weight: 1 };
  const weight = token.slice(colon + 1).trim();
  return { text: token.slice(0, colon), weight: weight === "" ? Number.NaN : Number(weight) };
}

function longer<Numbers extends Int32Array | Float32Array>(values: Numbers, more: Numbers): Numbers {
  more.set(values);
  return more;
}

/** How a feature's values are written, beyond its spec. */
export interface IdOptions {
  /** Ids are already rows of the table (`fg_mode: FG_NONE`). */
  readonly encoded: boolean;
  readonly separator: string;
  readonly defaultValue: string;
  /** Rows may contain several ids, even if none does here. */
  readonly several: boolean;
  /** Counters of the distinct values of a hashed feature; `null`: not counted. */
  readonly values: DistinctHashes | null;
  /** Text contains numbers as written: text that is not an integer is not an id. Default: `false`. */
  readonly numbers?: boolean;
}

/** Splits a column into entries and looks up each id's row of the table. */
export function* encodeEntries(column: RawColumn, rule: IdRule, options: IdOptions, weighted: boolean): Work<CodedIds> {
  if (column.kind === "text") {
    const { entries, places } = yield* wordEntries(column.words, rule, { separator: options.separator, weighted });
    const rows = column.codes.length;
    const entryOf = new Int32Array(rows);
    for (let row = 0; row < rows; row++) entryOf[row] = entryPlace(places, column.codes[row]!);
    const faulty = places.some((entry) => entries.outside[entry]! > 0 || entries.bad.has(entry));
    return { entries, entryOf, rows, faulty, emptyIsOrdinary: options.several };
  }
  if (column.kind === "number") {
    const entries = numberEntries(column, rule);
    return { entries, entryOf: null, rows: column.values.length, faulty: true, emptyIsOrdinary: false };
  }
  const entries = yield* listEntries(column, rule, weighted);
  return { entries, entryOf: null, rows: column.offsets.length - 1, faulty: true, emptyIsOrdinary: true };
}

function numberEntries(column: NumberColumn, rule: IdRule): Entries {
  const rows = column.values.length;
  const offsets = new Int32Array(rows + 1);
  const ids = new Int32Array(rows);
  const outside = new Int32Array(rows);
  const bad = new Map<number, string>();
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    const value = column.values[row]!;
    if (!(column.valid !== null && column.valid[row] === 0) && !Number.isNaN(value)) {
      const id = Number.isInteger(value) ? rule.rowOfNumber(value) : notAnId;
      if (id === notAnId) bad.set(row, String(value));
      else if (rule.wasOutside()) outside[row] = 1;
      ids[filled++] = id;
    }
    offsets[row + 1] = filled;
  }
  return { offsets, ids: ids.subarray(0, filled), weights: null, outside, bad };
}

function* listEntries(column: ListColumn, rule: IdRule, weighted: boolean): Work<Entries> {
  const { items } = column;
  const pairs = weighted || column.isMap === true;
  const words =
    items.kind === "text" ? yield* wordEntries(items.words, rule, { separator: null, weighted: pairs }) : null;
  const inner = items.kind === "number" ? numberEntries(items, rule) : (words as { entries: Entries }).entries;
  const rows = column.offsets.length - 1;
  const offsets = new Int32Array(rows + 1);
  const outside = new Int32Array(rows);
  const bad = new Map<number, string>();
  const ids: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) {
      const entry = words === null ? item : entryPlace(words.places, (items as TextColumn).codes[item]!);
      if (entry < 0) continue;
      for (let at = inner.offsets[entry]!; at < inner.offsets[entry + 1]!; at++) {
        ids.push(inner.ids[at]!);
        if (weighted) weights.push(inner.weights?.[at] ?? 1);
      }
      outside[row] = outside[row]! + inner.outside[entry]!;
      const text = inner.bad.get(entry);
      if (text !== undefined) bad.set(row, text);
    }
    offsets[row + 1] = ids.length;
  }
  return { offsets, ids: Int32Array.from(ids), weights: weighted ? Float32Array.from(weights) : null, outside, bad };
}

function entryPlace(places: Int32Array, code: number): number {
  return code < 0 ? code : places[code]!;
}
