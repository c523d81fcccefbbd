/** The types of rows: known from rows and columns in memory, stated for files, and carried through every verb. */
import { beforeAll, describe, expect, test } from "vitest";
import { compile, compilers, diagnose, installDeclarations } from "./compiler.js";

let folder: string;

beforeAll(() => {
  folder = installDeclarations("row-type-tests");
});

const start = `
import { dataset, type DataQuery, type Dataset, type DatasetSource, type Row, pepnet } from "pepnet";
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(...same: Same<A, B> extends true ? [] : [A, "is not", B]): void {}
async function rowOf<R>(data: Dataset<R> | PromiseLike<Dataset<R>>): Promise<R> { return (await (await data).toRows())[0]!; }
interface Sale { id: number; city: string; price: number; sold: Date; tags: string[]; big: bigint; note?: string }
type SaleRow = { id: number; city: string; price: number; sold: Date; tags: string[]; big: number | string; note: string | null };
declare const sales: Sale[];
export async function rows() {
  const data = await dataset(sales);
`;
const cell = (body: string) => `${start}${body}\n}\n`;

/** Bodies that compile. `strict` alone: without it, TypeScript drops `null` from types. */
const valid: Readonly<Record<string, string>> = {
  "row objects": `
    const row = await rowOf(data);
    same<typeof row, SaleRow>();
    const two = await rowOf(dataset([{ a: 1 }, { a: 2, b: "x" }]));
    same<typeof two, { a: number; b: string | null }>();`,
  columns: `
    const row = await rowOf(dataset({ user: Int32Array.of(1), big: BigInt64Array.of(1n), flag: [true, null], city: ["Oslo"] }));
    same<typeof row, { user: number; big: number | string; flag: boolean | null; city: string }>();`,
  "a file with a stated type, and a query": `
    const row = await rowOf(dataset<{ price: number; city: string }>("sales.parquet"));
    same<typeof row, { price: number; city: string }>();
    const counted = await rowOf(data.sql<{ n: number }>("select count(*) as n from data"));
    same<typeof counted, { n: number }>();
    const joined = await rowOf(dataset.sql<{ n: number }>("select 1 as n"));
    same<typeof joined, { n: number }>();`,
  "a file with types of columns": `
    const row = await rowOf(dataset("sales.csv", { separator: ";", types: { price: "float", zip: "text" } }));
    same<typeof row.price, number | null>();
    same<typeof row.zip, string | null>();
    row.other.anything;`,
  "loose rows where nothing is known": `
    const row = await rowOf(dataset("sales.parquet"));
    same<typeof row, Row>();
    row.price * 2;
    const open = await dataset("a.csv");
    const more = await open.where((row) => row.price > 3).select("price", "city").derive({ twice: (row) => row.price * 2 });
    (await more.toRows())[0]!.price.anything;
    const source = "a.csv" as DatasetSource;
    const either: Dataset = await dataset(source);
    const objects = await rowOf(dataset([] as Record<string, unknown>[]));
    objects["price"] * 2;
    const unknowable = await rowOf(dataset(JSON.parse("[]")));
    same<typeof unknowable, Row>();`,
  "where, sort, sample, split, a data set again": `
    const kept = data.where((row) => row.price > 3).where({ city: ["Oslo", null] }).where("price > 3").sort("city", { desc: "price" }).sample(3);
    const { train } = await (await kept).split({ train: 8, test: 2 });
    const row = await rowOf(await dataset(train.sample(2)));
    same<typeof row, SaleRow>();
    const [first] = await train.head();
    same<typeof first.price, number>();
    const columns = await train.toColumns();
    same<typeof columns.city, string[]>();`,
  select: `
    const row = await rowOf(data.select("price", "city"));
    same<typeof row, { price: number; city: string }>();
    const lazy = await rowOf(data.where("true").select("price"));
    same<typeof lazy, { price: number }>();`,
  "derive by a function is typed, by SQL it is not": `
    const row = await rowOf(data.select("price", "city").derive({ words: (row) => row.city.split(" "), price: (row) => String(row.price), ctr: "price / 2" }));
    same<typeof row, { city: string; words: string[]; price: string; ctr: any }>();`,
  "groupBy and summarise": `
    const row = await rowOf(data.groupBy("city").summarise({ rows: "count(*)" }));
    same<typeof row, { city: string; rows: any }>();
    const all = await rowOf(data.groupBy().summarise({ rows: "count(*)" }));
    same<typeof all, { rows: any }>();`,
  "parts of the time, counts, means and pivots": `
    const parted = await rowOf(data.select("sold").dt(["hour", "date"], { time: "sold", prefix: "at_" }));
    same<typeof parted, { sold: Date; at_hour: number | null; at_date: string | null }>();
    const counted = await rowOf(data.valueCounts("city", "hour"));
    same<typeof counted, { city: string; hour: any; count: number }>();
    const rates = await rowOf(data.groupBy("city").mean("price", "id"));
    same<typeof rates, { city: string; price: number | null; id: number | null }>();
    const crossed = await rowOf(data.pivot("city", "weekday", "count(*)"));
    same<typeof crossed.city, string>();
    crossed.weekday_3.anything;`,
  join: `
    const cities = await dataset([{ name: "Oslo", size: 3 }]);
    const row = await rowOf(data.select("city").join(cities, { on: { city: "name" }, prefix: "city_" }));
    same<typeof row, { city: string; city_size: number | null }>();
    const inner = await rowOf(data.select("city").join(cities.where("size > 2"), { on: { city: "name" }, how: "inner" }));
    same<typeof inner, { city: string; size: number }>();
    const open = await rowOf(data.select("city").join("cities.csv", { on: "city" }));
    same<typeof open.city, string>();
    open.size.anything;`,
  "concat, history and negatives": `
    const row = await rowOf(data.select("id", "city", "price").concat("more.csv").history("id", { by: "city", order: "price" }));
    same<typeof row, { id: number; city: string; price: number; id_history: number[] }>();
    const clicked = await rowOf(data.select("id", "city", "price").history("id", { by: "city", order: "price", as: "clicked" }).negatives({ per: 1, user: "city", item: "id" }));
    same<typeof clicked, { id: number; city: string; price: number; clicked: number[]; label: number }>();`,
  "a typed data set wherever data are read": `
    const loose: Dataset = data;
    loose.select(...["any", "name"]);
    const source: DatasetSource = data.select("price");
    const model = pepnet();
    const users = await loose.join(data, { on: "id" });
    await data.check({ spec: model.spec }, { training: data });
    return [users, source, data.concat(data)];`,
};

const invalid: Readonly<Record<string, readonly [body: string, message: RegExp]>> = {
  "a column that rows lack": [`await data.where((row) => row.prise > 3);`, /'prise' does not exist.*'price'/],
  "an operation on another type": [
    `await data.derive({ twice: (row) => row.city * 2 });`,
    /left-hand side of an arithmetic/,
  ],
  "select of an unknown column": [`await data.select("prise");`, /"prise"' is not assignable/],
  "sort by an unknown column": [`await data.sort({ desc: "prise" });`, /"prise"' is not assignable/],
  "values of an unknown column": [`await data.where({ prise: 3 });`, /'prise' does not exist|No overload/],
  "groups by an unknown column": [`await data.groupBy("prise");`, /"prise"' is not assignable/],
  "means of an unknown column": [`await data.groupBy("city").mean("prise");`, /"prise"' is not assignable/],
  "another part of a time": [`await data.dt("hours", { time: "sold" });`, /"hours"' is not assignable/],
  "a column that no value of a pivot makes": [
    `await data.pivot("city", "hour", "count(*)").where((row) => row.day_3 > 0);`,
    /'day_3' does not exist/,
  ],
  "a column after select": [`await data.select("city").where((row) => row.price > 3);`, /'price' does not exist/],
};

const together = (bodies: readonly string[]) =>
  cell(bodies.map((body) => `  await (async () => {\n${body}\n  })();`).join("\n"));

describe.each(Object.entries(compilers))("%s", (_, ts) => {
  test(`rows have the types of ${Object.keys(valid).join("; ")}`, () => {
    const snippet = together(Object.values(valid));
    expect(diagnose(ts, folder, snippet, { strict: true, declaration: true })).toEqual([]);
  });

  test("the same cells are valid without strict, as the kernel compiles them", () => {
    const snippet = together(Object.values(valid).map((body) => body.replace(/same<.*/g, "")));
    expect(diagnose(ts, folder, snippet, { strict: false, declaration: true })).toEqual([]);
  });

  test(`errors show ${Object.keys(invalid).join("; ")}`, () => {
    const reported = diagnose(ts, folder, together(Object.values(invalid).map(([body]) => body)), { strict: true });
    expect(reported).toHaveLength(Object.keys(invalid).length);
    for (const [index, [, message]] of Object.values(invalid).entries()) expect(reported[index]).toMatch(message);
  });

  test("a later cell gets the columns by name, not types of the package that it cannot reach", () => {
    const snippet = `import { dataset } from "pepnet";
export const rows = (async () => (await dataset([{ city: "Oslo", price: 3 }]).then((d) => d.derive({ dear: (row) => row.price > 2 }))).toRows())();`;
    const program = compile(ts, folder, snippet, { strict: true, declaration: true });
    let declared = "";
    program.emit(undefined, (name, text) => {
      if (name.endsWith(".d.ts")) declared = text;
    });
    expect(declared.replace(/\s+/g, " ")).toContain("Promise<{ city: string; price: number; dear: boolean; }[]>");
  });
});
