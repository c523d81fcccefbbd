/** Verbs return rows in the order that they document, above every threshold of DuckDB: twice the same, and as computed here. */
import { expect, test } from "vitest";
import { getOrMake } from "../../../src/core/util/growing.js";
import { type Dataset, dataset } from "../../../src/index.js";

const count = 300_000;
const ids = Array.from({ length: count }, (_, row) => row);
const scrambled = (row: number, size: number): number => ((row * 2_654_435_761) % 4_294_967_296) % size;
const keys = ids.map((row) => scrambled(row, 250_000));
const columns = { id: ids, key: keys, x: ids.map((row) => scrambled(row, 1000) / 7) };
const data = dataset(columns);
/** Fewer rows than the data, so that DuckDB may read either side of a join first. */
const few = ids.slice(0, 2000).map((row) => scrambled(row + 7, 250_000));

async function both(verb: (data: Dataset) => PromiseLike<Dataset>): Promise<Record<string, unknown[]>> {
  const first = await (await verb(await data)).toColumns();
  const second = await (await verb(await dataset(columns))).toColumns();
  expect(second).toEqual(first);
  return first as Record<string, unknown[]>;
}

test("where with thousands of values", async () => {
  const wanted = new Set(few);
  const { id } = await both((rows) => rows.where({ key: few }));
  expect(id).toEqual(ids.filter((row) => wanted.has(keys[row]!)));
  const small = await dataset({ id: ids.slice(0, 500).reverse() });
  expect(await (await small.where({ id: ids.slice(0, 5000) })).table.column("id")).toEqual(ids.slice(0, 500).reverse());
});

test("first, last and list of groups after sorts, joins and filters", async () => {
  const other = await dataset({
    key: ids.slice(0, 250_000).reverse(),
    name: ids.slice(0, 250_000).map((row) => `n${row}`),
  });
  const expected = new Map<number, number[]>();
  for (const row of ids) getOrMake(expected, keys[row]! % 500, () => []).push(row);
  const groups = [...expected.keys()];
  const aggregates = {
    first: "first(id)",
    last: "last(id)",
    all: "list(id)",
    sum: "sum(x)",
    text: "string_agg(id, ',')",
  };
  for (const how of ["left", "inner"] as const) {
    const result = await both((rows) =>
      rows.join(other, { on: "key", how }).derive({ g: "key % 500" }).groupBy("g").summarise(aggregates),
    );
    expect(result["g"]).toEqual(groups);
    expect(result["first"]).toEqual(groups.map((group) => expected.get(group)![0]));
    expect(result["last"]).toEqual(groups.map((group) => expected.get(group)!.at(-1)));
    expect(result["all"]).toEqual(groups.map((group) => expected.get(group)));
    expect(result["text"]).toEqual(groups.map((group) => expected.get(group)!.join()));
  }
  const sorted = await both((rows) =>
    rows.sort({ desc: "id" }).derive({ g: "key % 500" }).groupBy("g").summarise(aggregates),
  );
  expect(sorted["all"]).toEqual(sorted["g"]!.map((group) => [...expected.get(group as number)!].reverse()));
  const listed = await both((rows) =>
    rows.where({ key: few }).derive({ g: "1" }).groupBy("g").summarise({ all: "list(id)" }),
  );
  const wanted = new Set(few);
  expect(listed["all"]![0]).toEqual(ids.filter((row) => wanted.has(keys[row]!)));
});

test("a small table joined with a large one keeps its order, also where rows repeat", async () => {
  const small = { key: [...new Set(few)], mark: [...new Set(few)].map((_, at) => at) };
  const places = new Map<number, number[]>();
  for (const row of ids) getOrMake(places, keys[row]!, () => []).push(row);
  const expected = small.key.flatMap((key) => places.get(key) ?? [null]);
  const rows = await dataset(small);
  const joined = await (await rows.join(await data, { on: "key", many: true })).toColumns();
  expect((joined as Record<string, unknown[]>)["id"]).toEqual(expected);
  const grouped = await rows
    .join(await data, { on: "key", many: true })
    .groupBy()
    .summarise({ all: "list(mark)" });
  expect((await grouped.toRows())[0]!["all"]).toEqual(
    small.key.flatMap((key, at) => (places.get(key) ?? [0]).map(() => at)),
  );
});

test("concat, sorts with ties, and queries without order by", async () => {
  const concatenated = await both(async (rows) => rows.concat(rows.where("id % 2 = 0")));
  expect(concatenated["id"]).toEqual([...ids, ...ids.filter((row) => row % 2 === 0)]);
  const ties = await both((rows) => rows.derive({ t: "key % 3" }).sort({ desc: "t" }));
  expect(ties["id"]).toEqual([...ids].sort((a, b) => (keys[b]! % 3) - (keys[a]! % 3) || a - b));
  const union = await both((rows) =>
    rows.sql("select id, key from data where key < 100 union select id, key from data"),
  );
  expect(union["id"]).toEqual(ids);
  const distinct = await both((rows) => rows.sql("select distinct key from data"));
  expect(distinct["key"]).toEqual([...new Set(keys)].sort((a, b) => a - b));
  const within = await both((rows) => rows.sql(`select id from data where key in (${few.join()})`));
  const wanted = new Set(few);
  expect(within["id"]).toEqual(ids.filter((row) => wanted.has(keys[row]!)));
});

test("NaN that is computed is a missing value", async () => {
  const rows = await dataset({ id: [0, 1, 2], a: [0, 4, 1], b: [0, 2, 0.5] });
  const ratios = await rows.derive({ r: "a / b" }).sort({ desc: "r" });
  expect(await ratios.toRows()).toEqual([
    { id: 1, a: 4, b: 2, r: 2 },
    { id: 2, a: 1, b: 0.5, r: 2 },
    { id: 0, a: 0, b: 0, r: null },
  ]);
  expect(await (await rows.derive({ r: "a / b" }).where("r > 1")).table.column("id")).toEqual([1, 2]);
  const groups = await rows.groupBy("id").summarise({ r: "sum(a) / sum(b)" }).where("r > 0");
  expect(await groups.table.column("id")).toEqual([1, 2]);
});

test("concat reports a column that has an internal name", async () => {
  const rows = await dataset({ id: [0, 1] });
  const other = await dataset({ id: [2], "row order": [5] });
  await expect((async () => rows.concat(other))()).rejects.toThrow('only it has "row order"');
});

test("names that differ only in case are refused", async () => {
  const rows = await dataset({ clk: [0, 1] });
  await expect((async () => rows.derive({ CLK: "1" }))()).rejects.toThrow('call it "clk" to replace that column');
  await expect((async () => rows.groupBy("clk").summarise({ CLK: "1" }))()).rejects.toThrow("only in case");
});

test("groups of a small table joined with a large one read its rows in order", async () => {
  const key = [...new Set(few)];
  const rows = await dataset({ key, mark: key.map((_, at) => at) });
  const large = await dataset({ key: ids.slice(0, 250_000), name: ids.slice(0, 250_000).map((row) => `n${row}`) });
  const grouped = rows.join(large, { on: "key" }).groupBy().summarise({ first: "first(mark)", all: "list(mark)" });
  expect(await (await grouped).toRows()).toEqual([{ first: 0, all: key.map((_, at) => at) }]);
});
