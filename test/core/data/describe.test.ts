/** A look at a table: columns, positive rates by domain, and what training does not know. */
import { beforeAll, describe, expect, test } from "vitest";
import { describe as describeTable } from "../../../src/core/data/summary/describe.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { type TaobaoLog, taobaoLike } from "../../../src/core/samples/generate/taobao.js";
import { DataError, dataset, label, pepnet } from "../../../src/index.js";

let log: TaobaoLog;
beforeAll(() => {
  log = taobaoLike({ rows: 5000, seed: 7 });
});

describe("describe", () => {
  test("refuses an option that it does not have, as check and split do", async () => {
    const data = await dataset({ clk: [0, 1] });
    const { model } = { model: pepnet() };
    const of = (call: Promise<unknown>) => expect(call).rejects;
    await of(data.describe({ trainings: data } as object)).toThrow(/unknown setting "trainings"[\s\S]*did you mean/i);
    await of(data.describe({ against: data } as object)).toThrow(DataError);
    await of(data.check(model, { against: data } as object)).toThrow(/unknown setting "against"/);
    await of(data.split({ a: 1, b: 1 }, { stratified: "clk" } as object)).toThrow(/unknown setting "stratified"/);
  });

  test("counts rows, missing values, distinct values and rates by domain", async () => {
    const summary = await describeTable(log.table, { labels: ["clk", "buy"], domain: "occupation" });
    expect(summary.rows).toBe(5000);
    expect(summary.columns.find((column) => column.name === "pid")).toMatchObject({
      type: "text",
      distinct: 2,
      missing: 0,
    });
    expect(summary.domains.map((domain) => domain.domain)).toEqual([0, 1, 2]);
    expect(summary.domains.reduce((sum, domain) => sum + domain.rows, 0)).toBe(5000);
    const clicks = (log.arrays["clk"] as Int32Array).reduce((sum, click) => sum + click, 0);
    expect(summary.labels[0]).toMatchObject({ label: "clk", rows: 5000, positives: clicks });
    expect(summary.positiveRates["clk"]).toBeCloseTo(clicks / 5000, 12);
    expect(summary.labels[0]?.domains.reduce((sum, domain) => sum + domain.positives, 0)).toBe(clicks);
  });

  test("finds the most frequent values and leaves missing ones out", async () => {
    const table = await openTable({ x: [1, 2, 2, null, Number.NaN], words: [["a", "b"], ["a"], null, [], ["a"]] });
    const summary = await describeTable(table);
    expect(summary.columns[0]).toMatchObject({ missing: 2, distinct: 2, min: 1, max: 2 });
    expect(summary.columns[0]?.top[0]).toEqual({ value: 2, rows: 2 });
    expect(summary.columns[1]).toMatchObject({ type: "list", missing: 1, distinct: 2 });
    expect(summary.columns[1]?.top[0]).toEqual({ value: "a", rows: 3 });
    await expect(describeTable(table, { labels: ["y"] })).rejects.toThrow(/column "y"/);
  });

  test("a label of text or lists is refused with a rule that works, words for yes and no are not", async () => {
    const table = await openTable({
      income: ["<=50K", null, ">50K", "<=50K"],
      tags: [["a"], [], ["b"], null],
      clicked: ["yes", "no", null, "yes"],
    });
    const refusal = describeTable(table, { labels: ["income", "tags", "clicked"] });
    await expect(refusal).rejects.toThrow(/"income": this label has no positive rows[\s\S]*"tags"/);
    await expect(refusal).rejects.toThrow('.labels(label("income").equals("<=50K"))');
    await expect(refusal).rejects.not.toThrow(/"clicked"/);

    const { spec } = pepnet().labels(label("income").equals("<=50K"));
    const summary = await describeTable(table, { labels: ["income", "clicked"], spec });
    expect(summary.labels).toMatchObject([
      { label: "income", rows: 3, positives: 2 },
      { label: "clicked", rows: 3, positives: 2 },
    ]);
  });

  test("counts numbers in bins of equal width, and text not at all", async () => {
    const table = await openTable({
      x: [0, 0, 9.9, 10, 20],
      same: [3, 3, 3, 3, null],
      word: ["a", "b", "a", "a", "a"],
    });
    const [x, same, word] = (await describeTable(table)).columns;
    expect(x!.histogram).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(same!.histogram).toEqual([4]);
    expect(word!.histogram).toBeNull();
  });

  test("domains may be words; rows without one are missing values of that column, not another domain", async () => {
    const table = await openTable({ scene: ["search", "feed", null, "feed"], clk: [1, 0, 1, null] });
    const summary = await describeTable(table, { labels: ["clk"], domain: "scene" });
    expect(summary.domains).toEqual([
      { domain: "feed", rows: 2, positiveRates: { clk: 0 } },
      { domain: "search", rows: 1, positiveRates: { clk: 1 } },
    ]);
    expect(summary.columns[0]?.missing).toBe(1);
    expect(summary.labels[0]).toMatchObject({ rows: 3, positives: 2 });
  });

  test("against training rows: rows with values that those lack, in columns of ids, words and lists", async () => {
    const training = await openTable({
      id: [1, 2, 3],
      word: ["a", "b", "c"],
      tags: [["x"], ["y"], []],
      mix: [1, 2, 3],
      price: [1.5, 2, 3],
    });
    const few = training.take(Int32Array.of(0, 1));
    const table = await openTable({
      id: [1, 3, 9, null],
      word: ["c", "a", "a", null],
      tags: [["x", "z"], ["y"], [], null],
      mix: ["1", "7", "2", "2"],
      price: [9.5, 1, 1, 1],
      extra: [1, 2, 3, 4],
    });
    const unseen = async (rows: typeof training) =>
      Object.fromEntries(
        (await describeTable(table, { training: rows })).columns.map((column) => [column.name, column.unseen]),
      );
    expect(await unseen(training)).toEqual({ id: 1, word: 0, tags: 1, mix: 1, price: null, extra: null });
    expect(await unseen(few)).toEqual({ id: 2, word: 1, tags: 1, mix: 1, price: null, extra: null });
  });
});
