/** Pictures of figures whose traces lie outside of an axis' range: drawn without them; resvg would end the process. */
import { expect, test } from "vitest";
import type { JsonObject } from "../../../src/core/util/json.js";
import { figurePng } from "../../../src/lab/render/png.js";

const layout = { xaxis: { range: [0, 2] }, yaxis: { range: [0, 1] } };
const far = [3, 50, 1000, 1e6, -40].map((x) => [x, x]);

test.each([
  ...far.flatMap((x) => ["lines", "lines+markers", "markers"].map((mode) => ({ type: "scatter", mode, x, y: [0, 1] }))),
  { type: "scatter", mode: "lines", x: [100, 200], y: [0, 1], line: { dash: "dot" } },
  { type: "scatter", mode: "markers", x: [1, 1], y: [50, -50], marker: { opacity: 0.5 } },
  { type: "bar", x: [100, 200], y: [0, 1] },
  { type: "box", x: [100, 100, 100], y: [0, 1, 0.5] },
  { type: "heatmap", x: [100, 101], y: [0, 1], z: [[1, 2]] },
])("%j", async (trace) => {
  const png = await figurePng(
    { data: [trace as JsonObject], layout, config: {} },
    { width: 300, height: 200, scale: 1 },
  );
  expect(png?.length).toBeGreaterThan(500);
});

test("what is inside stays as it was, beside what is outside", async () => {
  const inside = { type: "scatter", mode: "lines+markers", x: [0.5, 1.5], y: [0.2, 0.8] };
  const crossing = { type: "scatter", mode: "lines", x: [1, 1000], y: [0.5, 0.5] };
  const outside = { type: "scatter", mode: "lines+markers", x: [50, 60], y: [0.2, 0.8] };
  const draw = (data: object[]) =>
    figurePng({ data, layout: { ...layout, showlegend: false }, config: {} } as never, {
      width: 300,
      height: 200,
      scale: 1,
    });
  const [alone, beside] = [await draw([inside, crossing]), await draw([inside, crossing, outside])];
  expect(Buffer.compare(Buffer.from(alone!), Buffer.from(beside!))).toBe(0);
  expect(Buffer.compare(Buffer.from(alone!), Buffer.from((await draw([inside]))!))).not.toBe(0);
});
