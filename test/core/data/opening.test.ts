/** Files as people have them open in one call: their faults are found and noted, or refused with a call that works. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { openDatabase } from "../../../src/core/data/sources/duckdb.js";
import { type OpenOptions, openTable } from "../../../src/core/data/table/open.js";
import { DataError, type Problem } from "../../../src/core/errors/index.js";
import { hasShared, sharedPath } from "../../shared.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-opening-"));
const written = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function problemOf(path: string | readonly string[], options: OpenOptions = {}): Promise<Problem> {
  const error = await openTable(path, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).problems[0] as Problem;
}

/** Runs the first call of `dataset(…)` in a text. */
async function run(text: string | undefined) {
  const [, call] = /dataset\((.*?\})\)/.exec(text ?? "") ?? [];
  const [path, options] = new Function(`return [${call}]`)() as [string, OpenOptions];
  return openTable(path, options);
}

describe("texts for missing values", () => {
  const text = "age,work,seen\n30,?,2024-01-02\nNA,clerk,\\N\n41,NA,2024-01-05\n";

  test("are missing in columns of numbers and times, and are reported; in columns of text they are values", async () => {
    const table = await openTable(written("marks.csv", text));
    expect(table.columns.map(({ type }) => type)).toEqual(["integer", "text", "timestamp"]);
    expect(await table.toColumns()).toEqual({
      age: [30, null, 41],
      work: ["?", "clerk", "NA"],
      seen: ["2024-01-02", null, "2024-01-05"],
    });
    expect(table.notes).toEqual([
      expect.stringContaining('columns of text contain "?" (work), "NA" (work), which is kept as text'),
      'column "age": "NA" in 1 row is read as missing; types: { "age": "text" } keeps it as text',
      'column "seen": "\\\\N" in 1 row is read as missing; types: { "seen": "text" } keeps it as text',
    ]);
    expect(await (await run(table.notes[0])).column("work")).toEqual([null, "clerk", null]);
    const asText = await openTable(join(folder, "marks.csv"), { types: { age: "text" } });
    expect(await asText.column("age")).toEqual(["30", "NA", "41"]);
  });

  test("any text can be one, in every column, also in large files and in quotes", async () => {
    const lines = Array.from({ length: 100_000 }, (_, row) =>
      row % 1000 === 7 ? '-1,"missing"' : `${row},name ${row}`,
    );
    const path = written("large.csv", `id,name\n${lines.join("\n")}\n`);
    const table = await openTable(path, { nulls: ["-1", "missing"] });
    const { id, name } = await table.toColumns();
    expect([id?.filter((value) => value === null).length, name?.filter((value) => value === null).length]).toEqual([
      100, 100,
    ]);
    expect([id?.[7], id?.[8], name?.[8]]).toEqual([null, 8, "name 8"]);
    const marked = written(
      "large-marks.csv",
      `id,x\n${lines.map((_, row) => `${row},${row % 10 ? row : "null"}`).join("\n")}\n`,
    );
    const numbers = await openTable(marked);
    expect(numbers.columns.map(({ type }) => type)).toEqual(["integer", "integer"]);
    expect((await numbers.column("x")).slice(0, 3)).toEqual([null, 1, 2]);
    expect(numbers.notes).toEqual([expect.stringContaining('"null" in 10,000 rows')]);
  });
});

describe("types that the caller sets", () => {
  test("keep numbers as text, and read whole numbers as floats, in small and large files", async () => {
    const lines = Array.from({ length: 150_000 }, (_, row) => `${row},${row % 9}`);
    for (const [name, count] of [
      ["few.csv", 10],
      ["many.csv", lines.length],
    ] as const) {
      const path = written(name, `zip,n\n${lines.slice(0, count).join("\n")}\n`);
      const table = await openTable(path, { types: { zip: "text", n: "float" } });
      expect(table.columns.map(({ type }) => type)).toEqual(["text", "float"]);
      expect(await table.head(2)).toEqual([
        { zip: "0", n: 0 },
        { zip: "1", n: 1 },
      ]);
    }
  });

  test("that do not fit name the cells, and the call that reads them as missing works", async () => {
    const path = written("odd.csv", "age,n\n30,1\nabc,2\n-,3\n-,4\n");
    const problem = await problemOf(path, { types: { age: "integer", m: "text" } });
    expect(problem.received).toBe('"-" (2 cells), "abc" (1 cell)');
    expect(await (await run(problem.fix?.replace(', "m": "text"', ""))).column("age")).toEqual([30, null, null, null]);
    const error = await openTable(path, { types: { age: "integer", m: "text" } }).catch((thrown: DataError) => thrown);
    expect((error as DataError).problems[1]).toMatchObject({ message: "types names a column that does not exist" });
    expect((await problemOf(path, { types: { age: "date" as never } })).expected).toContain('"float"');
  });
});

describe("encodings", () => {
  const text = "name,n\nZürich,1\nGenève,2\n";

  test("UTF-16 is known by its mark, in both byte orders and compressed; latin-1 is named by the error", async () => {
    const little = Buffer.from(`\ufeff${text}`, "utf16le");
    for (const [name, bytes] of [
      ["u16le.csv", little],
      ["u16be.csv", Buffer.from(little).swap16()],
      ["u16.csv.gz", gzipSync(little)],
    ] as const) {
      const table = await openTable(written(name, bytes));
      expect(await table.column("name"), name).toEqual(["Zürich", "Genève"]);
      expect(await table.locate(1)).toEqual({ source: join(folder, name), row: 1 });
    }
    const headers = [written("header.csv", Buffer.from("\ufeffname,n\n", "utf16le"))];
    headers.push(written("header.csv.gz", gzipSync("name,n\n")));
    expect(await (await openTable([...headers, join(folder, "u16le.csv")])).column("n")).toEqual([1, 2]);
    const problem = await problemOf(written("latin.csv", Buffer.from(text, "latin1")));
    expect(problem).toMatchObject({
      path: `${join(folder, "latin.csv")}: line 2`,
      message: "the file is not valid UTF-8",
    });
    expect(await (await run(problem.fix)).column("name")).toEqual(["Zürich", "Genève"]);
  });

  test("other encodings open by their label; faults name the original file", async () => {
    const path = written("1252.csv", Buffer.from([0x61, 10, 0x80, 10]));
    expect(await (await openTable(path, { encoding: "windows-1252" })).column("a")).toEqual(["€"]);
    expect((await problemOf(path, { encoding: "klingon" })).message).toBe("not a known encoding");
    const short = written("short.csv", Buffer.from("\ufeffa,b\n1\n", "utf16le"));
    expect((await problemOf(short)).path).toBe(`${short}: line 2`);
    const cut = await problemOf(written("cut.csv", Buffer.from("a,b\n1,\xff\n", "latin1")), { encoding: "shift_jis" });
    expect(cut.message).toContain("not valid shift_jis");
  });

  test("large files in another encoding lose nothing, and a change of the file is noticed", async () => {
    const lines = Array.from({ length: 120_000 }, (_, row) => `${row},café ${row % 7}`);
    const path = written("wide.csv", Buffer.from(`id,name\n${lines.join("\n")}\n`, "latin1"));
    const table = await openTable(path, { encoding: "latin-1" });
    expect(table.rows).toBe(120_000);
    expect((await table.column("name"))[119_999]).toBe(`café ${119_999 % 7}`);
    writeFileSync(path, "id,name\n1,x\n");
    await expect(table.assertUnchanged()).rejects.toThrow("has changed");
  });
});

describe("names of files", () => {
  test(".dat, .data, .txt, .tsv, .gz and .zst are text tables", async () => {
    const content = "user\tclk\n1\t0\n2\t1\n";
    const paths = ["x.dat", "x.data", "x.txt", "x.tsv"].map((name) => written(name, content));
    paths.push(written("x.dat.gz", gzipSync(content)), join(folder, "x.txt.zst"));
    const instance = await openDatabase(":memory:", {});
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT * FROM (VALUES (1, 0), (2, 1)) t(user, clk)) TO '${paths.at(-1)}' (FORMAT csv, DELIMITER '\t', COMPRESSION zstd)`,
    );
    connection.disconnectSync();
    for (const path of paths) expect(await (await openTable(path)).column("clk"), path).toEqual([0, 1]);
  });

  test("a folder's notes do not count beside its data; a folder of .dat files counts", async () => {
    const tree = join(folder, "ml");
    mkdirSync(tree);
    writeFileSync(join(tree, "README.txt"), "About these files.\n");
    writeFileSync(join(tree, "log.csv"), "a,b\n1,2\n");
    expect((await openTable(tree)).rows).toBe(1);
    const bare = join(folder, "dat");
    mkdirSync(bare);
    writeFileSync(join(bare, "users.dat"), "1::F::25\n2::M::35\n");
    writeFileSync(join(bare, "ratings.dat"), "1::10::5::99\n2::20::4::98\n");
    const problem = await problemOf(bare);
    expect(problem.message).toBe("the files contain different tables");
    expect(problem.received).toContain(`${join(bare, "ratings.dat")}: column_1, column_2, column_3, column_4`);
  });
});

describe("JSON lines", () => {
  const lines = [
    '{"user":1,"day":"2024-01-02","tags":["a"]}',
    '{"day":"later","user":2.5,"clk":true}',
    '{"user":null}',
  ];

  test("open with the types of JSON; texts stay texts; all rows decide", async () => {
    for (const [name, content] of [
      ["log.jsonl", `${lines.join("\n")}\n`],
      ["log.ndjson.gz", gzipSync(lines.join("\n"))],
      ["log.json", `[${lines.join(",")}]`],
    ] as const) {
      const table = await openTable(written(name, content));
      expect(table.columns.map((column) => [column.name, column.type])).toEqual([
        ["user", "float"],
        ["day", "text"],
        ["tags", "list"],
        ["clk", "boolean"],
      ]);
      expect(await table.toRows()).toEqual([
        { user: 1, day: "2024-01-02", tags: ["a"], clk: null },
        { user: 2.5, day: "later", tags: null, clk: true },
        { user: null, day: null, tags: null, clk: null },
      ]);
    }
  });

  test("faults are named: a broken line, values that are no objects, mixed kinds, CSV options", async () => {
    const broken = written("broken.jsonl", '{"a":1}\n{"a":2\n{"a":3}\n');
    expect(await problemOf(broken)).toMatchObject({ message: expect.stringContaining("not valid JSON") });
    expect((await problemOf(broken)).path).toMatch(/broken\.jsonl: line \d$/);
    expect((await problemOf(written("list.jsonl", "[1]\n[2]\n"))).message).toContain("does not contain JSON objects");
    const mixed = await openTable(written("mixed.jsonl", '{"a":1}\n{"a":"x"}\n'));
    expect([await mixed.column("a"), mixed.notes]).toEqual([
      ["1", "x"],
      ['column "a" mixes kinds of values and is read as text'],
    ]);
    expect((await problemOf(broken, { separator: ";" })).received).toBe("a JSON file");
    const other = written("items.jsonl", '{"item":1,"price":2}\n');
    expect((await problemOf([join(folder, "log.jsonl"), other])).message).toBe("the files contain different tables");
  });
});

describe("tables of other libraries", () => {
  test("Arrow files: the error says what to write instead", async () => {
    const path = written("t.arrow", "ARROW1");
    expect(await problemOf(path)).toMatchObject({ fix: expect.stringContaining("df.to_parquet") });
  });

  test("an array of Parquet files is one table", async () => {
    const paths = await Promise.all(
      [1, 2].map(async (part) => (await openTable({ a: [part], b: ["x"] })).toParquet(join(folder, `${part}.parquet`))),
    );
    expect(await (await openTable(paths)).column("a")).toEqual([1, 2]);
  });
});

describe.skipIf(!hasShared)("published files, as they are", () => {
  test("Adult (no header, comma and space, ?) and coupon (;) open in one call", async () => {
    const adult = await dataset(sharedPath("data/first-evening/adult/adult.data"));
    expect([adult.rows, adult.columns.length]).toEqual([32_561, 15]);
    expect((await adult.head(1))[0]).toMatchObject({ column_1: 39, column_2: "State-gov", column_15: "<=50K" });
    expect(adult.notes).toEqual([
      'the fields are separated by ", "',
      expect.stringContaining("seems to have no header"),
      expect.stringContaining('"?" (column_2, column_7, column_14)'),
    ]);
    const lines = readFileSync(sharedPath("data/first-evening/adult/adult.data"), "utf8").trim().split("\n");
    const missing = lines.filter((line) => line.split(", ")[1] === "?").length;
    const work = await (
      await dataset(sharedPath("data/first-evening/adult/adult.data"), { nulls: ["?"] })
    ).table.column("column_2");
    expect(work.filter((value) => value === null)).toHaveLength(missing);
    const coupon = await dataset(sharedPath("data/first-evening/coupon/coupon.csv"));
    expect([coupon.rows, coupon.columns.length, coupon.notes]).toEqual([12_678, 26, []]);
  });
});
