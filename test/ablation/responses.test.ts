/** Responses to a setting: what they say of trained values and of the trend is wrong no more often than stated. */
import { describe, expect, test } from "vitest";
import type { Variant } from "../../src/ablation/design.js";
import { fitResponse } from "../../src/ablation/response.js";
import { axisOf } from "../../src/ablation/study-responses.js";
import { emptySpec } from "../../src/spec/model.js";
import { type Random, random } from "../../src/util/random.js";

const studies = 1000;
const mostMissed = 73;
const levels = [0.5, 1, 2, 4];

interface Planted {
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

function runs({ levels, seeds, curve, tilt, rows, noise }: Planted, source: Random) {
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

/** In how many of the studies a value's interval, the trend or the best values are wrong, and what is shown. */
function repeated(planted: Planted) {
  const counts = { missed: 0, trendMissed: 0, bestMissed: 0, varies: 0, trends: 0 };
  const rise = (value: number) => planted.curve(Math.log(value)) - planted.curve(Math.log(2));
  const top = Math.max(...planted.levels.map(rise));
  const slope = trueSlope(planted);
  for (let study = 0; study < studies; study++) {
    const fit = fitResponse(runs(planted, random(study + 1).fork("response")), 0.05, true);
    if (fit.points.some(({ value, low, high }) => rise(value) < low - 1e-9 || rise(value) > high + 1e-9))
      counts.missed++;
    if (slope < fit.trend.low - 1e-9 || slope > fit.trend.high + 1e-9) counts.trendMissed++;
    const best = planted.levels.filter((level) => rise(level) > top - 1e-9);
    const able = fit.points.filter(({ mayBeBest }) => mayBeBest).map(({ value }) => value);
    if (!best.every((level) => able.includes(level))) counts.bestMissed++;
    if (fit.varies) counts.varies++;
    if (fit.trend.low > 0 || fit.trend.high < 0) counts.trends++;
  }
  return counts;
}

const normal = (source: Random) => source.normal();
/** Skewed to one side, by −1.4. */
const falling = (source: Random) => (2 + 2 * Math.log(source.uniform())) / 2;
const flat: Planted = { levels, seeds: 6, curve: () => 0, tilt: 0, rows: 0, noise: normal };
const plateau = (height: number) => (x: number) => (height / Math.log(4)) * Math.min(x, Math.log(2));

describe("1,000 studies of a setting: at most 73 err, whatever the curve", () => {
  test.each<[string, Planted]>([
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
  ])("%s", (_, planted) => {
    const { missed, trendMissed, bestMissed } = repeated(planted);
    for (const count of [missed, trendMissed, bestMissed]) expect(count).toBeLessThanOrEqual(mostMissed);
  });

  test("seeds that tilt the whole curve widen the trend's interval", () => {
    expect(repeated({ ...flat, tilt: 0.7 }).trendMissed).toBeLessThanOrEqual(mostMissed);
  });
});

test("what is there is seen: a spike, a plateau's rise, and a weak rise by its trend", () => {
  expect(repeated({ ...flat, curve: (x) => (Math.abs(x - Math.log(4)) < 0.1 ? 4 : 0) }).varies).toBeGreaterThan(900);
  expect(repeated({ ...flat, curve: plateau(6) }).varies).toBeGreaterThan(900);
  const weak = repeated({ ...flat, curve: (x) => 0.7 * x });
  expect(weak.trends).toBeGreaterThan(weak.varies);
});

test("the best value is a trained one; at the end of the range it says so, and without a difference there is none", () => {
  const rising = fitResponse(runs({ ...flat, curve: (x) => 20 * x }, random(1)), 0.05, true);
  expect(rising.best).toEqual({ value: 4, low: 4, high: 4, atEdge: true });
  expect(fitResponse(runs({ ...flat, curve: (x) => 20 * x }, random(1)), 0.05, false).best!.value).toBe(0.5);
  const peak = fitResponse(runs({ ...flat, curve: (x) => -20 * (x - Math.log(2)) ** 2 }, random(1)), 0.05, true);
  expect(peak.best).toEqual({ value: 2, low: 2, high: 2, atEdge: false });
  const none = Array.from({ length: 20 }, (_, at) => fitResponse(runs(flat, random(at + 1)), 0.05, true));
  for (const { varies, best } of none) expect(best === null).toBe(!varies);
});

test("a grid is averaged over complete blocks of the other settings; one at a time, nothing is", () => {
  const spec = { ...emptySpec, epnet: { gamma: 2 }, ppnet: { gamma: 2 } } as Variant["spec"];
  const model: Variant = { name: "the model", settings: {}, spec };
  const variant = (settings: Readonly<Record<string, string>>): Variant => {
    return {
      name: Object.entries(settings)
        .map((setting) => setting.join(" "))
        .join(", "),
      settings,
      spec,
    };
  };
  const pairs = [1, 2, 4].flatMap((x) => [1, 2, 4].map((y) => [x, y] as const)).filter(([x, y]) => x !== 2 || y !== 2);
  const grid = pairs.map(([x, y]) => variant({ "epnet.gamma": `${x}`, "ppnet.gamma": `${y}` }));
  const axis = axisOf("epnet.gamma", model, grid)!;
  expect(axis).toMatchObject({ modelValue: 2, levels: [1, 2, 4], averaged: ["ppnet.gamma"] });
  expect(axis.blocks).toHaveLength(3);
  expect(axis.blocks[0]).toContain(model);
  expect(axisOf("epnet.gamma", model, grid.slice(1))!.blocks).toHaveLength(2);
  const alone = [1, 4].flatMap((x) => [variant({ "epnet.gamma": `${x}` }), variant({ "ppnet.gamma": `${x}` })]);
  expect(axisOf("ppnet.gamma", model, alone)).toMatchObject({ averaged: [], levels: [1, 2, 4] });
  const custom = { ...variant({ "epnet.gamma": "8" }), name: "wide" };
  expect(axisOf("epnet.gamma", model, [...alone, custom])!.levels).toEqual([1, 2, 4]);
});
