/** Whatever a user holds opens as the same table. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openTable } from "../../../src/core/data/table/open.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-open-"));
const rows = [
  { user_id: 3, name: "ann", price: 1.5, tags: "a|b" },
  { user_id: 1, name: "bob", price: null, tags: "" },
  { user_id: 2, name: null, price: 2.25, tags: "c" },
];

describe("sources", () => {
  test("rows, columns, a Parquet file and a query hold the same", async () => {
    const fromRows = await openTable(rows);
    expect(await fromRows.toRows()).toEqual(rows);
    const file = await fromRows.toParquet(join(folder, "it's.parquet"));
    const fromFile = await openTable(file);
    expect(fromFile.rows).toBe(3);
    expect(await fromFile.toRows()).toEqual(rows);
    const columns = await fromFile.toColumns();
    expect(await (await openTable(columns)).toRows()).toEqual(rows);
    const query = await openTable({ sql: `select * from '${file.replaceAll("'", "''")}' where user_id > 1` });
    expect(await query.column("user_id")).toEqual([3, 2]);
  });

  test("CSV and TSV files", async () => {
    writeFileSync(join(folder, "a.csv"), "user_id,name,price\n3,ann,1.5\n1,bob,\n");
    writeFileSync(join(folder, "a.tsv"), "user_id\tname\n3\tann\n1\tbob\n");
    const csv = await openTable(join(folder, "a.csv"));
    expect(csv.columns.map((column) => column.type)).toEqual(["integer", "text", "float"]);
    expect(await csv.head(1)).toEqual([{ user_id: 3, name: "ann", price: 1.5 }]);
    expect(await csv.column("price")).toEqual([1.5, null]);
    expect(await (await openTable(join(folder, "a.tsv"))).column("name")).toEqual(["ann", "bob"]);
  });

  test("folders, globs and lists of files, each row traced to its file", async () => {
    const parts = join(folder, "parts [1]");
    mkdirSync(parts);
    writeFileSync(join(parts, "b.csv"), "x,y\n3,c\n4,d\n");
    writeFileSync(join(parts, "a.csv"), "y,x\na,1\nb,2\n");
    const table = await openTable(parts);
    expect(await table.column("x")).toEqual([1, 2, 3, 4]);
    expect(await table.column("y")).toEqual(["a", "b", "c", "d"]);
    expect(await table.take(Int32Array.of(3)).locate(0)).toEqual({ source: join(parts, "b.csv"), row: 1 });
    const listed = await openTable([join(parts, "b.csv"), join(parts, "a.csv")]);
    expect(await listed.column("x")).toEqual([3, 4, 1, 2]);
    expect((await openTable(join(folder, "*.tsv"))).rows).toBe(2);
  });

  test("a folder's files are those with rows, compressed or not, in its folders too; hidden ones are other programs' own", async () => {
    const tree = join(folder, "tree");
    const put = (name: string, content: string | Buffer) => {
      mkdirSync(dirname(join(tree, name)), { recursive: true });
      writeFileSync(join(tree, name), content);
    };
    put("day=1/a.CSV", "x\n1\n");
    put("day=2/deep/b.csv.gz", gzipSync("x\n2\n"));
    put("day=3/c.csv", "x\n");
    for (const other of [".ipynb_checkpoints/a-checkpoint.csv", "_temporary/0/a.csv", "day=1/.a.csv.crc", "_SUCCESS"]) {
      put(other, "other\n9\n");
    }
    expect(await (await openTable(tree)).toColumns()).toEqual({ x: [1, 2] });
    put("day=2/d.parquet", "");
    await expect(openTable(tree)).rejects.toThrow(/files of different formats[\s\S]*\*\.parquet, \*\.csv/);
  });

  test("a danfo Series and an array of arrays are no rows, and a sample has a count", async () => {
    const { Series } = await import("danfojs-node");
    await expect(openTable(new Series([1, 2]) as never)).rejects.toThrow("not a source of rows");
    await expect(openTable([[1, 2]] as never)).rejects.toThrow("not a source of rows");
    const { dataset } = await import("../../../src/index.js");
    const data = await dataset({ x: [1, 2, 3] });
    expect(data.sample(9).rows).toBe(3);
    for (const count of [0, -1, 1.5, Number.NaN])
      expect(() => data.sample(count)).toThrow(/sample: number out of range[\s\S]*an integer ≥ 1/);
  });

  test("selections of rows and columns read nothing until asked", async () => {
    const table = await openTable(await (await openTable(rows)).toParquet(join(folder, "b.parquet")));
    const part = table.select("price", "user_id").take(Int32Array.of(2, 0)).take(Int32Array.of(1));
    expect(part.rows).toBe(1);
    expect(await part.head(5)).toEqual([{ price: 1.5, user_id: 3 }]);
    expect(await table.slice(1, 9).column("user_id")).toEqual([1, 2]);
  });

  test("lists, booleans, dates and large integers come back as they are", async () => {
    const sql = `select [1, 2] as ids, ['x'] as words, true as flag, date '2024-02-01' as day,
      9007199254740993::bigint as big, 12::hugeint as huge, 1.25::decimal(4, 2) as price, null::int as nothing`;
    const [row] = await (await openTable({ sql })).toRows();
    expect(row).toEqual({
      ids: [1, 2],
      words: ["x"],
      flag: true,
      day: new Date("2024-02-01"),
      big: "9007199254740993",
      huge: 12,
      price: 1.25,
      nothing: null,
    });
  });

  test("lists and dates survive being written", async () => {
    const held = [
      { ids: [1, 2], at: new Date(5000), ok: true },
      { ids: [], at: null, ok: false },
    ];
    const file = await (await openTable(held)).toParquet(join(folder, "lists.parquet"));
    expect(await (await openTable(file)).toRows()).toEqual(held);
  });

  test("many chunks with nulls here and there", async () => {
    const sql = "select i::bigint as i, case when i % 5000 = 4999 then null else i end as x from range(20000) t(i)";
    const column = await (await openTable({ sql })).column("x");
    expect(column.length).toBe(20000);
    expect(column.flatMap((value, row) => (value === null ? [row] : []))).toEqual([4999, 9999, 14999, 19999]);
    expect(column.every((value, row) => value === null || value === row)).toBe(true);
  });
});

describe("danfo frames", () => {
  test("are recognised by their shape; missing text is no value", async () => {
    const { DataFrame } = await import("danfojs-node");
    const frame = new DataFrame({ user_id: [1, 2, 3], name: ["a", "b", undefined], price: [0.5, 1, 2] });
    const table = await openTable(frame as never);
    expect(table.names).toEqual(["user_id", "name", "price"]);
    expect(await table.column("name")).toEqual(["a", "b", null]);
    expect(await table.column("price")).toEqual([0.5, 1, 2]);
  });
});
