/** Responses to a setting: what they say of trained values and of the trend is wrong no more often than stated. */
import { describe, expect, test } from "vitest";
import { emptySpec } from "../../../src/core/spec/model.js";
import { random } from "../../../src/core/util/random.js";
import type { Variant } from "../../../src/lab/ablation/design.js";
import { fitResponse } from "../../../src/lab/ablation/response.js";
import { axisOf } from "../../../src/lab/ablation/study-responses.js";
import { expectRates } from "../../rates.js";
import { curveRates, curves, flat, plateau, repeated, runs } from "./response-worlds.js";

describe("1,000 studies of a setting: at most 73 err, whatever the curve", () => {
  test.each(curves)("%s", async (name, planted) => {
    expectRates(await curveRates(name, planted));
  });

  test("seeds that tilt the whole curve widen the trend's interval", async () => {
    const [, trend] = await curveRates("tilted", { ...flat, tilt: 0.7 });
    expectRates([trend!]);
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
