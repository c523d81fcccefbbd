/** A picture of each kind of mark. `contact-sheet.slow.test.ts` draws all other charts. */
import { expect, test } from "vitest";
import { samples } from "../charts/samples.js";
import { onePerKindOfMark, pictureFaults } from "./pictures.js";

test.each(onePerKindOfMark())("%s has the size it asks for and the colours of its marks", async (name) => {
  expect(await pictureFaults(samples[name]!().figure)).toEqual([]);
});

test("a mark outside of its axis is found missing, and a figure that cannot be drawn", async () => {
  const outside = { type: "scatter", mode: "markers", x: [9], y: [9], marker: { color: "#d17a00" } };
  const layout = { height: 200, xaxis: { range: [0, 1] }, yaxis: { range: [0, 1] } };
  expect(await pictureFaults({ data: [outside], layout, config: {} })).toEqual(["no pixel of #d17a00"]);
  expect(await pictureFaults({ data: [], layout: { height: -5 }, config: {} })).toEqual(["no picture"]);
});
