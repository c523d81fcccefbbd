/** Settings whose true curve is known. */

import { type Random, random } from "../../../src/core/util/random.js";
import { fitResponse } from "../../../src/lab/ablation/response.js";
import { type Rate, triedRates } from "../../rates.js";

const studies = 1000;
const mostMissed = 73;
export const levels = [0.5, 1, 2, 4];

export interface Planted {
  readonly levels: readonly number[];
  readonly seeds: number;
  readonly curve: (logValue: number) => number;
  /** How far a seed tilts the whole curve. */
  readonly tilt: number;
  /** Standard deviation of a level's shift by the evaluation rows. */
  readonly rows: number;
  /** Mean 0 and standard deviation 1. */
  readonly noise: (source: Random) => number;
}

export function runs({ levels, seeds, curve, tilt, rows, noise }: Planted, source: Random) {
  const common = Array.from({ length: seeds }, () => [3 * source.normal(), tilt * source.normal()]);
  const values = levels.map((level) =>
    common.map(([shift, slope]) => curve(Math.log(level)) + shift! + slope! * Math.log(level) + noise(source)),
  );
  const stray = () => levels.map(() => rows * source.normal());
  const [here, drawn] = [stray(), Array.from({ length: rows === 0 ? 0 : 60 }, stray)];
  const moved = values.map((row, level) => row.map((value) => value + here[level]!));
  return {
    levels,
    modelValue: 2,
    values: moved,
    draws: drawn.map((shift) => moved.map((row, level) => row.map((value) => value + shift[level]!))),
  };
}

/** The slope of the straight line through the true curve at the levels, by doubling. */
function trueSlope({ levels, curve }: Planted): number {
  const x = levels.map(Math.log2);
  const centre = x.reduce((sum, each) => sum + each, 0) / x.length;
  const width = x.reduce((sum, each) => sum + (each - centre) ** 2, 0);
  return levels.reduce((sum, level, at) => sum + ((x[at]! - centre) / width) * curve(Math.log(level)), 0);
}

/** A value's interval, the trend or the best values that are wrong, in at most so many of the studies. */
export function curveRates(name: string, planted: Planted): Promise<Rate[]> {
  const rules = ["a difference", "the trend", "the best values"].map((what) => `${name}: ${what}`);
  const study = studyOf(planted);
  return triedRates(
    rules.map((rule) => ({ name: rule, of: studies, atMost: mostMissed })),
    (seed) => {
      const { missed, trendMissed, bestMissed } = study(seed);
      return [missed, trendMissed, bestMissed];
    },
  );
}

/** In how many of the studies something is shown. */
export function repeated(planted: Planted) {
  const study = studyOf(planted);
  const all = Array.from({ length: studies }, (_, at) => study(at + 1));
  return { varies: all.filter(({ varies }) => varies).length, trends: all.filter(({ trends }) => trends).length };
}

function studyOf(planted: Planted) {
  const rise = (value: number) => planted.curve(Math.log(value)) - planted.curve(Math.log(2));
  const top = Math.max(...planted.levels.map(rise));
  const slope = trueSlope(planted);
  return (seed: number) => {
    const fit = fitResponse(runs(planted, random(seed).fork("response")), 0.05, true);
    const best = planted.levels.filter((level) => rise(level) > top - 1e-9);
    const able = fit.points.filter(({ mayBeBest }) => mayBeBest).map(({ value }) => value);
    return {
      missed: fit.points.some(({ value, low, high }) => rise(value) < low - 1e-9 || rise(value) > high + 1e-9),
      trendMissed: slope < fit.trend.low - 1e-9 || slope > fit.trend.high + 1e-9,
      bestMissed: !best.every((level) => able.includes(level)),
      varies: fit.varies,
      trends: fit.trend.low > 0 || fit.trend.high < 0,
    };
  };
}

const normal = (source: Random) => source.normal();
/** Skewed to one side, by −1.4. */
const falling = (source: Random) => (2 + 2 * Math.log(source.uniform())) / 2;
export const flat: Planted = { levels, seeds: 6, curve: () => 0, tilt: 0, rows: 0, noise: normal };
export const plateau = (height: number) => (x: number) => (height / Math.log(4)) * Math.min(x, Math.log(2));

/** Ten shapes, of each of which 1,000 studies are made. */
export const curves: readonly (readonly [string, Planted])[] = [
  ["flat", flat],
  ["flat, three values and seeds", { ...flat, levels: [1, 2, 4], seeds: 3 }],
  ["a plateau from the model's value on", { ...flat, curve: plateau(6) }],
  ["a low plateau, ten seeds", { ...flat, curve: plateau(3), seeds: 10 }],
  ["a plateau over seven values", { ...flat, levels: [0.25, 0.5, 1, 2, 4, 8, 16], curve: plateau(6) }],
  ["a spike at one value", { ...flat, curve: (x) => (Math.abs(x - Math.log(4)) < 0.1 ? 4 : 0) }],
  ["a peak, three seeds", { ...flat, curve: (x) => 4 - 3 * (x - 0.5) ** 2, seeds: 3 }],
  ["a weak rise", { ...flat, curve: (x) => 0.7 * x }],
  ["a kink, and rows that matter", { ...flat, curve: (x) => -2 * Math.abs(x - Math.log(2)), rows: 0.5 }],
  ["a rise with noise to one side", { ...flat, curve: (x) => x, noise: falling }],
];
