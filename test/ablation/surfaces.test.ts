/** Response surfaces: planted surfaces lie in their bands, and the best pair in its region, as often as stated. */
import { describe, expect, test } from "vitest";
import type { Variant } from "../../src/ablation/design.js";
import { planesOf } from "../../src/ablation/study-responses.js";
import { fitSurface, type SettingPair } from "../../src/ablation/surface.js";
import { emptySpec } from "../../src/spec/model.js";
import { type Random, random } from "../../src/util/random.js";

const studies = 1000;
const mostMissed = 73;

interface Planted {
  readonly levels: readonly number[];
  readonly seeds: number;
  /** Of the logarithms. */
  readonly surface: (x: number, y: number) => number;
}

const gridOver = (levels: readonly number[]): SettingPair[] =>
  levels.flatMap((x) => levels.map((y): SettingPair => [x, y]));

function runs({ levels, seeds, surface }: Planted, source: Random) {
  const pairs = gridOver(levels);
  const shifts = Array.from({ length: seeds }, () => 3 * source.normal());
  const values = pairs.map(([x, y]) =>
    shifts.map((shift) => surface(Math.log(x), Math.log(y)) + shift + source.normal()),
  );
  return { pairs, modelValues: [2, 2] as const, values, draws: [] };
}

/** How many of the studies have a band that misses the surface somewhere, a region without the best pair, none. */
function repeated(planted: Planted) {
  let [missed, flat, bestMissed] = [0, 0, 0];
  const base = planted.surface(Math.log(2), Math.log(2));
  const rise = ([x, y]: SettingPair) => planted.surface(Math.log(x), Math.log(y)) - base;
  for (let study = 0; study < studies; study++) {
    const fit = fitSurface(runs(planted, random(study + 1).fork("surface")), 0.05, true)!;
    const points = fit.grid.flat();
    if (points.some(({ values, low, high }) => rise(values) < low - 1e-9 || rise(values) > high + 1e-9)) missed++;
    if (fit.flat) flat++;
    const top = points.reduce((best, point) => (rise(point.values) > rise(best.values) ? point : best));
    if (!top.mayBeBest) bestMissed++;
  }
  return { missed, flat, bestMissed };
}

const flatSurface: Planted = { levels: [1, 2, 4], seeds: 5, surface: () => 0 };
const peak: Planted = {
  ...flatSurface,
  surface: (x, y) => 6 - 3 * (x - 0.9) ** 2 - 4 * (y - 0.4) ** 2 - 2 * (x - 0.9) * (y - 0.4),
};

describe("1,000 studies of two settings: at most 73 bands miss the surface", () => {
  test.each([
    ["a peak", peak],
    ["a peak, three seeds", { ...peak, seeds: 3 }],
    [
      "a lopsided peak, over five values each",
      { ...peak, levels: [0.5, 1, 2, 4, 8], surface: (x: number, y: number) => peak.surface(x, y) + 0.3 * x ** 3 },
    ],
    ["a flat surface", flatSurface],
  ] as const)("%s", (_, planted) => {
    const { missed, bestMissed } = repeated(planted);
    expect(missed).toBeLessThanOrEqual(mostMissed);
    expect(bestMissed).toBeLessThanOrEqual(mostMissed);
  });

  test("a flat surface is called flat, and a peak is not", () => {
    expect(repeated(flatSurface).flat).toBeGreaterThanOrEqual(studies - mostMissed);
    expect(repeated(peak).flat).toBeLessThan(100);
  });
});

test("a surface names its best pair, and a box around all that may be the best; a flat one does not", () => {
  const strong = { ...peak, surface: (x: number, y: number) => 10 * peak.surface(x, y) };
  const { best, grid, log, degree } = fitSurface(runs(strong, random(1)), 0.05, true)!;
  expect({ log, degree }).toEqual({ log: [true, true], degree: 2 });
  expect(Math.log(best!.values[0])).toBeCloseTo(0.9, 0);
  expect(Math.log(best!.values[1])).toBeCloseTo(0.4, 0);
  for (const { values, mayBeBest } of grid.flat().filter((point) => point.mayBeBest)) {
    expect(mayBeBest && values.every((value, axis) => value >= best!.low[axis]! && value <= best!.high[axis]!)).toBe(
      true,
    );
  }
  expect(grid.flat().some(({ mayBeBest }) => !mayBeBest)).toBe(true);
  expect(fitSurface(runs(flatSurface, random(2)), 0.05, true)).toMatchObject({ flat: true, best: null });
});

test("pairs that do not determine a quadratic have no surface", () => {
  const all = runs(flatSurface, random(1));
  const cross = all.pairs.map(([x, y]) => x === 2 || y === 2);
  const only = <Each>(each: readonly Each[]): Each[] => each.filter((_, at) => cross[at]);
  expect(fitSurface({ ...all, pairs: only(all.pairs), values: only(all.values) }, 0.05, true)).toBeNull();
});

test("settings that a study varies together are a plane; one at a time, they are not", () => {
  const spec = { ...emptySpec, epnet: { gamma: 2 }, ppnet: { gamma: 2 } } as Variant["spec"];
  const model: Variant = { name: "the model", settings: {}, spec };
  const variant = (settings: Readonly<Record<string, string>>): Variant => {
    const name = Object.entries(settings).map((setting) => setting.join(" "));
    return { name: name.join(", "), settings, spec };
  };
  const together = gridOver([1, 2, 4]).map(([x, y]) => variant({ "epnet.gamma": `${x}`, "ppnet.gamma": `${y}` }));
  const [plane, ...others] = planesOf(
    model,
    together.filter(({ name }) => name !== "epnet.gamma 2, ppnet.gamma 2"),
  );
  expect(others).toEqual([]);
  expect(plane).toMatchObject({ paths: ["epnet.gamma", "ppnet.gamma"], modelValues: [2, 2] });
  expect(plane!.places).toHaveLength(9);
  const alone = [1, 4].flatMap((x) => [variant({ "epnet.gamma": `${x}` }), variant({ "ppnet.gamma": `${x}` })]);
  expect(planesOf(model, alone)).toEqual([]);
});
