/** Maps an id text to a row of the embedding table by TorchEasyRec's bucketing rules, verified by its golden cases. */
import {
  type ComboFeatureSpec,
  type IdFeatureSpec,
  type RawFeatureSpec,
  tableRows,
} from "../../spec/feature/feature.js";
import { idDigits, numberIn } from "../cells.js";
import { isWhole } from "../number-text.js";

/**
 * The hash of TorchEasyRec's `hash_bucket_size`: libstdc++ `std::hash<std::string>`, which is MurmurHash2-64A over
 * the UTF-8 bytes with seed 0xc70f6907. 64-bit numbers are pairs of 32-bit halves here: BigInt is ten times slower.
 */

const mulHigh = 0xc6a4a793;
const mulLow = 0x5bd1e995;
const seed = 0xc70f6907;

let high = 0;
let low = 0;
let bytes = new Uint8Array(256);
const encoder = new TextEncoder();

/** The bucket of a text: its hash modulo `size` (unsigned 64 bits; `size` up to 2^36). */
export function hashBucket(text: string, size: number): number {
  hash(text);
  return bucketOfHash(high, low, size);
}

/** The bucket of a known hash, from its halves. */
export function bucketOfHash(high: number, low: number, size: number): number {
  let bucket = high % size;
  bucket = (bucket * 65536 + (low >>> 16)) % size;
  return (bucket * 65536 + (low & 0xffff)) % size;
}

/** Writes the high and low half of a text's hash to `halves`. */
export function hashInto(text: string, halves: Uint32Array): void {
  hash(text);
  halves[0] = high;
  halves[1] = low;
}

/** The hash as a decimal number. */
export function hash64(text: string): string {
  hash(text);
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}

/** Computes the hash into `high` and `low`. */
function hash(text: string): void {
  if (bytes.length < text.length * 3) bytes = new Uint8Array(text.length * 3);
  const length = encoder.encodeInto(text, bytes).written;
  high = 0;
  low = length >>> 0;
  multiply();
  low = (low ^ seed) >>> 0;
  const aligned = length - (length % 8);
  for (let at = 0; at < aligned; at += 8) {
    const hashHigh = high;
    const hashLow = low;
    low = word(at, 4);
    high = word(at + 4, 4);
    multiply();
    shiftMix();
    multiply();
    mixIn(hashHigh, hashLow);
  }
  if (aligned < length) {
    const rest = length - aligned;
    const hashHigh = high;
    const hashLow = low;
    low = word(aligned, Math.min(4, rest));
    high = rest > 4 ? word(aligned + 4, rest - 4) : 0;
    mixIn(hashHigh, hashLow);
  }
  shiftMix();
  multiply();
  shiftMix();
}

function mixIn(hashHigh: number, hashLow: number): void {
  high = (high ^ hashHigh) >>> 0;
  low = (low ^ hashLow) >>> 0;
  multiply();
}

/** Up to four bytes, little-endian. */
function word(at: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = (value * 256 + bytes[at + index]!) >>> 0;
  return value;
}

/** v ^ (v >> 47) */
function shiftMix(): void {
  low = (low ^ (high >>> 15)) >>> 0;
}

/** Multiplies by 0xc6a4a7935bd1e995 modulo 2^64. */
function multiply(): void {
  const lowLow = low & 0xffff;
  const lowHigh = low >>> 16;
  const mulLowLow = mulLow & 0xffff;
  const mulLowHigh = mulLow >>> 16;
  const bottom = lowLow * mulLowLow;
  const middle = lowHigh * mulLowLow + (bottom >>> 16);
  const middleLow = (middle % 65536) + lowLow * mulLowHigh;
  const carry = lowHigh * mulLowHigh + Math.floor(middle / 65536) + Math.floor(middleLow / 65536);
  high = (carry + Math.imul(low, mulHigh) + Math.imul(high, mulLow)) >>> 0;
  low = (((middleLow % 65536) << 16) | (bottom & 0xffff)) >>> 0;
}

/** Not an id (text where an integer is required). */
export const notAnId = -2;

/** The rule of one feature. */
export interface IdRule {
  /** The row of an id, or {@link notAnId}. For ids outside the vocabulary or range see `outside`. */
  row(id: string): number;
  /** The row of an integer id; equals `row(digitsOf(id))`, without creating the text. */
  rowOfNumber(id: number): number;
  /** Whether the last call had an id outside the vocabulary or range. */
  wasOutside(): boolean;
  /** `"id outside 0 … 9"`, for warnings. */
  readonly outsideText: string;
  /** Describes a valid id, for errors. */
  readonly expected: string;
  /** Ids are rows, and ids out of range map to one fixed row: allows a simple loop over numbers. */
  readonly buckets: { readonly count: number; readonly outsideRow: number } | null;
  readonly isVocabulary: boolean;
}

const wholeOnly = new WeakMap<IdRule, IdRule>();

/** A rule for number texts: a text with a fraction or an exponent is not an id. */
export function wholeNumbersOnly(rule: IdRule): IdRule {
  const existingRule = wholeOnly.get(rule);
  if (existingRule !== undefined) return existingRule;
  const made = { ...rule, row: (id: string) => (isWhole(id) ? rule.row(id) : notAnId) };
  wholeOnly.set(rule, made);
  return made;
}

type Embedded = IdFeatureSpec | ComboFeatureSpec | RawFeatureSpec;

const rules = new WeakMap<Embedded, Map<boolean, IdRule>>();

/** The rule of a feature, cached because large vocabularies take time; `encoded`: ids are already rows. */
export function idRule(feature: Embedded, encoded: boolean): IdRule {
  const rulesByEncoding = rules.get(feature) ?? new Map<boolean, IdRule>();
  rules.set(feature, rulesByEncoding);
  const rule = rulesByEncoding.get(encoded) ?? makeRule(feature, encoded);
  rulesByEncoding.set(encoded, rule);
  return rule;
}

function makeRule(feature: Embedded, encoded: boolean): IdRule {
  if (feature.kind === "raw") return bucketRule(feature.boundaries.length + 1, 0);
  const { encoding } = feature;
  if (encoding.kind === "buckets") return bucketRule(encoding.count, feature.defaultBucket ?? 0);
  if (encoded) return bucketRule(tableRows(feature) ?? Number.POSITIVE_INFINITY, feature.defaultBucket ?? 0);
  if (encoding.kind === "hash") return hashRule(encoding.size);
  if (encoding.kind === "vocabFit") return growingRule();
  if (encoding.kind === "vocabFile") throw new Error("vocabulary files are resolved before encoding");
  return vocabularyRule(vocabularyRows(feature), feature.defaultBucket ?? 1);
}

/** The row of each value of a feature's vocabulary (list or dictionary). */
export function vocabularyRows({
  encoding,
  defaultBucket,
  defaultValue,
}: IdFeatureSpec | ComboFeatureSpec): Map<string, number> {
  const words = new Map<string, number>();
  if (encoding.kind === "vocabList") {
    // Without a default bucket the first two rows are reserved: the default value's and the one for unknown words.
    const first = defaultBucket === null ? 2 : 0;
    if (first > 0) words.set(defaultValue, 0);
    for (const [index, word] of encoding.values.entries()) words.set(word, index + first);
  } else if (encoding.kind === "vocabDict") {
    for (const [word, row] of Object.entries(encoding.entries)) words.set(word, row);
    if (defaultBucket === null) words.set(defaultValue, 0);
  }
  return words;
}

function bucketRule(count: number, outsideRow: number): IdRule {
  let outside = false;
  const rowOfNumber = (id: number): number => {
    if (!Number.isInteger(id)) return notAnId;
    outside = id < 0 || id >= count;
    return outside ? outsideRow : id;
  };
  return {
    row(text) {
      outside = false;
      return rowOfNumber(numberIn(text));
    },
    rowOfNumber,
    wasOutside: () => outside,
    outsideText: `id outside 0 … ${count - 1}, mapped to row ${outsideRow}`,
    expected: `an integer in 0 … ${count - 1}`,
    buckets: { count, outsideRow },
    isVocabulary: false,
  };
}

/** The maximum number of texts whose bucket is cached: texts recur in every part of a file. */
const rememberedTexts = 1 << 17;

function hashRule(size: number): IdRule {
  const bucketById = new Map<string, number>();
  const row = (id: string): number => {
    const before = bucketById.get(id);
    if (before !== undefined) return before;
    const bucket = hashBucket(id, size);
    if (bucketById.size < rememberedTexts) bucketById.set(id, bucket);
    return bucket;
  };
  return {
    row,
    rowOfNumber: (id) => row(idDigits(id)),
    wasOutside: () => false,
    outsideText: "",
    expected: "text or an integer",
    buckets: null,
    isVocabulary: false,
  };
}

function vocabularyRule(words: ReadonlyMap<string, number>, outsideRow: number): IdRule {
  let outside = false;
  const row = (id: string): number => {
    const wordRow = words.get(id);
    outside = wordRow === undefined;
    return wordRow ?? outsideRow;
  };
  return {
    row,
    rowOfNumber: (id) => row(idDigits(id)),
    wasOutside: () => outside,
    outsideText: `value outside the vocabulary, mapped to row ${outsideRow}`,
    expected: "a value of the vocabulary",
    buckets: null,
    isVocabulary: true,
  };
}

const grown = new WeakMap<IdRule, string[]>();

/** A look-up that gives every new text the next number, to count the values of a vocabulary that is to be fitted. */
function growingRule(): IdRule {
  const places = new Map<string, number>();
  const words: string[] = [];
  const row = (id: string): number => {
    const before = places.get(id);
    if (before !== undefined) return before;
    places.set(id, words.length);
    return words.push(id) - 1;
  };
  const rule: IdRule = {
    row,
    rowOfNumber: (id) => row(idDigits(id)),
    wasOutside: () => false,
    outsideText: "",
    expected: "text or an integer",
    buckets: null,
    isVocabulary: true,
  };
  grown.set(rule, words);
  return rule;
}

/** The texts that a look-up has seen, by their numbers. */
export function grownWords(rule: IdRule): readonly string[] {
  return grown.get(rule) ?? [];
}

/** Ids of one column in "entries": its rows, or distinct texts. Entry e holds ids `offsets[e] …`. */
export interface Entries {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly weights: Float32Array | null;
  /** Number of ids outside the vocabulary or range in each entry. */
  readonly outside: Int32Array;
  /** Text of an entry that is not an id. */
  readonly bad: ReadonlyMap<number, string>;
}

/** The entries of a column, and the entry of each row. */
export interface CodedIds {
  readonly entries: Entries;
  /** [rows], −1: none; `null`: row r has entry r. */
  readonly entryOf: Int32Array | null;
  readonly rows: number;
  /** `false`: every entry is an id inside the vocabulary or range. */
  readonly faulty: boolean;
  /** Rows without a value are normal (lists, several values in a text) and cause no warning. */
  readonly emptyIsOrdinary: boolean;
}
