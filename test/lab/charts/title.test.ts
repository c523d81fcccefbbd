import { describe, expect, test } from "vitest";
import { boldWidth, columnNames, titleLines } from "../../../src/lab/views/compose.js";
import { fiftyDomains } from "./results.js";

const always =
  (pixels: number): (() => number) =>
  () =>
    pixels;

describe("a title's width", () => {
  test("counts letters that it has no measure of as wide ones", () => {
    expect(boldWidth("用户", 10)).toBe(21);
    expect(boldWidth("é", 10)).toBe(8);
  });
});

describe("a title's lines", () => {
  const title = "Gates by field and domain: × 1 leaves a field unchanged; farthest is adgroup_id in student (× 1.99)";

  test("end after a semicolon where that keeps a clause whole", () => {
    expect(titleLines(title, 14, always(640))).toEqual([
      "Gates by field and domain: × 1 leaves a field unchanged;",
      "farthest is adgroup_id in student (× 1.99)",
    ]);
  });

  test("are one where there is room", () => {
    expect(titleLines(title, 14, always(1200))).toEqual([title]);
  });

  test("fit, whatever the room, and keep a number with its word", () => {
    for (let room = 200; room < 900; room += 20) {
      const lines = titleLines(title, 14, always(room));
      expect(lines.join(" ")).toBe(title);
      for (const line of lines) {
        expect(boldWidth(line, 14)).toBeLessThanOrEqual(room);
        expect(line).not.toMatch(/×$|^[\d%]/);
      }
    }
  });

  test("leave room on the first line for what stands there", () => {
    const first = "Gates by field and domain:";
    const lines = titleLines(title, 14, (line) => (line === 0 ? boldWidth(first, 14) + 1 : 640));
    expect(lines[0]).toBe(first);
    expect(lines).toHaveLength(2);
  });

  test("shorten a name that is wider than a line", () => {
    const name = "recent_click_categories_of_the_last_thirty_days_by_hour";
    const lines = titleLines(`farthest is ${name} in all rows`, 14, always(300));
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^recent_click.*…/);
    for (const line of lines) expect(boldWidth(line, 14)).toBeLessThanOrEqual(300);
  });
});

describe("names along an axis", () => {
  const ticks = (names: readonly string[], width: number) =>
    columnNames(names, width) as unknown as {
      xaxis: { tickvals: number[]; ticktext: string[]; tickangle: number };
      below: number;
    };

  test("lie flat while they fit, and are all there", () => {
    expect(ticks(["a", "b", "c"], 300).xaxis).toMatchObject({
      tickvals: [0, 1, 2],
      ticktext: ["a", "b", "c"],
      tickangle: 0,
    });
  });

  test("slant where they are long, with room for them below", () => {
    const names = Array.from({ length: 5 }, (_, n) => `occupation number ${n}`);
    const slanted = ticks(names, 300);
    expect(slanted.xaxis.tickangle).toBe(-40);
    expect(slanted.xaxis.ticktext).toHaveLength(5);
    expect(slanted.below).toBeGreaterThan(ticks(["a", "b"], 300).below);
  });

  test("of fifty domains stand where they belong, far enough apart", () => {
    const { tickvals, ticktext } = ticks(fiftyDomains, 340).xaxis;
    expect(340 / tickvals.length).toBeGreaterThan(14);
    expect(ticktext).toEqual(tickvals.map((at) => fiftyDomains[at]));
  });
});
