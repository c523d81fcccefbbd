/** Made-up logs of users, items and times, for the rates of the screen: `nullWorld` has no domain, `plantedWorld` one. */

import { numberColumn } from "../../../src/core/data/table/column.js";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { normalScores, tenthsField, timeField, valueField } from "../../../src/lab/domains/columns.js";
import type { ScreenColumns } from "../../../src/lab/domains/screen.js";

type Codes = Int32Array | Float64Array;

export interface World {
  readonly columns: Readonly<Record<string, Codes>>;
  /** Columns that are numbers; the others are codes. */
  readonly numeric: readonly string[];
  readonly candidates: readonly string[];
  readonly label: Float32Array;
  readonly user: string | null;
  readonly item: string | null;
  /** A column of seconds. */
  readonly time: string | null;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const normals = (source: Random, count: number, scale = 1): Float64Array =>
  new Float64Array(count).map(() => scale * source.normal());
export const integers = (source: Random, count: number, n: number): Int32Array =>
  new Int32Array(count).map(() => source.integer(n));
export const at = (values: Codes, codes: Codes): Float64Array => Float64Array.from(codes, (code) => values[code]!);
const codesAt = (values: Codes, codes: Codes): Int32Array => Int32Array.from(codes, (code) => values[code]!);

/** Draws from 0 … n − 1 with weights 1 / (k + 1) ** power. */
export function zipf(source: Random, values: number, rows: number, power: number): Int32Array {
  const ends = new Float64Array(values);
  let total = 0;
  for (let value = 0; value < values; value++) ends[value] = total += 1 / (value + 1) ** power;
  return new Int32Array(rows).map(() => {
    const place = source.uniform() * total;
    let [low, high] = [0, values - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > place) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

export function labelsOf(source: Random, logit: Float64Array): Float32Array {
  return Float32Array.from(logit, (each) => (source.uniform() < sigmoid(each) ? 1 : 0));
}

/** As `suggestDomain` reads a table. @param options `byTime: false`: rates are not fitted by stretches of time */
export function screenColumns(
  { columns, numeric, candidates, label, user, item, time }: World,
  { byTime = true }: { readonly byTime?: boolean } = {},
): ScreenColumns {
  const names = Object.keys(columns).filter((name) => name !== time);
  const column = (name: string) => numberColumn("float", Float64Array.from(columns[name]!));
  const fields = names.map((name) => (numeric.includes(name) ? tenthsField : valueField)(name, column(name)));
  const field = (name: string | null) => fields.find((each) => each.name === name);
  const times = time === null ? undefined : Float64Array.from(columns[time]!, (seconds) => seconds * 1000);
  return {
    fields,
    background: byTime && times !== undefined ? [timeField(times)] : [],
    scores: new Map(numeric.map((name) => [name, normalScores(column(name))])),
    candidates: candidates.map((name) => field(name)!),
    labels: label,
    units: { user: field(user), item: field(item), times },
  };
}

/** Sessions with a rate of their own; hour, device and network are constant in a session, weekday in a day. */
function moods(seed: number, perDay: number, mood: number, heavy: boolean): World {
  const source = random(seed).fork(`moods ${perDay} ${mood} ${heavy}`);
  const [users, items, categories] = [110, 300, 8];
  const userEffect = normals(source, users, 0.6);
  const itemEffect = normals(source, items, 0.5);
  const categoryOf = integers(source, items, categories);
  const categoryEffect = normals(source, categories, 0.5);
  const priceOf = itemEffect.map((effect) => Math.exp(0.5 * effect + 0.5 * source.normal()));
  const age = integers(source, users, 40);
  const rows: number[][] = [];
  const width = 24 / perDay;
  for (let user = 0; user < users; user++) {
    const usual = perDay === 3 ? 6 : 4;
    const sessions = heavy && user === 0 ? Math.round(0.37 * usual * users) : usual;
    for (let number = 0; number < sessions; number++) {
      const many = sessions >= 20;
      const day =
        perDay === 1
          ? many
            ? number
            : number * 15 + source.integer(15)
          : Math.floor(number / perDay) * (many ? 1 : 20) + (user % 20);
      const hour = (number % perDay) * width + source.integer(width);
      const start = 1.72e9 - (1.72e9 % 86400) + day * 86400 + hour * 3600;
      const [device, network, own] = [source.integer(3), source.integer(4), mood * source.normal()];
      const length = 12 + source.integer(18);
      for (let row = 0; row < length; row++) rows.push([user, day % 7, hour, device, network, start + row * 40, own]);
    }
  }
  const part = (place: number): Float64Array => Float64Array.from(rows, (row) => row[place]!);
  const [user, time] = [part(0), part(5)];
  const item = integers(source, rows.length, items);
  const category = codesAt(categoryOf, item);
  const logit = part(6).map(
    (own, row) => -0.9 + userEffect[user[row]!]! + itemEffect[item[row]!]! + categoryEffect[category[row]!]! + own,
  );
  const columns = {
    user,
    item,
    category,
    age: at(age, user),
    weekday: part(1),
    hour: part(2),
    device: part(3),
    network: part(4),
    position: integers(source, rows.length, 5),
    price: at(priceOf, item),
    time,
    "day of month": time.map((seconds) => Math.floor(seconds / 86400) % 30),
  };
  return {
    columns,
    numeric: ["age", "price"],
    label: labelsOf(source, logit),
    user: "user",
    item: "item",
    time: "time",
    candidates: ["category", "weekday", "hour", "device", "network", "position", "day of month"],
  };
}

/**
 * Logs in which no column changes what another means, by kind: plain, rate, skewed, heavy, few users, few users heavy,
 * bots, session, trip, trend, bands, new phone; and `mood PER_DAY SD` (`… heavy`). In others one does: taste (users like
 * categories differently), (strong) weekday pattern, and drift, which no part of the calendar comes back with.
 */
export function nullWorld(kind: string, seed: number): World {
  const words = kind.split(" ");
  if (words[0] === "mood") return moods(seed, Number(words[1]), Number(words[2]), words.includes("heavy"));
  const source = random(seed).fork(kind);
  const rows = 6000 + source.integer(8000);
  const users = words.includes("few") ? 25 + source.integer(30) : 150 + source.integer(1200);
  const [items, shops] = [80 + source.integer(600), 20];
  const power = kind === "skewed" ? 1.3 : 0.6;
  const [user, item] = [zipf(source, users, rows, power), zipf(source, items, rows, power + 0.2)];
  if (words.includes("heavy")) for (let row = 0; row < rows; row++) if (source.uniform() < 0.27) user[row] = 0;
  const day = integers(source, rows, 28);
  let channel = zipf(source, 4, rows, 0.5);
  let city = codesAt(zipf(source, 9, users, 1), user);
  const logit = new Float64Array(rows);
  const add = (values: (row: number) => number): void => {
    for (let row = 0; row < rows; row++) logit[row]! += values(row);
  };
  let taste: (row: number, category: number) => number = () => 0;
  if (kind === "taste") {
    const tastes = normals(source, users * 8, 0.6);
    taste = (row, category) => tastes[user[row]! * 8 + category]!;
  }
  if (kind === "session" || kind === "trip") {
    const numbers = new Map<number, number>();
    const of = user.map((each, row) => {
      const key = each * 100 + (kind === "session" ? day[row]! : Math.floor(day[row]! / 7));
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      return numbers.get(key)!;
    });
    const [mood, tastes] = [normals(source, numbers.size, 0.9), normals(source, numbers.size * 8, 0.8)];
    add((row) => mood[of[row]!]!);
    taste = (row, category) => tastes[of[row]! * 8 + category]!;
    if (kind === "session") channel = codesAt(zipf(source, 4, numbers.size, 0.5), of);
    else city = codesAt(integers(source, numbers.size, 9), of);
  }
  for (let row = 0; row < rows; row++) {
    if (source.uniform() < 0.35) item[row] = (item[row]! + channel[row]! * Math.floor(items / 5)) % items;
  }
  const category = codesAt(integers(source, items, 8), item);
  const price = at(normals(source, items).map(Math.exp), item);
  const age = at(
    integers(source, users, 50).map((each) => each + 18),
    user,
  );
  const base = -1.2 - source.uniform();
  const effects = [
    [normals(source, users, 0.7), user],
    [normals(source, items, 0.6), item],
    [normals(source, 8, 0.5), category],
    [normals(source, 9, 0.4), city],
  ] as const;
  for (const [effect, codes] of effects) add((row) => effect[codes[row]!]!);
  add((row) => base + [-1, 0, 0.4, 1.1][channel[row]!]! * (kind === "rate" ? 1.6 : 1) + taste(row, category[row]!));
  const position = integers(source, rows, 10);
  add((row) => -0.08 * position[row]!);
  if (kind === "bands") add((row) => 1.4 * Math.sin((age[row]! - 18) / 8) + 1.1 * Math.log(price[row]!));
  else add((row) => 0.02 * (age[row]! - 40) - 0.4 * Math.log(price[row]!));
  if (kind === "trend") add((row) => 0.03 * day[row]!);
  if (kind === "drift") {
    const rises = normals(source, 8, 1.2);
    add((row) => rises[category[row]!]! * (day[row]! / 28 - 0.5));
  }
  if (kind.endsWith("weekday pattern")) {
    const pattern = normals(source, 56, kind.startsWith("strong") ? 1 : 0.35);
    add((row) => pattern[(day[row]! % 7) * 8 + category[row]!]!);
  }
  const more: Record<string, Codes> = {};
  if (kind === "new phone") {
    // Users drift, and change their device once.
    const changes = integers(source, users, 18).map((each) => each + 5);
    const maker = integers(source, users, 2);
    more["device"] = user.map((each, row) => (day[row]! > changes[each]! ? 1 : 0) + 2 * maker[each]!);
    const drift = normals(source, users, 1.5);
    add((row) => drift[user[row]!]! * (day[row]! / 28 - 0.5));
  }
  const time = Float64Array.from(day, (each) => 1_699_920_000 + each * 86400 + source.integer(86400));
  const chances = logit.map((each) => (kind === "bots" ? 0.15 * 0.35 + 0.85 * sigmoid(each) : sigmoid(each)));
  const columns = {
    user,
    item,
    category,
    shop: codesAt(integers(source, items, shops), item),
    price,
    age,
    age_level: age.map((each) => Math.floor(each / 9)),
    price_tier: price.map((each) => [0.4, 0.9, 1.6, 4].filter((cut) => cut <= each).length),
    city,
    sex: codesAt(integers(source, users, 2), user),
    channel,
    position,
    time,
    weekday: day.map((each) => each % 7),
    hour: time.map((seconds) => Math.floor(seconds / 3600) % 24),
    "day of month": day,
    ...more,
  };
  return {
    columns,
    numeric: ["price", "age"],
    user: "user",
    item: "item",
    time: "time",
    label: Float32Array.from(chances, (chance) => (source.uniform() < chance ? 1 : 0)),
    candidates: [
      "category",
      "shop",
      "age_level",
      "price_tier",
      "city",
      "sex",
      "channel",
      "position",
      "weekday",
      "hour",
      "day of month",
      ...Object.keys(more),
    ],
  };
}

export type PlantedKind = "slope" | "table" | "item" | "user" | "habit";

/**
 * slope: scene × price, table: scene × category, item: scene × item, user: a user's segment × category, habit: scene ×
 * user. `gain`: of AUC by the truth; `truth`: the planted column, and `partner` the other side.
 */
export function plantedWorld(kind: PlantedKind, strength: number, seed: number, heavy = false) {
  const source = random(seed).fork(`planted ${kind}`);
  const [rows, users, items, categories, scenes] = [12_000, kind === "habit" ? 200 : 900, 250, 10, 4];
  const [user, item] = [zipf(source, users, rows, 0.5), zipf(source, items, rows, 0.6)];
  if (heavy) for (let row = 0; row < rows; row++) if (source.uniform() < 0.27) user[row] = 0;
  const category = codesAt(integers(source, items, categories), item);
  const price = at(normals(source, items), item);
  const scene = integers(source, rows, scenes);
  const decoy = scene.map((each) => (source.uniform() < 0.7 ? each : source.integer(scenes)));
  const segment = codesAt(integers(source, users, 3), user);
  const dwell = normals(source, rows).map(Math.exp);
  const additive = dwell.map((each, row) => -1.2 + 0.09 * each + 0.5 * (scene[row]! / 3 - 0.5));
  const effects = [
    [normals(source, users, 0.6), user],
    [normals(source, items, 0.5), item],
    [normals(source, categories, 0.4), category],
  ] as const;
  for (const [effect, codes] of effects) for (let row = 0; row < rows; row++) additive[row]! += effect[codes[row]!]!;
  const cells = (few: Int32Array, levels: number, many: Int32Array): Float64Array => {
    const values = normals(source, levels * (Math.max(...many) + 1));
    return Float64Array.from(few, (each, row) => values[many[row]! * levels + each]!);
  };
  const change = {
    slope: () => price.map((each, row) => [-1, -0.3, 0.4, 1][scene[row]!]! * each),
    table: () => cells(scene, scenes, category),
    item: () => cells(scene, scenes, item),
    user: () => cells(segment, 3, category),
    habit: () => cells(scene, scenes, user),
  }[kind]();
  const logit = additive.map((each, row) => each + strength * change[row]!);
  const label = labelsOf(source, logit);
  const columns = {
    user,
    item,
    category,
    price,
    scene,
    decoy,
    device: integers(source, rows, 3),
    hour: integers(source, rows, 12),
    city: codesAt(integers(source, users, 8), user),
    segment,
    age: at(
      integers(source, users, 45).map((each) => each + 18),
      user,
    ),
    dwell,
    time: Float64Array.from(user, () => 1_700_000_000 + source.integer(28 * 86400)),
  };
  const world: World = {
    columns,
    label,
    numeric: ["price", "age", "dwell"],
    user: "user",
    item: "item",
    time: "time",
    candidates: ["category", "scene", "decoy", "device", "hour", "city", "segment"],
  };
  const gain = exactAuc(logit.map(sigmoid), label)! - exactAuc(additive.map(sigmoid), label)!;
  const partners = { slope: "price", table: "category", item: "item", user: "category", habit: "user" };
  return { world, gain, truth: kind === "user" ? "segment" : "scene", partner: partners[kind] };
}
