/**
 * Entries of texts: each distinct text is split, parsed and looked up once for all rows and parts of a file. Entries
 * are stored contiguously, since rows access them in any order.
 */
import { inRuns, type Work } from "../../util/turns.js";
import type { Entries } from "./ids/coded-ids.js";
import { type IdRule, notAnId } from "./ids/rows-of-ids.js";

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
