/** Logs of a domain that is launched, whose likeness to the others is known, and a model that learns their tastes. */
import { sigmoid } from "../../../src/core/util/numbers.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { type Dataset, dataset } from "../../../src/index.js";
import { tasteModelOf } from "../days/logs.js";

export const domains = ["feed", "shop", "live"] as const;
const live = 2;

export interface LaunchWorld {
  readonly rows: number;
  /** Correlation of the tastes of `live` with those of `feed`. Default: 0.9. */
  readonly twin?: number;
  /** Correlation of the tastes of `feed` and `shop`; 1: all domains are the same. Default: 0. */
  readonly alike?: number;
  readonly users?: number;
  readonly items?: number;
  /** Whether a user's rows grow with the exponent of a normal value. Default: false. */
  readonly heavy?: boolean;
  /** The share of rows of `live`. Default: a third. */
  readonly share?: number;
  readonly seed: number;
}

/** Draws rows of a world. The world follows from `seed`, the rows from `source`. */
export function worldRows(world: LaunchWorld, rows: number, source: Random) {
  const { twin = 0.9, alike = 0, users = 500, items = 60, heavy = false, share = 1 / 3, seed } = world;
  const draws = random(seed).fork("world");
  const normals = (count: number, deviation: number) =>
    Float64Array.from({ length: count }, () => deviation * draws.normal());
  const strength = 1.2;
  const feed = normals(items, strength);
  const mixed = (a: Float64Array, correlation: number): Float64Array => {
    const other = normals(items, strength);
    return a.map((value, at) => correlation * value + Math.sqrt(1 - correlation ** 2) * other[at]!);
  };
  const tastes = [feed, mixed(feed, alike), mixed(feed, twin)];
  const effects = normals(users, 0.3);
  const weights = Float64Array.from({ length: users }, () => (heavy ? Math.exp(1.5 * draws.normal()) : 1));
  let total = 0;
  const sums = weights.map((weight) => (total += weight));
  const columns = {
    ts: new Int32Array(rows),
    user_id: new Int32Array(rows),
    item_id: new Int32Array(rows),
    scene: new Int32Array(rows),
    clk: new Int32Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    const place = source.uniform() * total;
    let [low, high] = [0, users - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > place) high = middle;
      else low = middle + 1;
    }
    const item = source.integer(items);
    const scene = source.uniform() < share ? live : source.integer(2);
    const chance = sigmoid(-0.8 + effects[low]! + tastes[scene]![item]!);
    columns.ts[row] = 1_714_521_600 + 60 * row;
    columns.user_id[row] = low;
    columns.item_id[row] = item;
    columns.scene[row] = scene;
    columns.clk[row] = Number(source.uniform() < chance);
  }
  return columns;
}

export function worldLog(world: LaunchWorld): Promise<Dataset> {
  const columns = worldRows(world, world.rows, random(world.seed).fork("rows"));
  return dataset(columns, { user: "user_id", time: "ts" });
}

export const launchModel = tasteModelOf(domains);
