/** Columns of text of which nearly all cells are numbers or times of one kind, and the call that keeps this kind. */
import { getOrMake } from "../util/growing.js";
import { isTimeText } from "../util/iso-time.js";
import { grouped, percent } from "../util/text.js";
import { numberIn } from "./cells.js";
import { derived, wordsFix } from "./column-fixes.js";
import { dateFormats } from "./date-formats.js";
import { type NumberReading, NumberReadings, readingKeys } from "./number-readings.js";
import { identifier } from "./sources/names.js";

/** If at least this share of the cells is of one kind, the column counts as that kind. */
export const leastShare = 0.9;
/** With fewer distinct values of the kind, they may just as well be categories, such as `1`, `2` and `other`. */
const leastValues = 8;
const shownOdd = 3;

/** The cells of a column that are not of the majority's kind. */
export interface DirtyCells {
  readonly kind: "numbers" | "times" | "dates";
  /** Of the cells with a value: those of the kind. */
  readonly share: number;
  /** Distinct texts that are not of the kind, the most frequent first. */
  readonly odd: readonly string[];
  /** A call of `derive` that reads the kind and treats the other cells as missing; several if two readings fit. */
  readonly fix: string;
}

/** Words of a column with their numbers of cells. */
export type WordCounts = ReadonlyMap<string, number>;

/** `null` if all cells are of one kind, or fewer than nine tenths. */
export function dirtyCells(column: string, counts: WordCounts): DirtyCells | null {
  const words = [...counts.keys()].filter((word) => word.trim() !== "");
  const all = cells(words, counts);
  for (const { kind, of, fix } of kinds(column, words, counts)) {
    if (of.length === words.length) return null;
    const share = cells(of, counts) / all;
    if (share < leastShare || of.length < leastValues) continue;
    const isOfKind = new Set(of);
    const odd = words.filter((word) => !isOfKind.has(word)).sort((a, b) => counts.get(b)! - counts.get(a)!);
    return { kind, share, odd, fix: fix() };
  }
  return null;
}

/** `99.2% of its cells are numbers; "unknown" and 2 other texts are not: CALL takes them for missing`. */
export function dirtyText({ kind, share, odd, fix }: DirtyCells): string {
  const part = share > 0.999 ? "nearly all" : percent(share);
  const others = odd.length > shownOdd ? ` and ${grouped(odd.length - shownOdd)} other texts` : "";
  const texts = odd
    .slice(0, shownOdd)
    .map((text) => JSON.stringify(text))
    .join(", ");
  return `${part} of its cells are ${kind}, and ${texts}${others} ${odd.length === 1 ? "is" : "are"} not: ${fix} takes ${odd.length === 1 ? "it" : "them"} for missing`;
}

/** What the distinct texts of a column are, if nearly all are numbers with separators or times of one kind; `null`: neither. */
export function amountsText(column: string, words: readonly string[]): { message: string; fix: string } | null {
  if (words.length < leastValues || words.every((word) => Number.isFinite(numberIn(word)))) return null;
  const dirty = dirtyCells(column, new Map(words.map((word) => [word, 1])));
  if (dirty !== null) {
    const [first = ""] = dirty.odd;
    const others = dirty.odd.length === 1 ? "" : ` and ${grouped(dirty.odd.length - 1)} others`;
    const of = words.length - dirty.odd.length;
    const message = `${grouped(of)} of ${grouped(words.length)} values are ${dirty.kind}, but ${JSON.stringify(first)}${others}`;
    return { message, fix: dirty.fix };
  }
  const readings = new NumberReadings();
  readings.add(words);
  const all = wordsFix(column, words, readings);
  return all === null ? null : { message: all.what, fix: all.fix };
}

interface Kind {
  readonly kind: DirtyCells["kind"];
  readonly of: readonly string[];
  readonly fix: () => string;
}

function* kinds(column: string, words: readonly string[], counts: WordCounts): Generator<Kind> {
  const plain = words.filter((word) => Number.isFinite(numberIn(word)));
  const name = identifier(column);
  yield { kind: "numbers", of: plain, fix: () => derived(column, `try_cast(${name} as double)`) };
  const written = largestGroup(words, counts, readingKeys);
  yield { kind: "numbers", of: written, fix: () => readingFix(column, words, written) };
  const times = words.filter((word) => isTimeText(word.trim()));
  yield { kind: "times", of: times, fix: () => derived(column, `try_cast(${name} as timestamp)`) };
  for (const [format, of] of groups(words, counts, dateFormats)) {
    yield { kind: "dates", of, fix: () => derived(column, `try_strptime(${name}, '${format}')`) };
  }
}

/** The words by each of their keys; none once the words without a key have more than a tenth of all cells. */
function groups(
  words: readonly string[],
  counts: WordCounts,
  keysOf: (word: string) => readonly string[],
): ReadonlyMap<string, string[]> {
  const byKey = new Map<string, string[]>();
  let left = (1 - leastShare) * cells(words, counts);
  for (const word of words) {
    const keys = keysOf(word);
    for (const key of keys) getOrMake(byKey, key, () => [] as string[]).push(word);
    if (keys.length > 0) continue;
    left -= counts.get(word)!;
    if (left < 0) return new Map();
  }
  return byKey;
}

function largestGroup(words: readonly string[], counts: WordCounts, keysOf: (word: string) => readonly string[]) {
  return [...groups(words, counts, keysOf).values()].reduce<readonly string[]>(
    (most, group) => (cells(group, counts) > cells(most, counts) ? group : most),
    [],
  );
}

function readingFix(column: string, words: readonly string[], written: readonly string[]): string {
  const readings = new NumberReadings();
  readings.add(written);
  const isWritten = new Set(written);
  const odd = words.filter((word) => !isWritten.has(word));
  const call = (reading: NumberReading): string => {
    const number = readings.expression(column, reading, true);
    const misread = readings.misread(odd, reading);
    if (misread.length === 0) return derived(column, number);
    const list = misread.map((word) => `'${word.replaceAll("'", "''")}'`).join(", ");
    return derived(column, `if(${identifier(column)} in (${list}), null, ${number})`);
  };
  const calls = readings.fitting.map(
    (reading) => `${call(reading)} if ${JSON.stringify(readings.example)} is ${readings.value(reading)}`,
  );
  return calls.length > 1 ? calls.join(", or ") : call(readings.fitting[0]!);
}

function cells(words: readonly string[], counts: WordCounts): number {
  return words.reduce((sum, word) => sum + counts.get(word)!, 0);
}
