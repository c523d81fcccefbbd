/** From the world to rows: who sees which ad, with what chance of a click and a purchase, and what happens. */
import type { Random } from "../../util/random.js";
import type { Effects, World } from "./world.js";

/** Who saw which ad where, [rows]. */
export interface Impressions {
  readonly user: Int32Array;
  readonly ad: Int32Array;
  readonly pid: Int32Array;
}

/** Some users and ads come more often than others, and a fifth of the ads is chosen from what the user likes. */
export function drawImpressions(
  settings: { readonly rows: number; readonly users: number; readonly ads: number; readonly coldUsers: number },
  world: World,
  source: Random,
): Impressions {
  const { rows, users, ads, coldUsers } = settings;
  const warm = Math.max(1, Math.round(users * (1 - coldUsers)));
  const coldFrom = Math.ceil(rows * 0.9);
  const user = new Int32Array(rows);
  const ad = new Int32Array(rows);
  const pid = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const isCold = warm < users && row >= coldFrom && source.uniform() < coldUsers;
    const who = isCold ? warm + source.integer(users - warm) : Math.floor(warm * source.uniform() ** 1.4);
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

/** Ascending Unix seconds over the eight days of the published log, [rows]. */
export function drawTimes(rows: number, source: Random): Int32Array {
  const start = 1_494_000_000;
  return Int32Array.from({ length: rows }, () => start + Math.floor(8 * 86_400 * source.uniform())).sort();
}

/** Sums of the planted effects, before the intercept; clicks and what follows them depend on different things. */
export function logits(shown: Impressions, world: World, effects: Effects, isClick: boolean): Float64Array {
  const { users, ads } = world;
  const sums = new Float64Array(shown.user.length);
  const ofUser = Float64Array.from(users.age, (_, user) => {
    const shopping = ((users.shopping[user] as number) - 1) * (isClick ? 0.15 : 0.4);
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
    if (isClick) {
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

/**
 * Probabilities of the logits, with the intercept that gives the rate over the rows where `within` is 1 (or all).
 * `noise`: standard deviation of what adds to each logit unseen, which the probabilities are means over.
 */
export function probabilities(
  sums: Float64Array,
  rate: number,
  within: Int32Array | null,
  noise: number,
): Float32Array {
  const chance = noise === 0 ? sigmoid : blurred(noise);
  let rows = Int32Array.from({ length: sums.length }, (_, row) => row);
  if (within !== null) rows = rows.filter((row) => within[row] === 1);
  const stride = Math.max(1, Math.floor(rows.length / 20000));
  const sample = rows.filter((_, index) => index % stride === 0);
  let low = -20;
  let high = 20;
  for (let step = 0; step < 40 && sample.length > 0; step++) {
    const intercept = (low + high) / 2;
    let sum = 0;
    for (const row of sample) sum += chance((sums[row] as number) + intercept);
    if (sum / sample.length < rate) low = intercept;
    else high = intercept;
  }
  return Float32Array.from(sums, (value) => chance(value + (low + high) / 2));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** The mean of sigmoid(value + e) over normal e, from a table: it rises with the value, so no ranking changes. */
function blurred(deviation: number): (value: number) => number {
  const step = 1 / 16;
  const reach = 40;
  const table = Float64Array.from({ length: (2 * reach) / step + 2 }, (_, at) =>
    meanSigmoid(at * step - reach, deviation),
  );
  return (value) => {
    const at = (Math.max(-reach, Math.min(reach, value)) + reach) / step;
    const below = Math.floor(at);
    const from = table[below] as number;
    return from + (at - below) * ((table[below + 1] as number) - from);
  };
}

/** By the trapezoid rule within six deviations. */
function meanSigmoid(value: number, deviation: number): number {
  let sum = 0;
  let weights = 0;
  for (let point = -6; point <= 6; point += 0.05) {
    const weight = Math.exp((-point * point) / 2);
    weights += weight;
    sum += weight * sigmoid(value + deviation * point);
  }
  return sum / weights;
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
