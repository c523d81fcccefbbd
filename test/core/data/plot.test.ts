/** `plot` chooses a chart by the values, and says what it does not draw; `table` shows any rows. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataset, type PlotOptions, plot, table } from "../../../src/index.js";
import { wholeTitle } from "../../whole-title.js";

const rows = Array.from({ length: 40 }, (_, row) => ({
  scene: row % 3 === 0 ? "home" : "search",
  price: row === 5 ? null : row / 2,
  clk: row % 2,
  day: new Date(Date.UTC(2024, 0, 1 + row)),
}));
const typeOf = async (options: PlotOptions<keyof (typeof rows)[number]>) => {
  const { figure } = await plot(rows, options);
  const [{ type, mode } = {}] = figure.data as { type?: string; mode?: string }[];
  return mode === undefined ? type : mode;
};

describe("plot", () => {
  test("draws bars for names, a histogram of numbers, a line over unique x, else dots", async () => {
    expect(await typeOf({ x: "scene" })).toBe("bar");
    expect(await typeOf({ x: "price" })).toBe("bar");
    expect(await typeOf({ x: "day", y: "price" })).toMatch(/^lines/);
    expect(await typeOf({ x: "clk", y: "price" })).toBe("markers");
    expect(await typeOf({ x: "day", y: "price", kind: "dots" })).toBe("markers");
    expect(await typeOf({ x: "price", color: "scene" })).toMatch(/^lines/);
  });

  test("names in the title and the table what it draws: means, counts, and what is missing", async () => {
    const means = await plot(rows, { x: "scene", y: "clk" });
    expect(wholeTitle(means)).toBe("mean of clk by scene: highest at home (0.5); 40 rows");
    expect(means.rows()).toEqual([
      { scene: "home", "mean of clk": 0.5 },
      { scene: "search", "mean of clk": 0.5 },
    ]);
    const prices = await plot(rows, { x: "price" });
    expect(wholeTitle(prices)).toContain("1 row without a value not drawn");
    expect(prices.rows().reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(39);
    const counts = await plot(rows, { x: "scene", color: "clk" });
    expect(counts.rows()).toHaveLength(4);
  });

  test("draws long tails by log or bins only, and boxes of quantiles", async () => {
    const tail = Array.from({ length: 1000 }, (_, row) => ({
      price: row < 990 ? 1 + (row % 99) : 10_000 * (row - 989),
      shop: row % 2,
    }));
    const drawn = async (options: Partial<PlotOptions<"price" | "shop">>) => {
      const { title, rows } = await plot(tail, { x: "price", ...options }).then((each) => ({
        title: wholeTitle(each),
        rows: each.rows(),
      }));
      return { title, bins: rows.length, sum: rows.reduce((sum, { rows }) => sum + Number(rows), 0) };
    };
    expect(await drawn({})).toMatchObject({ sum: 990, title: expect.stringContaining("10 rows above 99 not drawn") });
    expect(await drawn({ bins: 7 })).toMatchObject({ bins: 7, sum: 1000 });
    expect(await drawn({ log: "x" })).toMatchObject({ sum: 1000 });
    const even = tail.slice(0, 990);
    expect(wholeTitle(await plot(even, { x: "price" }))).not.toContain("not drawn");
    const zeros = await plot([{ price: 0 }, { price: -1 }, { price: 5 }], { x: "price", log: "x" });
    expect(wholeTitle(zeros)).toContain("2 rows of 0 or less not drawn on a logarithmic scale");
    const boxes = await plot(even, { x: "shop", y: "price", kind: "boxes" });
    expect(boxes.rows()[0]).toMatchObject({ "median of price": 50, "5%": 6, "25%": 25, "75%": 75, "95%": 94 });
    await expect(plot(tail, { x: "shop", kind: "boxes" })).rejects.toThrow('{ x: "shop", y: "…", kind: "boxes" }');
    await expect(plot(tail, { x: "price", bins: 0 })).rejects.toThrow("an integer ≥ 1 and ≤ 10000");
  });

  test("takes data sets, verbs, and times of CSV files", async () => {
    const data = await dataset(rows);
    const grouped = await plot(data.groupBy("scene").summarise({ ctr: "avg(clk)" }), { x: "scene", y: "ctr" });
    expect(wholeTitle(grouped)).toMatch(/^ctr by scene: .*; 2 rows/);
    const path = join(mkdtempSync(join(tmpdir(), "pepnet-plot-")), "days.csv");
    writeFileSync(path, "day,n\n2024-01-02,3\n2024-01-01,5\n");
    const days = await plot(await dataset(path), { x: "day", y: "n" });
    expect(days.rows()).toEqual([
      { day: "2024-01-01T00:00:00.000Z", n: 5 },
      { day: "2024-01-02T00:00:00.000Z", n: 3 },
    ]);
  });

  test("draws some of many dots, names and colours, and says so", async () => {
    const many = Array.from({ length: 12_000 }, (_, row) => ({ x: row % 100, y: row, name: `n${row % 50}` }));
    expect(wholeTitle(await plot(many, { x: "x", y: "y" }))).toContain("1 of 3 rows drawn");
    expect(wholeTitle(await plot(many, { x: "name" }))).toContain("20 rarer values not drawn");
    expect(wholeTitle(await plot(many, { x: "x", color: "name" }))).toContain("43 rarer colours not drawn");
  });

  test("refuses unknown columns, lists, and text along y", async () => {
    await expect(plot(rows, { x: "prise" as never })).rejects.toThrow("price");
    await expect(plot([{ a: [1] }], { x: "a" })).rejects.toThrow("list column");
    await expect(plot(rows, { x: "price", y: "scene" })).rejects.toThrow("is text");
  });
});

test("table shows rows with dates, lists, large integers and missing values", async () => {
  const shown = table([{ at: new Date(0), ids: [1, 2], big: 2n ** 60n, none: undefined }]);
  expect(shown.rows()).toEqual([{ at: "1970-01-01T00:00:00.000Z", ids: "[1,2]", big: String(2n ** 60n), none: null }]);
  expect(table(await (await dataset(rows)).head(2)).rows()).toHaveLength(2);
});
