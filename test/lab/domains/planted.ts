/** Made-up logs whose true answer is known: a planted domain with decoys that resemble it, or none. */
import { numberColumn } from "../../../src/core/data/table/column.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { normalScores, tenthsField, timeField } from "../../../src/lab/domains/columns.js";
import type { Field } from "../../../src/lab/domains/floor.js";
import { type ScreenColumns, screenDomains } from "../../../src/lab/domains/screen.js";
import { at, integers, normals, sigmoid, zipf } from "./worlds.js";

/** `slopes`: the planted column changes numbers' slopes; `ids`: tables of items, users, or latent factors. */
export type Kind = "rates" | "pairs" | "noise" | "slopes" | "category" | "brand" | "item" | "user" | "latent" | "mixed";

export interface PlantedLog extends ScreenColumns {
  /** The planted column; `null`: none. */
  readonly planted: string | null;
  readonly kind: Kind;
}

const rowColumns = { device: 4, channel: 3, hour: 8, position: 10, noise: 7 } as const;
const userColumns = { gender: 2, age: 6, region: 15 } as const;
const itemColumns = { tier: 5, maker: 12 } as const;
type Columns = Record<string, Int32Array>;

const pick = <T>(source: Random, list: readonly T[]): T => list[source.integer(list.length)]!;

function shuffled<T>(source: Random, list: readonly T[]): T[] {
  return list
    .map((item) => [source.uniform(), item] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => item);
}

const ranked = (scores: Float64Array): number[] => [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);

/** The expected AUC of rows in their order, where labels are drawn with the probabilities. */
function expectedAuc(order: readonly number[], chances: Float64Array): number {
  let [below, pairs, positives, negatives] = [0, 0, 0, 0];
  for (const row of order) {
    const p = chances[row]!;
    pairs += p * (below + (1 - p) / 2);
    below += 1 - p;
    positives += p;
    negatives += 1 - p;
  }
  return pairs / (positives * negatives);
}

/** @param gain of the AUC of the true probabilities by the planted interaction */
export function plantedLog(seed: number, kind: Kind, gain = 0, rowCount?: number): PlantedLog {
  const source = random(seed);
  const n = rowCount ?? 20_000 + source.integer(40_001);
  const [users, items] = [500 + source.integer(2500), 200 + source.integer(800)];
  const every = { ...rowColumns, ...userColumns, ...itemColumns };
  const names = Object.keys(every) as (keyof typeof every)[];
  const wanted = shuffled(source, names).slice(0, 5 + source.integer(3));
  const isRow = (name: string) => name in rowColumns;
  const isItem = (name: string) => name in itemColumns;
  const user = zipf(source, users, n, 0.5);
  const item = zipf(source, items, n, 0.6);
  const ofUser: Columns = {};
  const ofItem: Columns = { category: integers(source, items, 12), brand: integers(source, items, 40) };
  const columns: Columns = { user, item };
  for (const name of wanted) {
    if (isRow(name)) columns[name] = zipf(source, every[name], n, 0.5);
    else if (isItem(name)) ofItem[name] = zipf(source, every[name], items, 0.3);
    else ofUser[name] = zipf(source, every[name], users, 0.4);
  }
  // What is shown depends on a column of the row.
  const drive = wanted.filter(isRow);
  if (drive.length > 0) {
    const by = columns[pick(source, drive)]!;
    for (let row = 0; row < n; row++) {
      if (source.uniform() < 0.3) item[row] = (item[row]! + by[row]! * Math.floor(items / 12)) % items;
    }
  }
  for (const [name, codes] of Object.entries(ofUser)) columns[name] = user.map((each) => codes[each]!);
  for (const [name, codes] of Object.entries(ofItem)) columns[name] = item.map((each) => codes[each]!);
  const price = at(normals(source, items).map(Math.exp), item);
  const dwell = new Float64Array(n).map(() => -Math.log(source.uniform() * source.uniform() + 1e-12));
  const tenure = at(normals(source, users), user);
  const levels = (name: string): number => columns[name]!.reduce((most, code) => Math.max(most, code + 1), 0);
  const logit = new Float64Array(n);
  const add = (scale: number, values: ArrayLike<number>): void => {
    for (let row = 0; row < n; row++) logit[row]! += scale * values[row]!;
  };
  if (kind !== "noise") {
    const sizes: Readonly<Record<string, number>> = { user: 0.6, item: 0.5, category: 0.3, brand: 0.2 };
    for (const name of Object.keys(columns)) {
      add(sizes[name] ?? pick(source, [0, 0.1, 0.3, 0.6]), at(normals(source, levels(name)), columns[name]!));
    }
    add(
      0.3,
      price.map((each) => Math.sin(1.5 * Math.log(each))),
    );
    add(0.2, dwell.map(Math.log1p));
    add(
      -0.1,
      tenure.map((each) => each ** 2 - 1),
    );
  }
  const factors = (left: Int32Array, right: Int32Array, size: number): Float64Array => {
    const total = new Float64Array(n);
    for (let factor = 0; factor < size; factor++) {
      const [a, b] = [normals(source, Math.max(...left) + 1), normals(source, Math.max(...right) + 1)];
      for (let row = 0; row < n; row++) total[row]! += a[left[row]!]! * b[right[row]!]!;
    }
    return total;
  };
  if (kind !== "noise" && (kind === "pairs" || source.uniform() < 0.5)) add(0.25, factors(user, item, 3));
  if (kind === "pairs") {
    // Other fields change each other, the candidates change nothing.
    const [c, b] = [at(normals(source, 12), columns["category"]!), at(normals(source, 40), columns["brand"]!)];
    add(
      0.4,
      c.map((each, row) => each * Math.log1p(dwell[row]!)),
    );
    add(
      0.4,
      b.map((each, row) => each * tenure[row]!),
    );
  }
  const candidates: string[] = [...wanted];
  let planted: string | null = null;
  if (kind !== "rates" && kind !== "pairs" && kind !== "noise") {
    const needsRow = ["category", "brand", "item", "latent", "mixed"].includes(kind);
    const fit = wanted.filter((name) => (kind === "user" ? !(name in userColumns) : !(needsRow && isItem(name))));
    if (fit.length === 0) return plantedLog(seed + 1_000_000, kind, gain, rowCount);
    planted = pick(source, fit);
    const own = columns[planted]!;
    const size = levels(planted);
    const cells = (other: Int32Array): Float64Array => {
      const [width, effects] = [Math.max(...other) + 1, new Map<number, number>()];
      return Float64Array.from(own, (code, row) => {
        const cell = code * width + other[row]!;
        if (!effects.has(cell)) effects.set(cell, source.normal());
        return effects.get(cell)!;
      });
    };
    const slope = (values: Float64Array): Float64Array => {
      const slopes = normals(source, size);
      return values.map((value, row) => slopes[own[row]!]! * value);
    };
    const total = (...parts: readonly Float64Array[]): Float64Array =>
      parts[0]!.map((_, row) => parts.reduce((sum, part) => sum + part[row]!, 0));
    const numbers = [price.map(Math.log), tenure, dwell.map((each) => Math.log1p(each) - 1)];
    const effect =
      kind === "slopes"
        ? total(...numbers.map(slope))
        : kind === "latent"
          ? factors(own, item, 4)
          : kind === "mixed"
            ? total(
                cells(columns["category"]!),
                slope(numbers[0]!).map((each) => 0.7 * each),
                cells(columns["brand"]!).map((each) => 0.7 * each),
              )
            : cells(columns[kind]!);
    withoutMeans(effect, own);
    withoutMeans(effect, item);
    withoutMeans(effect, user);
    const spread = Math.sqrt(effect.reduce((sum, each) => sum + each ** 2, 0) / n);
    let [low, high] = [0, 4];
    const without = ranked(logit);
    for (let turn = 0; turn < 20; turn++) {
      const middle = (low + high) / 2;
      const whole = logit.map((each, row) => each + (middle * effect[row]!) / spread);
      const chances = whole.map((each) => sigmoid(each - 0.8));
      if (expectedAuc(ranked(whole), chances) - expectedAuc(without, chances) < gain) low = middle;
      else high = middle;
    }
    add(low / spread, effect);
    // A decoy agrees with the planted column in 50 to 80%.
    const agreed = 0.5 + 0.3 * source.uniform();
    const copied = (codes: Int32Array) =>
      codes.map((code) => (source.uniform() < agreed ? code : source.integer(size)));
    const [perUser, perItem] = [ofUser[planted], ofItem[planted]];
    if (perUser) {
      const copy = copied(perUser);
      columns["copy"] = user.map((each) => copy[each]!);
    } else if (perItem) {
      const copy = copied(perItem);
      columns["copy"] = item.map((each) => copy[each]!);
    } else columns["copy"] = copied(own);
    candidates.push("copy");
  }
  const labels = Float32Array.from(logit, (each) => (source.uniform() < sigmoid(each - 0.8) ? 1 : 0));
  const numbers = Object.entries({ price, dwell, tenure }).map(
    ([name, values]) => [name, numberColumn("float", values)] as const,
  );
  for (const [name, column] of numbers) columns[name] = tenthsField(name, column).codes;
  const fields = Object.entries(columns).map(([name, codes]): Field => ({ name, codes, levels: levels(name) }));
  const unit = (name: string): Field => fields.find((field) => field.name === name)!;
  const chosen = candidates.map(unit);
  const times = new Float64Array(n).map(() => 1.7e12 + source.uniform() * 28 * 86_400_000);
  const scores = new Map(numbers.map(([name, column]) => [name, normalScores(column)]));
  return {
    fields,
    background: [timeField(times)],
    scores,
    candidates: chosen,
    labels,
    units: { user: unit("user"), item: unit("item"), times },
    planted,
    kind,
  };
}

/** Subtracts the mean of each level. */
function withoutMeans(values: Float64Array, codes: Int32Array): void {
  const [sums, counts] = [new Map<number, number>(), new Map<number, number>()];
  codes.forEach((code, row) => {
    sums.set(code, (sums.get(code) ?? 0) + values[row]!);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  });
  codes.forEach((code, row) => {
    values[row]! -= sums.get(code)! / counts.get(code)!;
  });
}

/** What the screen says of logs of a kind. */
export function screened(kind: Kind, gain: number, seeds: readonly number[], rows?: number) {
  const verdicts = seeds.map((seed) => {
    const log = plantedLog(seed, kind, gain, rows);
    const { candidates } = atOnce(screenDomains(log, { label: "y", seed: 1 }));
    const named = candidates.find(({ says }) => says === "named")?.name ?? null;
    return named === null ? "none" : named === log.planted ? "right" : "wrong";
  });
  const count = (what: string): number => verdicts.filter((each) => each === what).length;
  return { right: count("right"), wrong: count("wrong"), none: count("none") };
}
