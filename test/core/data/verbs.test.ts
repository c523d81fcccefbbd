/** Verbs of data sets: each has one result in one order, names and values are escaped, and results train like any other. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DataError } from "../../../src/core/errors/index.js";
import { Dataset, dataset, idFeature, pepnet } from "../../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-verbs-"));
const columns = {
  user: [3, 1, 2, 1, 3, 2],
  city: ["Köln", "O'Hare", "Köln", null, 'a "b"', "Bonn"],
  price: [1.5, null, 2, 0.5, 8, 4],
  clk: [1, 0, 1, 1, 0, 0],
};
const data = (): Promise<Dataset> => dataset(columns);

async function failure(work: PromiseLike<unknown>): Promise<DataError["problems"][number]> {
  const error = await Promise.resolve(work).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).not.toBeNull();
  return (error as DataError).problems[0]!;
}

test("values in rows have the types that their declarations state", async () => {
  const rows = await dataset([
    { small: 2n, big: 2n ** 60n, map: new Map([["a", 1]]), list: Int32Array.of(1), when: new Date(0) },
    { more: 1 },
  ]);
  expect(await rows.toRows()).toEqual([
    { small: 2, big: "1152921504606846976", map: ["a:1"], list: [1], when: new Date(0), more: null },
    { small: null, big: null, map: null, list: null, when: null, more: 1 },
  ]);
});

describe("where", () => {
  test("takes a condition, values, or a function, and keeps the order", async () => {
    const all = await data();
    expect(await (await all.where("price > 1 and clk = 1")).table.column("user")).toEqual([3, 2]);
    expect(await (await all.where({ city: ["O'Hare", null, 'a "b"'] })).table.column("user")).toEqual([1, 1, 3]);
    expect(await (await all.where({ price: [2, 0.5], clk: 1 })).table.column("user")).toEqual([2, 1]);
    expect(await (await all.where((row) => row.price * 2 > 7)).table.column("user")).toEqual([3, 2]);
    expect((await all.where({ city: [] })).rows).toBe(0);
  });

  test("finds the rows of files with several row groups, and of CSV files that threads read", async () => {
    const rows = Array.from({ length: 260_000 }, (_, row) => row);
    const path = await (await dataset({ id: rows, k: rows.map((row) => (row * 7919) % 1000) })).toParquet(
      join(folder, "groups.parquet"),
    );
    const csv = join(folder, "large.csv");
    writeFileSync(csv, `id,k\n${rows.map((row) => `${row},${(row * 7919) % 1000}`).join("\n")}\n`);
    const wanted = rows.filter((row) => (row * 7919) % 1000 < 5);
    for (const file of [path, csv]) {
      expect(await (await (await dataset(file)).where("k < 5")).table.column("id")).toEqual(wanted);
      const derived = await (await dataset(file)).derive({ twice: "id * 2" });
      expect(await derived.table.column("twice")).toEqual(rows.map((row) => row * 2));
    }
  });

  test("runs nothing before it is awaited, and once", async () => {
    let calls = 0;
    const query = (await data()).where(() => ++calls > 0);
    expect(calls).toBe(0);
    await query;
    await query;
    expect(calls).toBe(6);
  });

  test("errors name the condition, the column or the row", async () => {
    const all = await data();
    const problem = await failure(all.where("pric > 1"));
    expect(problem.path).toContain('where("pric > 1")');
    expect(problem.message).toContain("price");
    expect((await failure(all.where({ pric: 1 }))).fix).toContain("price");
    expect((await failure(all.where({ price: Number.NaN }))).message).toBe("not a value to compare with");
    expect((await failure(all.where((row) => row.city.length > 1))).path).toContain("row 3 (from 0)");
  });

  test("keeps the texts of a CSV file, the origin of rows, and the cache's identity", async () => {
    const path = join(folder, "log.csv");
    writeFileSync(path, "id,code\n1,007\n2,1.50\n3,007\n");
    const kept = await (await dataset(path)).where("code = '007'");
    expect(await kept.toRows()).toEqual([
      { id: 1, code: "007" },
      { id: 3, code: "007" },
    ]);
    expect(await kept.table.locate(1)).toEqual({ source: path, row: 2 });
    expect(await kept.table.version()).not.toBeNull();
  });
});

describe("select, derive and sort", () => {
  test("compute from the columns as they were, replace by name, and append", async () => {
    const result = await (await data()).derive({
      price: "price * 10",
      twice: "price * 2",
      label: (row) => `u${row.user}`,
    });
    expect(result.columns.map(({ name }) => name)).toEqual(["user", "city", "price", "clk", "label", "twice"]);
    expect((await result.head(1))[0]).toEqual({ user: 3, city: "Köln", price: 15, clk: 1, label: "u3", twice: 3 });
    const odd = await (await dataset({ 'a "b".c': [1, 2], ünï: ["x", "y"] })).derive({ 'a "b".c': '"a ""b"".c" + 1' });
    expect(await odd.toRows()).toEqual([
      { 'a "b".c': 2, ünï: "x" },
      { 'a "b".c': 3, ünï: "y" },
    ]);
    const chained = await (await data()).where("clk = 1").derive({ p: "price + 1" }).select("p", "user");
    expect(await chained.toRows()).toEqual([
      { p: 2.5, user: 3 },
      { p: 3, user: 2 },
      { p: 1.5, user: 1 },
    ]);
  });

  test("sort is stable, with missing values last, both ways", async () => {
    const all = await data();
    expect(await (await all.sort("user")).table.column("clk")).toEqual([0, 1, 1, 0, 1, 0]);
    expect(await (await all.sort("price")).table.column("price")).toEqual([0.5, 1.5, 2, 4, 8, null]);
    expect(await (await all.sort({ desc: "user" }, { desc: "price" })).table.column("price")).toEqual([
      8,
      1.5,
      4,
      2,
      0.5,
      null,
    ]);
    expect((await failure(all.sort("prise"))).fix).toContain("price");
    expect((await failure(all.where("true").select("prise"))).path).toContain("select");
  });
});

describe("groupBy and summarise", () => {
  test("groups come in the order in which they appear; sums of integers stay whole numbers", async () => {
    const all = await data();
    const groups = await all.groupBy("user").summarise({ rows: "count(*)", clicks: "sum(clk)", most: "max(price)" });
    expect(await groups.toRows()).toEqual([
      { user: 3, rows: 2, clicks: 1, most: 8 },
      { user: 1, rows: 2, clicks: 1, most: 0.5 },
      { user: 2, rows: 2, clicks: 1, most: 4 },
    ]);
    expect(groups.columns[2]?.type).toBe("integer");
    expect(await (await all.groupBy().summarise({ n: "count(*)" })).toRows()).toEqual([{ n: 6 }]);
    expect((await failure(all.groupBy("user").summarise({ user: "1" }))).message).toContain("name of a group");
  });

  test("a hundred thousand rows give the same bits each time", async () => {
    const many = await dataset({
      x: Float64Array.from({ length: 300_000 }, (_, row) => Math.sin(row) * 1e3),
      g: Int32Array.from({ length: 300_000 }, (_, row) => row % 7),
    });
    const sums = async () => (await many.groupBy("g").summarise({ s: "sum(x)" })).table.column("s");
    expect(await sums()).toEqual(await sums());
    const [first] = await sums();
    let exact = 0;
    for (let row = 0; row < 300_000; row += 7) exact += Math.sin(row) * 1e3;
    expect(first).toBeCloseTo(exact, 3);
  });
});

describe("sql", () => {
  test("calls the data set data, on split parts too, beside tables of other names", async () => {
    const all = await data();
    const { train } = await all.split({ train: 1, test: 1 }, { seed: 3 });
    expect((await train.sql("select count(*) as n from data")).rows).toBe(1);
    expect(await (await train.sql("select count(*) as n from data")).table.column("n")).toEqual([3]);
    const users = await dataset({ user: [1, 2], name: ["ann", "bob"] });
    const both = await all.sql("select name, price from data join users using (user) order by price nulls last", {
      users,
    });
    expect(await both.toRows()).toEqual([
      { name: "ann", price: 0.5 },
      { name: "bob", price: 2 },
      { name: "bob", price: 4 },
      { name: "ann", price: null },
    ]);
  });

  test("keeps the order of order by, else that of the data, else sorts by all columns and says so", async () => {
    const all = await data();
    const filtered = await all.sql("select user, price from data where clk = 1");
    expect([await filtered.table.column("user"), filtered.notes]).toEqual([[3, 2, 1], []]);
    const grouped = await all.sql("select user, count(*) as n from data group by user");
    expect(await grouped.table.column("user")).toEqual([1, 2, 3]);
    expect(grouped.notes).toEqual(["sql without order by: the rows are sorted by all columns, from left to right"]);
    const sorted = await all.sql("select user from data order by user desc, price");
    expect([await sorted.table.column("user"), sorted.notes]).toEqual([[3, 3, 2, 2, 1, 1], []]);
    expect((await failure(all.sql("select user, count(*) from data group by user limit 1"))).fix).toContain("order by");
  });

  test("is one select statement", async () => {
    const all = await data();
    expect((await failure(all.sql("select 1; select 2"))).message).toContain("more than one statement");
    for (const query of ["drop table data", "", "selec 1", "copy data to 'x.csv'"]) {
      expect((await failure(all.sql(query))).message, query).toContain("not a query");
    }
    expect((await failure(all.sql("select user, user from data"))).message).toContain("duplicate name");
  });
});

describe("join and concat", () => {
  const items = () => dataset({ item: ["b", "a", "c"], price: [2, 1, 3] });
  const clicks = () => dataset({ item: ["a", "b", "x", null, "a"], clk: [1, 0, 1, 0, 0] });

  test("rows keep their order; those without a match are counted and stay, or are left out", async () => {
    const left = await (await clicks()).join(await items(), { on: "item" });
    expect(await left.toColumns()).toEqual({
      item: ["a", "b", "x", null, "a"],
      clk: [1, 0, 1, 0, 0],
      price: [1, 2, null, null, 1],
    });
    expect(left.notes).toEqual([
      "join: 2 rows (40%) have no match in columns in memory: the joined columns have no value there",
    ]);
    const inner = await (await clicks()).join(await items(), { on: { item: "item" }, how: "inner", prefix: "item_" });
    expect(await inner.toColumns()).toEqual({ item: ["a", "b", "a"], clk: [1, 0, 0], item_price: [1, 2, 1] });
    expect(inner.notes[0]).toContain("left out");
  });

  test("a join that would repeat rows, compares unlike types or repeats a name is refused", async () => {
    const twice = await dataset({ item: ["a", "b", "a"], tag: ["x", "y", "z"] });
    const problem = await failure((await clicks()).join(twice, { on: "item" }));
    expect(problem).toMatchObject({
      message: "a key is in several rows, so the join would repeat rows",
      received: 'item "a" is in 2 rows; 1 key in several rows',
    });
    const many = await (await clicks()).join(twice, { on: "item", many: true });
    expect(await many.table.column("tag")).toEqual(["x", "z", "y", null, null, "x", "z"]);
    const numbers = await dataset({ item: [1, 2], price: [1, 2] });
    const unlike = await failure((await clicks()).join(numbers, { on: "item" }));
    expect(unlike.received).toBe("text in columns in memory, numbers in columns in memory");
    expect((await failure((await clicks()).join(await clicks(), { on: "item", many: true }))).message).toContain(
      "same name",
    );
    expect((await failure((await clicks()).join(await items(), { on: "itm" as never }))).fix).toContain("item");
  });

  test("concat appends tables with the same columns in any order, and names the differences of others", async () => {
    const more = await dataset({ clk: [9], item: ["z"] });
    const all = await (await clicks()).concat(more, { item: ["y"], clk: [8] });
    expect(await all.table.column("clk")).toEqual([1, 0, 1, 0, 0, 9, 8]);
    expect((await failure((await clicks()).concat({ item: [1], price: [2] }))).received).toBe(
      'it lacks "clk"; only it has "price"; column "item" has numbers there and text here',
    );
  });
});

describe("results", () => {
  test("are data sets: they split, describe, check, train and are cached", async () => {
    const path = await (await data()).toParquet(join(folder, "rows.parquet"));
    const rows = await dataset(path);
    const result = await rows.derive({ pricey: "price > 1" }).sample(4);
    expect(result).toBeInstanceOf(Dataset);
    expect(result.rows).toBe(4);
    const derived = await rows.derive({ pricey: "price > 1" });
    const again = await rows.derive({ pricey: "price > 1" });
    expect((await derived.table.version())?.key).toBe((await again.table.version())?.key);
    expect((await rows.derive({ pricey: "price > 2" }).then((other) => other.table.version()))?.key).not.toBe(
      (await derived.table.version())?.key,
    );
    expect((await derived.describe({ labels: ["clk"] })).rowCount).toBe(6);
    expect((await dataset(rows.where("clk = 1"))).rows).toBe(3);
  });

  test("train, with a history as a feature, like the same rows in a file", async () => {
    const rows = Array.from({ length: 1200 }, (_, row) => ({
      user: (row * 7919) % 50,
      item: (row * 104729) % 97,
      time: row,
      clk: (row * 104729) % 3 === 0 ? 1 : 0,
      scene: row % 2,
    }));
    const log = await (await dataset(rows))
      .history("item", { by: "user", order: "time", last: 5 })
      .derive({ later: "time + 1" });
    const model = pepnet()
      .features(
        idFeature("user").hash(100).embedding(4),
        idFeature("item_history").hash(100).embedding(4),
        idFeature("scene").buckets(2).embedding(4),
      )
      .labels("clk")
      .group("all", ["user", "item_history"])
      .group("domain", ["scene"])
      .epnet()
      .domains("scene", ["a", "b"])
      .tower("ctr", (tower) => tower.label("clk").mlp(8).bce().auc());
    const lossOf = async (data: Dataset) =>
      (await model.fit(data, { validation: null, steps: 3 })).history.points.at(-1)?.loss;
    const loss = await lossOf(log);
    expect(loss).toBeGreaterThan(0);
    expect(await lossOf(await dataset(await log.toParquet(join(folder, "log.parquet"))))).toBe(loss);
  });

  test("small results are shown as rows, not as statistics", async () => {
    const bundle = await (await data()).groupBy("user").summarise({ n: "count(*)" }).bundle();
    expect(bundle["text/plain"]).toContain("3 rows × 2 columns");
    expect(bundle["text/plain"]).not.toContain("distinct");
  });
});

describe("dataset.sql", () => {
  test("has the order of `order by`, that of the file, or one by all columns, which a note says", async () => {
    const rows = Array.from({ length: 300_000 }, (_, row) => row);
    const path = await (await dataset({ id: rows, k: rows.map((row) => (row * 7919) % 1000) })).toParquet(
      join(folder, "many.parquet"),
    );
    const kept = await dataset.sql(`select id from '${path}' where k < 5`);
    expect(await kept.table.column("id")).toEqual(rows.filter((row) => (row * 7919) % 1000 < 5));
    expect(kept.notes).toEqual([]);
    const groups = await dataset.sql(`select k, count(*) as n from '${path}' group by k`);
    expect((await groups.head(3)).map(({ k }) => k)).toEqual([0, 1, 2]);
    expect(groups.notes.join()).toContain("sql without order by");
    const top = await dataset.sql(`select k from '${path}' group by k order by k desc limit 2;`);
    expect(await top.table.column("k")).toEqual([999, 998]);
    expect((await failure(dataset.sql(`select k from '${path}' group by k limit 2`))).fix).toContain("order by");
  });

  test("reads data sets, verbs and parts of a split by name", async () => {
    const { train } = await (await data()).split({ train: 1, test: 1 }, { by: { time: "user" } });
    const query = "select user, clk, name from train join people using (user) order by user, clk";
    const joined = await dataset.sql<{ user: number; clk: number; name: string }>(query, {
      train,
      people: (await dataset({ user: [1, 2, 3], name: ["a", "b", "c"] })).where("user < 3"),
    });
    expect(await joined.toRows()).toEqual([
      { user: 1, clk: 0, name: "a" },
      { user: 1, clk: 1, name: "a" },
      { user: 2, clk: 1, name: "b" },
    ]);
    expect(await (await dataset.sql(query, { train, people: [{ user: 1, name: "x" }] })).toRows()).toHaveLength(2);
  });

  test("takes one select statement, and refuses no rows", async () => {
    expect((await failure(dataset.sql("create table t as select 1"))).expected).toContain("one select statement");
    expect((await failure(dataset.sql("select 1 as a; select 2 as a"))).message).toBe("more than one statement");
    expect((await failure(dataset.sql("select 1 as a where false"))).message).toBe("no rows");
  });
});

describe("a query's end", () => {
  const csv = join(folder, "times.csv");
  const times = ["2024-05-06T23:30:00", "2024-05-07T01:15:00+02:00", "2024-02-29", "", "2024-05-06T10:00:00.5Z"];
  writeFileSync(csv, `id,event time,city\n${times.map((time, id) => `${id},${time},c${id % 2}`).join("\n")}\n`);

  test("has rows, columns, parts, files and summaries without a second await", async () => {
    const all = await data();
    const dear = () => all.where("price > 1").sort("price");
    const prices = [1.5, 2, 4, 8];
    expect((await dear().toRows()).map(({ price }) => price)).toEqual(prices);
    expect((await dear().head(2)).map(({ price }) => price)).toEqual([1.5, 2]);
    expect((await dear().limit(3).toColumns()).price).toEqual(prices.slice(0, 3));
    expect(await all.limit(100).toRows()).toEqual(await all.toRows());
    expect(await (await dataset(await dear().toParquet(join(folder, "dear.parquet")))).toRows()).toEqual(
      await dear().toRows(),
    );
    const { train, test: held } = await dear().split({ train: 3, test: 1 }, { seed: 1 });
    expect([train.rows, held.rows]).toEqual([3, 1]);
    expect((await dear().describe()).rows().find(({ column }) => column === "price")).toMatchObject({
      min: 1.5,
      max: 8,
    });
    const broken = dear().where("prices > 2");
    for (const end of [broken.head(), broken.describe(), broken.split({ a: 1, b: 1 })])
      expect((await failure(end)).message).toMatch(/prices/);
    expect(() => all.limit(0)).toThrow(/limit: number out of range[\s\S]*an integer ≥ 1/);
  });

  test("runs once for several ends", async () => {
    let calls = 0;
    const query = (await data()).where((row) => {
      calls++;
      return row.clk === 1;
    });
    await query.head(1);
    await query.toRows();
    await query.describe();
    expect(calls).toBe(6);
  });

  test("its first rows are a table in a notebook, and a plain array elsewhere", async () => {
    const rows = await (await data()).where("clk = 1").head(2);
    expect(rows).toEqual([
      { user: 3, city: "Köln", price: 1.5, clk: 1 },
      { user: 2, city: "Köln", price: 2, clk: 1 },
    ]);
    const show = Object.getOwnPropertyDescriptor(rows, Symbol.for("Jupyter.display"))!.value;
    const bundle = await show();
    expect(bundle["text/plain"]).toMatch(/user +city +price +clk/);
    expect(bundle["text/html"]).toContain("<table");
  });

  test("ISO times of CSV files are timestamps in SQL, to the millisecond and in UTC", async () => {
    const events = await dataset(csv);
    const milliseconds = times.map((time) =>
      time === "" ? null : Date.parse(/T[\d:.]+$/.test(time) ? `${time}Z` : time),
    );
    const derived = events.derive({ ms: 'epoch_ms("event time")', hour: 'hour("event time")' });
    expect((await derived.toColumns()).ms).toEqual(milliseconds);
    expect((await derived.toColumns()).hour).toEqual([23, 23, 0, null, 10]);
    expect((await derived.toColumns())["event time"]).toEqual(milliseconds.map((ms) => ms && new Date(ms)));
    const months = events.derive({ m: 'month("event time")' }).groupBy("m").summarise({ n: "count(*)" });
    expect(await months.toRows()).toEqual([
      { m: 5, n: 3 },
      { m: 2, n: 1 },
      { m: null, n: 1 },
    ]);
    expect(await events.where(`"event time" >= '2024-05-06 12:00'`).toColumns()).toMatchObject({ id: [0, 1] });
    expect(await events.sql(`select max("event time") as t from data`).toRows()).toEqual([
      { t: new Date(milliseconds[0]!) },
    ]);
  });

  test.each([
    ['city = "Bonn"', /single quotes in SQL, such as city = 'Bonn'; double/],
    ["city = `Bonn`", /single quotes/],
    ["price > 1 & clk = 1", /joined by and, or/],
    ["(price > 1) & (clk = 1)", /joined by and, or/],
    ["price > 1 && clk = 1", /joined by and, or/],
    ["(price > 1) | (clk = 1)", /joined by and, or/],
    ["price === 1", /equality is =/],
    ["price !== 1", /equality is =/],
    ["city == null", /write "is null" or "is not null"/],
    ["city != NULL", /write "is null" or "is not null"/],
  ])("where(%j) says what SQL has for it", async (condition, fix) => {
    expect((await failure((await data()).where(condition))).fix).toMatch(fix);
  });

  test.each([
    "list_transform([price], x -> null)[1] is null",
    '"= null" is null',
    "price is distinct from null",
    "struct_pack(a := null).a is null",
  ])("where(%j) compares nothing with null", async (condition) => {
    const named = (await data()).derive({ "= null": "price" });
    expect((await named.where(condition).toRows()).length).toBeGreaterThan(0);
  });

  test("texts with null, & or quotes are no mistakes", async () => {
    const texts = await dataset({ t: ["= null", "a & b", '"c"', "`d`"] });
    for (const text of await texts.table.column("t"))
      expect(await texts.where(`t = '${text}'`).toRows()).toEqual([{ t: text }]);
  });

  test("groups by an expression are derived first", async () => {
    const all = await data();
    expect(() => all.groupBy({ dear: "price > 1" } as never)).toThrow('.derive({"dear":"price > 1"}).groupBy("dear")');
  });

  test("an index that pandas wrote into both tables is left out of a join, and a note says so", async () => {
    const [left, right] = [join(folder, "left.csv"), join(folder, "right.csv")];
    writeFileSync(left, ",k,clk\n0,a,1\n1,b,0\n");
    writeFileSync(right, ",k,city\n0,b,Bonn\n1,a,Oslo\n");
    const joined = await (await dataset(left)).join(right, { on: "k" });
    expect(await joined.toRows()).toEqual([
      { column0: 0, k: "a", clk: 1, city: "Oslo" },
      { column0: 1, k: "b", clk: 0, city: "Bonn" },
    ]);
    expect(joined.notes.join()).toMatch(/join: "column0" of .*right\.csv numbers rows, and is left out/);
  });
});

test.each([
  ["sql with random()", (data: Log) => data.sql("select *, random() as r from data order by clk"), "random()"],
  ["sql that samples", (data: Log) => data.sql("select * from data using sample 2 rows"), "a sample without a seed"],
  ["a column by uuid()", (data: Log) => data.derive({ key: "uuid()" }), "uuid()"],
  ["a filter by random()", (data: Log) => data.where("random() < 2"), "random()"],
] as const)("%s is noted, since a colleague gets other rows", async (_, verb, what) => {
  const { notes } = await verb(await randomLog());
  expect(notes).toEqual(expect.arrayContaining([expect.stringMatching(`^sql: ${what.replace(/[()]/g, "\\$&")}`)]));
});

test.each([
  ["a sample with a seed", (data: Log) => data.sql("select * from data using sample reservoir(2 rows) repeatable (7)")],
  ["a text that says random()", (data: Log) => data.where("'random()' <> 'a'")],
  ["a name that says random()", (data: Log) => data.derive({ "random()": "clk" })],
  ["a comment that does", (data: Log) => data.sql("select * from data -- random()\norder by clk")],
] as const)("%s draws nothing at random", async (_, verb) => {
  const { notes } = await verb(await randomLog());
  expect(notes.filter((note) => note.includes("each time"))).toEqual([]);
});

type Log = Awaited<ReturnType<typeof randomLog>>;
const randomLog = () => dataset([{ clk: 1 }, { clk: 0 }, { clk: 1 }]);
