/** Verbs keep, order and label exactly the rows that they document: nothing is rewritten, kept or dropped in silence. */
import { describe, expect, test } from "vitest";
import type { DataError } from "../../../src/core/errors/index.js";
import { dataset, idFeature, pepnet, rawFeature, suggestModel } from "../../../src/index.js";

async function problem(work: () => unknown): Promise<DataError["problems"][number]> {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  expect(error).toHaveProperty("problems");
  return (error as DataError).problems[0]!;
}

describe("negatives", () => {
  test("keep a missing label missing, give its row no negatives, and count it", async () => {
    const log = await dataset([
      { u: 1, i: "a", label: 1 },
      { u: 1, i: "b", label: null },
      { u: 2, i: "c", label: 1 },
    ]);
    const result = await log.negatives({ per: 1, user: "u", item: "i" });
    const rows = await result.toRows();
    expect(rows.map((row) => row["label"])).toEqual([1, 0, null, 1, 0]);
    expect(result.notes).toContain("negatives: 1 row without label got none, and its label stays missing");
  });

  test.each([
    [5, 1, 4],
    [0.5, 1, 0],
    ["like", "1", "0"],
  ])("refuse the labels %j, %j and %j, and name the row", async (...ratings) => {
    const rated = await dataset(ratings.map((rating, row) => ({ u: row, i: `i${row}`, rating })));
    const refused = await problem(() => rated.negatives({ per: 1, user: "u", item: "i", label: "rating" }));
    expect(refused.path).toContain('column "rating"');
    expect(refused.received).toContain(String(ratings[0]));
    expect(refused.expected).toContain("0 and 1");
  });

  test("name a column that looks like the label where none is named", async () => {
    const log = await dataset([
      { u: 1, i: "a", clk: 0, price: 3 },
      { u: 1, i: "b", clk: 1, price: 4 },
      { u: 2, i: "c", clk: 0, price: 5 },
    ]);
    const { notes } = await log.negatives({ per: 1, user: "u", item: "i" });
    const note =
      'negatives: without a column "label", all rows are positives. If "clk" is the label, pass label: "clk"';
    expect(notes).toContain(note);
    expect((await log.negatives({ per: 1, user: "u", item: "i", label: "clk" })).notes).not.toContain(note);
  });

  test("take true and false, in text too", async () => {
    const log = await dataset({ u: [1, 2, 3], i: ["a", "b", "c"], label: ["yes", "no", "TRUE"] });
    const result = await log.negatives({ per: 1, user: "u", item: "i" });
    expect(await result.table.column("label")).toEqual([1, 0, 0, 1, 0]);
  });
});

test("a history refuses a label that is neither 0 nor 1", async () => {
  const rated = await dataset({ u: [1, 1], i: ["a", "b"], t: [1, 2], rating: [5, 1] });
  const refused = await problem(() => rated.history("i", { by: "u", order: "t", positive: "rating" }));
  expect(refused).toMatchObject({
    received: expect.stringContaining("5"),
    expected: expect.stringContaining("0 and 1"),
  });
});

describe("columns with the names that queries use inside", () => {
  const names = ["part number", "row order", "row order_", "data", "l", "r", "n", "keys", "rows", "alone"];

  test.each(names)('"%s": every verb keeps its rows in order', async (name) => {
    const values = Array.from({ length: 50 }, (_, row) => (row * 37) % 50);
    const column = await dataset({ [name]: values, id: values.map((_, row) => row) });
    const both = await column.concat(column);
    expect(await both.table.column("id")).toEqual([...values.keys(), ...values.keys()]);
    expect(await both.table.column(name)).toEqual([...values, ...values]);
    const kept = await column.derive({ twice: "id * 2" }).where("twice >= 0");
    expect(await kept.table.column(name)).toEqual(values);
    const made = await (await dataset({ id: [...values.keys()] })).derive({ [name]: "49 - id" }).where("id >= 0");
    expect(await made.table.column("id")).toEqual([...values.keys()]);
    const grouped = await column.groupBy("id").summarise({ [name === "n" ? "m" : name]: "count(*)" });
    expect(await grouped.table.column("id")).toEqual([...values.keys()]);
    const joined = await (await dataset({ id: [...values.keys()] })).join(column, { on: "id" });
    expect(await joined.table.column(name)).toEqual(values);
    const sorted = await column.sort({ desc: name });
    expect(await sorted.table.column(name)).toEqual([...values].sort((a, b) => b - a));
  });
});

describe("functions of a row", () => {
  const data = () => dataset({ id: [1, 2, 3], clk: [1, 0, 1], flag: [true, null, false] });

  test.each<[string, (row: Record<string, unknown>) => unknown]>([
    ["1", (row) => row["clk"]],
    ["undefined", (row) => row["clik"]],
    ["a promise", async (row) => row["clk"] === 1],
  ])("where refuses a function that returns %s, and names the row", async (what, keep) => {
    const refused = await problem(async () => (await data()).where(keep as never));
    expect(refused.path).toContain("row 0 (from 0)");
    expect(refused.received).toBe(what);
    expect(refused.expected).toContain("true or false");
  });

  test("where leaves out rows for which it returns null, as a condition in SQL does", async () => {
    expect(await (await (await data()).where((row) => row.flag)).table.column("id")).toEqual([1]);
  });

  test("derive refuses a promise", async () => {
    const refused = await problem(async () => (await data()).derive({ twice: async (row) => row.id * 2 }));
    expect(refused).toMatchObject({ received: "a promise", path: expect.stringContaining('"twice"') });
  });

  test("a function cannot change the row that the next one sees", async () => {
    const refused = await problem(async () =>
      (await data()).derive({
        first: (row) => {
          (row as { id: number }).id = 7;
          return 0;
        },
        second: (row) => row.id,
      }),
    );
    expect(refused.message).toContain("read only");
    const lists = await dataset({ list: [[1, 2], [3]] });
    const changed = lists.derive({
      first: (row) => row.list.reverse()[0],
      second: (row) => row.list[0],
    });
    expect((await problem(() => changed)).message).toMatch(/read only|read-only/);
  });
});

test("NaN is a missing value for every verb", async () => {
  const floats = Float64Array.of(2, Number.NaN, -1, 5);
  const data = await dataset({ id: [0, 1, 2, 3], x: floats });
  expect(await (await data.sort({ desc: "x" })).table.column("id")).toEqual([3, 0, 2, 1]);
  expect(await (await data.sort("x")).table.column("id")).toEqual([2, 0, 3, 1]);
  expect(await (await data.where("x > 0")).table.column("id")).toEqual([0, 3]);
  expect(await (await data.sql("select count(x) as n from data")).table.column("n")).toEqual([3]);
});

test("a number too large for z-scores is named with its column", async () => {
  const refused = await problem(async () => {
    const data = await dataset({ id: [0, 1, 2, 3], x: [1, 2, 1e308, -1e308], clk: [0, 1, 0, 1] });
    const model = pepnet()
      .features(idFeature("id").buckets(4).embedding(4), rawFeature("x").zscore())
      .labels("clk")
      .group("domain", ["id"])
      .tower("ctr", (t) => t.label("clk").bce());
    return model.fit(data, { steps: 1 });
  });
  expect(refused.message).toContain('"x"');
  expect(refused.message).not.toContain("not supported");
  expect(refused.received).toContain("1e+308");
});

describe("arguments in a form that other libraries take", () => {
  const open = async () =>
    (await dataset({ a: [1, 2], b: [3, 4] })) as unknown as Record<string, (...x: unknown[]) => never>;

  test.each<[string, unknown[], string]>([
    ["select", [["a", "b"]], '.select("a", "b")'],
    ["groupBy", [["a"]], '.groupBy("a")'],
    ["join", [{ a: [1] }, "a"], '{ on: "a" }'],
    ["join", [{ a: [1] }], "{ on:"],
    ["sort", [{ a: "desc" }], '.sort({ desc: "a" })'],
    ["sort", [{ a: "desc", b: "asc" }], '.sort({ desc: "a" }, "b")'],
    ["sort", [["a"]], '.sort("a")'],
    ["negatives", [], "{ per:"],
    ["history", ["a"], "data.roles({ user:"],
    ["derive", ["a"], "{ name:"],
    ["where", [], "where("],
    ["where", [["a"]], "where("],
  ])("%s(…%j) is an error with the call that works", async (verb, args, fix) => {
    const data = await open();
    const refused = await problem(() => data[verb]!(...args));
    expect(refused.fix).toContain(fix);
  });

  test("suggestModel without options, and ppnet without layers", async () => {
    const data = await dataset({ a: [1, 2], clk: [0, 1] });
    const suggest = suggestModel as unknown as (rows: unknown) => Promise<unknown>;
    expect((await problem(() => suggest(data))).expected).toContain("labels");
    const model = pepnet()
      .features(idFeature("u").buckets(3).embedding(4))
      .labels("clk")
      .group("uia", ["u"]) as unknown as { ppnet(options?: object): never };
    expect((await problem(() => model.ppnet({ gamma: 4 }))).path).toBe("ppnet.hidden");
    expect((await problem(() => model.ppnet())).path).toBe("ppnet.hidden");
  });
});

test("a query may end in a comment", async () => {
  const data = await dataset({ u: [2, 1, 3] });
  expect(await (await data.sql("select u from data order by u -- c")).table.column("u")).toEqual([1, 2, 3]);
  expect(await (await data.sql("select u from data where u > 1 -- c;")).table.column("u")).toEqual([2, 3]);
  expect(await (await data.sql("select u from data order by u; -- c\n/* d; */")).table.column("u")).toEqual([1, 2, 3]);
  expect(await (await data.sql("select ';--' as t from data -- ;")).table.column("t")).toEqual([";--", ";--", ";--"]);
  expect(await (await data.where("u > 1 -- c")).table.column("u")).toEqual([2, 3]);
});
