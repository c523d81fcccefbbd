/** From the world to rows: who sees which ad, with what chance of a click and a purchase, and what happens. */
import type { Random } from "../../util/random.js";
import type { World } from "./world.js";

/** Who saw which ad where, [rows]. */
export interface Impressions {
  readonly user: Int32Array;
  readonly ad: Int32Array;
  readonly pid: Int32Array;
}

/** Some users and ads come more often than others, and a fifth of the ads is chosen from what the user likes. */
export function drawImpressions(
  settings: { readonly rows: number; readonly users: number; readonly ads: number },
  world: World,
  source: Random,
): Impressions {
  const { rows, users, ads } = settings;
  const user = new Int32Array(rows);
  const ad = new Int32Array(rows);
  const pid = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const who = Math.floor(users * source.uniform() ** 1.4);
    user[row] = who;
    ad[row] = Math.floor(ads * source.uniform() ** 1.4);
    if (source.uniform() < 0.2) {
      const liked = world.users.likedCategories[who] as readonly number[];
      const fitting = world.ads.ofCategory[liked[source.integer(liked.length)] as number] as readonly number[];
      if (fitting.length > 0) ad[row] = fitting[source.integer(fitting.length)] as number;
    }
    pid[row] = source.uniform() < 0.6 ? 1 : 0;
  }
  return { user, ad, pid };
}

/** Sums of the planted effects, before the intercept. */
export function logits(shown: Impressions, world: World, task: "click" | "purchase"): Float64Array {
  const { users, ads } = world;
  const effects = world[task];
  const sums = new Float64Array(shown.user.length);
  const ofUser = Float64Array.from(users.age, (_, user) => {
    const shopping = ((users.shopping[user] as number) - 1) * (task === "click" ? 0.15 : 0.4);
    return (effects.user[user] as number) + shopping + 0.06 * ((users.age[user] as number) - 3);
  });
  for (let row = 0; row < sums.length; row++) {
    const user = shown.user[row] as number;
    const ad = shown.ad[row] as number;
    const domain = users.domain[user] as number;
    const category = ads.category[ad] as number;
    const brand = ads.brand[ad] as number;
    const level = ads.priceLevel[ad] as number;
    let sum = (ofUser[user] as number) + (effects.ad[ad] as number) + (effects.domain[domain] as number);
    sum +=
      ((effects.category[domain] as Float64Array)[category] as number) +
      ((effects.brand[domain] as Float64Array)[brand] as number);
    sum += (effects.price[domain] as number) * level;
    if (task === "click") {
      if ((users.likedCategories[user] as readonly number[]).includes(category)) sum += 0.3;
      if ((users.likedBrands[user] as readonly number[]).includes(brand)) sum += 0.25;
      sum += shown.pid[row] === 1 ? 0.15 : -0.15;
    } else {
      sum += 0.3 * ((users.purchasingPower[user] as number) - 1) * level;
    }
    sums[row] = sum;
  }
  return sums;
}

/** Sigmoid of the logits, with the intercept that gives the rate over the rows where `within` is 1 (or all). */
export function probabilities(sums: Float64Array, rate: number, within: Int32Array | null): Float32Array {
  let rows = Int32Array.from({ length: sums.length }, (_, row) => row);
  if (within !== null) rows = rows.filter((row) => within[row] === 1);
  const stride = Math.max(1, Math.floor(rows.length / 20000));
  const sample = rows.filter((_, index) => index % stride === 0);
  let low = -20;
  let high = 20;
  for (let step = 0; step < 40 && sample.length > 0; step++) {
    const intercept = (low + high) / 2;
    let sum = 0;
    for (const row of sample) sum += sigmoid((sums[row] as number) + intercept);
    if (sum / sample.length < rate) low = intercept;
    else high = intercept;
  }
  return Float32Array.from(sums, (value) => sigmoid(value + (low + high) / 2));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** 1 with each row's probability, and only where `within` is 1. */
export function drawLabels(chances: Float32Array, within: Int32Array | null, source: Random): Int32Array {
  const labels = new Int32Array(chances.length);
  for (let row = 0; row < labels.length; row++) {
    const positive = source.uniform() < (chances[row] as number);
    if (positive && (within === null || within[row] === 1)) labels[row] = 1;
  }
  return labels;
}
