/** The true chances of clicks and purchases in a generated log. */

import { sigmoid } from "../../util/numbers.js";
import type { Random } from "../../util/random.js";
import type { TaobaoOptions } from "./settings.js";
import type { Effects, World } from "./world.js";

export interface Impressions {
  readonly user: Int32Array;
  readonly ad: Int32Array;
  readonly pid: Int32Array;
}

/** Some users and ads are more frequent than others; a fifth of the ads is chosen by the user's taste. */
export function impressionDrawer(
  settings: Required<Pick<TaobaoOptions, "rows" | "users" | "ads" | "coldUsers">>,
  world: World,
  source: Random,
): (count: number) => Impressions {
  const { rows, users, ads, coldUsers } = settings;
  const warm = Math.max(1, Math.round(users * (1 - coldUsers)));
  const coldFrom = Math.ceil(rows * 0.9);
  let first = 0;
  return (count) => {
    const user = new Int32Array(count);
    const ad = new Int32Array(count);
    const pid = new Int32Array(count);
    for (let row = 0; row < count; row++) {
      const isCold = warm < users && first + row >= coldFrom && source.uniform() < coldUsers;
      const who = isCold ? warm + source.integer(users - warm) : Math.floor(warm * source.uniform() ** 1.4);
      user[row] = who;
      ad[row] = Math.floor(ads * source.uniform() ** 1.4);
      if (source.uniform() < 0.2) {
        const liked = world.users.likedCategories[who]!;
        const fitting = world.ads.ofCategory[liked[source.integer(liked.length)]!]!;
        if (fitting.length > 0) ad[row] = fitting[source.integer(fitting.length)]!;
      }
      pid[row] = source.uniform() < 0.6 ? 1 : 0;
    }
    first += count;
    return { user, ad, pid };
  };
}

/** Returns ascending Unix seconds over the eight days of the published log, the next rows at each call. */
export function timeDrawer(rows: number, source: Random): (count: number) => Int32Array {
  const start = 1_494_000_000;
  const seconds = 8 * 86_400;
  const rowsAt = new Int32Array(seconds);
  for (let row = 0; row < rows; row++) rowsAt[Math.floor(seconds * source.uniform())]! += 1;
  let second = 0;
  return (count) =>
    Int32Array.from({ length: count }, () => {
      while (rowsAt[second] === 0) second += 1;
      rowsAt[second]! -= 1;
      return start + second;
    });
}

export function logitsBy(world: World, effects: Effects, isClick: boolean): (impressions: Impressions) => Float64Array {
  const { users, ads } = world;
  const ofUser = Float64Array.from(users.age, (_, user) => {
    const shopping = (users.shopping[user]! - 1) * (isClick ? 0.15 : 0.4);
    return effects.user[user]! + shopping + 0.06 * (users.age[user]! - 3);
  });
  return (impressions) => {
    const sums = new Float64Array(impressions.user.length);
    for (let row = 0; row < sums.length; row++) {
      const user = impressions.user[row]!;
      const ad = impressions.ad[row]!;
      const domain = users.domain[user]!;
      const category = ads.category[ad]!;
      const brand = ads.brand[ad]!;
      const level = ads.priceLevel[ad]!;
      let sum = ofUser[user]! + effects.ad[ad]! + effects.domain[domain]!;
      sum += effects.category[domain]![category]! + effects.brand[domain]![brand]!;
      sum += effects.price[domain]! * level;
      if (isClick) {
        if (users.likedCategories[user]!.includes(category)) sum += 0.3;
        if (users.likedBrands[user]!.includes(brand)) sum += 0.25;
        sum += impressions.pid[row] === 1 ? 0.15 : -0.15;
      } else {
        sum += 0.3 * (users.purchasingPower[user]! - 1) * level;
      }
      sums[row] = sum;
    }
    return sums;
  };
}

/** The probability of a logit. @param noise standard deviation of an unobserved term, which is averaged out */
export function chanceBy(noise: number): (logit: number) => number {
  return noise === 0 ? sigmoid : blurred(noise);
}

/** The intercept at which a sample of logits has the mean probability `rate`. */
export function interceptFor(sample: readonly number[], rate: number, chance: (logit: number) => number): number {
  let low = -20;
  let high = 20;
  for (let step = 0; step < 40 && sample.length > 0; step++) {
    const intercept = (low + high) / 2;
    let sum = 0;
    for (const logit of sample) sum += chance(logit + intercept);
    if (sum / sample.length < rate) low = intercept;
    else high = intercept;
  }
  return (low + high) / 2;
}

/** The mean of sigmoid(value + e) over normal e, from a table: monotonic, so rankings do not change. */
function blurred(deviation: number): (value: number) => number {
  const step = 1 / 16;
  const reach = 40;
  const table = Float64Array.from({ length: (2 * reach) / step + 2 }, (_, at) =>
    meanSigmoid(at * step - reach, deviation),
  );
  return (value) => {
    const at = (Math.max(-reach, Math.min(reach, value)) + reach) / step;
    const below = Math.floor(at);
    const from = table[below]!;
    return from + (at - below) * (table[below + 1]! - from);
  };
}

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

export function drawLabels(chances: Float32Array, within: Int32Array | null, source: Random): Int32Array {
  const labels = new Int32Array(chances.length);
  for (let row = 0; row < labels.length; row++) {
    if (source.uniform() < chances[row]! && (within === null || within[row] === 1)) labels[row] = 1;
  }
  return labels;
}
