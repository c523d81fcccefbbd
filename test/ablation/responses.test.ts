/** Response curves: planted curves lie in their bands, and null curves are flat, as often as stated. */
import { describe, expect, test } from "vitest";
import { fitResponse } from "../../src/ablation/band.js";
import { type Random, random } from "../../src/util/random.js";

const studies = 1000;
const mostMissed = 73;
const levels = [0.5, 1, 2, 4, 8];

interface Planted {
  readonly levels: readonly number[];
  readonly seeds: number;
  readonly curve: (logValue: number) => number;
  /** How far a seed tilts the whole curve. */
  readonly tilt: number;
  /** Standard deviation of a level's shift by the evaluation rows. */
  readonly rows: number;
}

function runs({ levels, seeds, curve, tilt, rows }: Planted, source: Random) {
  const common = Array.from({ length: seeds }, () => [3 * source.normal(), tilt * source.normal()]);
  const values = levels.map((level) =>
    common.map(([shift, slope]) => curve(Math.log(level)) + shift! + slope! * Math.log(level) + source.normal()),
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

/** How many of the studies have a band that misses the curve somewhere; and how many are flat. */
function repeated(planted: Planted) {
  let [missed, flat, bestMissed] = [0, 0, 0];
  const rise = (value: number) => planted.curve(Math.log(value)) - planted.curve(Math.log(2));
  for (let study = 0; study < studies; study++) {
    const fit = fitResponse(runs(planted, random(study + 1).fork("response")), 0.05, true)!;
    if (fit.points.some(({ value, low, high }) => rise(value) < low - 1e-9 || rise(value) > high + 1e-9)) missed++;
    if (fit.flat) flat++;
    const top = fit.points.reduce((best, point) => (rise(point.value) > rise(best.value) ? point : best));
    if (fit.best !== null && (top.value < fit.best.low || top.value > fit.best.high)) bestMissed++;
  }
  return { missed, flat, bestMissed };
}

const flatCurve: Planted = { levels, seeds: 5, curve: () => 0, tilt: 0, rows: 0 };
const peak: Planted = { ...flatCurve, curve: (x) => 4 - 3 * (x - 0.5) ** 2 };

test("a flat curve names no best value", () => {
  const fits = Array.from({ length: 20 }, (_, at) => fitResponse(runs(flatCurve, random(at + 1)), 0.05, true)!);
  expect(fits.some(({ flat }) => flat)).toBe(true);
  for (const { flat, best } of fits) expect(best === null).toBe(flat);
});

describe("1,000 studies of a setting: at most 73 bands miss the curve", () => {
  test.each([
    ["a peak", peak],
    ["a peak, over three values", { ...peak, levels: [1, 2, 4] }],
    [
      "a rise that levels off, over seven values",
      { ...flatCurve, levels: [0.25, 0.5, 1, 2, 4, 8, 16], curve: (x: number) => 2 * x - 0.2 * x ** 3 },
    ],
    ["a peak, three seeds", { ...peak, seeds: 3 }],
    ["a peak, and rows that matter", { ...peak, rows: 0.5 }],
    ["a flat curve", flatCurve],
  ] as const)("%s", (_, planted) => {
    const { missed, bestMissed } = repeated(planted);
    expect(missed).toBeLessThanOrEqual(mostMissed);
    expect(bestMissed).toBeLessThanOrEqual(mostMissed);
  });

  test("a flat curve is called flat, and a peak is not", () => {
    expect(repeated(flatCurve).flat).toBeGreaterThanOrEqual(studies - mostMissed);
    expect(repeated(peak).flat).toBeLessThan(100);
  });

  test("seeds that tilt the whole curve widen the band", () => {
    expect(repeated({ ...flatCurve, tilt: 0.7 }).missed).toBeLessThanOrEqual(1.3 * mostMissed);
  });
});

test("a curve of values over 0 is over their logarithm, and its best value is between the trained ones", () => {
  const fit = fitResponse(runs(peak, random(1)), 0.05, true)!;
  expect(fit).toMatchObject({ log: true, degree: 3, seeds: 5 });
  expect(fit.points[0]!.value).toBeCloseTo(0.5, 12);
  expect(fit.best!.value).toBeGreaterThan(1);
  expect(fit.best!.value).toBeLessThan(4);
  const down = fitResponse({ ...runs(peak, random(1)), modelValue: 2 }, 0.05, false)!;
  expect([0.5, 8]).toContainEqual(expect.closeTo(down.best!.value, 6));
});
