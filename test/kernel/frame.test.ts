/** A data frame's text holds values of anybody: a row is a line, and nothing of it drives a terminal. */
import { expect, it } from "vitest";
import { frameBundle } from "../../src/kernel/process/mime.js";

it("a frame's names and values are shown on their line, without control characters", () => {
  const values = [
    ["a\nb", "\u001b[2J"],
    ["\u009b\u202e", 1.5],
  ];
  const bundle = frameBundle({
    columns: ["x\u001b]0;t\u0007", "y"],
    shape: [2, 2],
    index: [0, 1],
    dtypes: ["string", "string"],
    values,
    head: () => ({ index: [0, 1], values }) as never,
  } as never);
  expect((bundle["text/plain"] as string).split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["x\\u001b]0;t\\u0007", "y"],
    ["a\\nb", "\\u001b[2J"],
    ["\\u009b\\u202e", "1.5"],
    ["2 rows × 2 columns"],
  ]);
  expect(bundle["text/html"]).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u);
});
