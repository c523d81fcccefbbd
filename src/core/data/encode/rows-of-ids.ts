/** Maps an id text to a row of the embedding table by TorchEasyRec's bucketing rules, verified by its golden cases. */
import {
  type ComboFeatureSpec,
  growingRows,
  type IdFeatureSpec,
  type RawFeatureSpec,
  tableRows,
} from "../../spec/feature/feature.js";
import { getOrMake, Numbering } from "../../util/growing.js";
import { idDigits, numberIn } from "../cells.js";
import { isWhole } from "../number-text.js";

/** TorchEasyRec's hash: libstdc++'s, MurmurHash2-64A, in 32-bit halves, as BigInt is ten times slower. */

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

export function bucketOfHash(high: number, low: number, size: number): number {
  let bucket = high % size;
  bucket = (bucket * 65536 + (low >>> 16)) % size;
  return (bucket * 65536 + (low & 0xffff)) % size;
}

export function hashInto(text: string, halves: Uint32Array): void {
  hash(text);
  halves[0] = high;
  halves[1] = low;
}

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

export const notAnId = -2;
/**
 * Answers of ids outside the vocabulary or range count down from here, by their row. An object for each would be
 * slower.
 */
const firstOutside = notAnId - 1;

export function isOutside(answer: number): boolean {
  return answer <= firstOutside;
}

export function rowOfAnswer(answer: number): number {
  return answer <= firstOutside ? firstOutside - answer : answer;
}

export interface IdRule {
  /** The row of an id, {@link notAnId}, or an answer that {@link isOutside}. */
  row(id: string): number;
  /** The answer for an integer id; equals `row(digitsOf(id))`, without creating the text. */
  rowOfNumber(id: number): number;
  /** `"id outside 0 … 9"`, for warnings. */
  readonly outsideText: string;
  readonly expected: string;
  /** Whether ids are rows, so that numbers need no look-up. */
  readonly isBuckets: boolean;
  readonly isVocabulary: boolean;
  readonly words?: readonly string[];
}

const wholeOnly = new WeakMap<IdRule, IdRule>();

/** A rule for number texts: a text with a fraction or an exponent is not an id. */
export function wholeNumbersOnly(rule: IdRule): IdRule {
  return getOrMake(wholeOnly, rule, () => ({ ...rule, row: (id) => (isWhole(id) ? rule.row(id) : notAnId) }));
}

type Embedded = IdFeatureSpec | ComboFeatureSpec | RawFeatureSpec;

const rules = new WeakMap<Embedded, Map<boolean, IdRule>>();

/** The rule of a feature, cached because large vocabularies take time; `encoded`: ids are already rows. */
export function idRule(feature: Embedded, encoded: boolean): IdRule {
  const ofFeature = getOrMake(rules, feature, () => new Map<boolean, IdRule>());
  const areRows = encoded && growingRows(feature) === null;
  return getOrMake(ofFeature, areRows, () => makeRule(feature, areRows));
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

export function vocabularyRows(feature: IdFeatureSpec | ComboFeatureSpec): Map<string, number> {
  const { encoding, defaultBucket, defaultValue } = feature;
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
  const rowOfNumber = (id: number): number => {
    if (id >= 0 && id < count && Number.isInteger(id)) return id;
    return Number.isInteger(id) ? firstOutside - outsideRow : notAnId;
  };
  return {
    row: (text) => rowOfNumber(numberIn(text)),
    rowOfNumber,
    outsideText: `id outside 0 … ${count - 1}, mapped to row ${outsideRow}`,
    expected: `an integer in 0 … ${count - 1}`,
    isBuckets: true,
    isVocabulary: false,
  };
}

function textRule(row: IdRule["row"], parts: Partial<IdRule> = {}): IdRule {
  return {
    row,
    rowOfNumber: (id) => row(idDigits(id)),
    outsideText: "",
    expected: "text or an integer",
    isBuckets: false,
    isVocabulary: false,
    ...parts,
  };
}

/** The maximum number of texts whose bucket is cached: texts recur in every part of a file. */
const rememberedTexts = 1 << 17;

function hashRule(size: number): IdRule {
  const bucketById = new Map<string, number>();
  return textRule((id) => {
    const before = bucketById.get(id);
    if (before !== undefined) return before;
    const bucket = hashBucket(id, size);
    if (bucketById.size < rememberedTexts) bucketById.set(id, bucket);
    return bucket;
  });
}

function vocabularyRule(words: ReadonlyMap<string, number>, outsideRow: number): IdRule {
  return textRule((id) => words.get(id) ?? firstOutside - outsideRow, {
    outsideText: `value outside the vocabulary, mapped to row ${outsideRow}`,
    expected: "a value of the vocabulary",
    isVocabulary: true,
  });
}

/** A look-up that numbers every new text, to count the values of a vocabulary that is being fitted. */
function growingRule(): IdRule {
  const texts = new Numbering<string>();
  return textRule((id) => texts.of(id), { isVocabulary: true, words: texts.values });
}
