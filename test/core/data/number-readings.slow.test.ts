/** Numbers as text: what is refused names the calls that read it. */
import { describe, expect, it } from "vitest";
import { dataset, pepnet, rawFeature } from "../../../src/index.js";
import { cases, problemOf, type Row, reasonOf, rowsOf, rowsWith, typed } from "./readable-columns.js";

describe("a column of text", () => {
  it.each(cases)("with $what is refused by a raw feature with the same calls", async ({ cells, readings }) => {
    const data = await dataset(rowsOf(cells));
    const model = pepnet()
      .features(rawFeature("x").zscore())
      .labels("y")
      .tower("y", (t) => t.label("y").mlp(4).bce());
    const { message, fix } = await problemOf(model.fit(data));
    expect(message).toContain("not a finite number");
    expect((await typed(fix, data)).map((values) => values.slice(0, cells.length))).toEqual(readings);
    const found = (await data.check(model)).findings.find((finding) => finding.severity === "error")!;
    expect(found.fix ?? "").toBe(fix);
  });
});

describe("all cells count", () => {
  it("beyond the rows that a suggestion samples", async () => {
    const cells = (odd: string): Row[] => {
      return rowsWith(
        Array.from({ length: 120_000 }, (_, row) => (row === 119_999 ? odd : row % 2 === 0 ? "2,240" : "480")),
      );
    };
    for (const [odd, values] of [
      ["4,807", [4807, 4.807]],
      ["4,807.5", [4807.5]],
      ["4,80", [4.8]],
      ["unknown", []],
    ] as const) {
      const data = await dataset(cells(odd));
      const last = (await typed(await reasonOf(data), data)).map((each) => each.at(-1));
      expect(last).toEqual(values);
    }
  });
});
