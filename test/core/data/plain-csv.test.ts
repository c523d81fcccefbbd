/** Threads read CSV files in ranges of records: the rows are those of the whole file, whatever it holds. */

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { RecordScan } from "../../../src/core/data/sources/csv/scan.js";
import { readWhole, type Source } from "../../../src/core/data/sources/file-version.js";
import { columnRows, type RawColumn, valueAt } from "../../../src/core/data/table/column.js";
import { fileSource } from "../../../src/core/data/table/open.js";
import { DataError } from "../../../src/core/errors/index.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-plain-"));
let files = 0;
const written = (content: string | Buffer): string => {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, content);
  return path;
};
/** Threads in pieces of `rangeBytes`. */
const byThreads = (path: string, rangeBytes = 64) => fileSource([path], { threadsFrom: 0, rangeBytes });
const atOnce = (path: string) => fileSource([path], { threadsFrom: Number.POSITIVE_INFINITY });
const values = (column: RawColumn): unknown[] =>
  Array.from({ length: columnRows(column) }, (_, row) => valueAt(column, row));

async function rowsOf(source: Source, names = source.columns.map(({ name }) => name)): Promise<unknown[][]> {
  const columns = names.map((): unknown[] => []);
  for await (const part of source.parts(names)) {
    for (const [at, name] of names.entries()) columns[at]?.push(...values(part.get(name)!));
  }
  return columns;
}

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof DataError ? error.problems[0] : error),
  );

const integer = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.maxSafeInteger(),
  fc.constantFrom("007", "-0", "", "1234567890", "999999999", "-999999999"),
);
const float = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -99999, max: 99999 }).map((value) => value / 100),
  fc.constantFrom("", "-0.0", "5.", ".5", "1e3", "2E-7", "0.1000000000000000055511151231257827", "123456789012345678"),
);
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."abcß東🙂 |.-_0123456789"), maxLength: 12 }),
  fc.constantFrom("", "null", "NULL", " a ", "1|2|3"),
);
const line = fc.tuple(integer, text, float, text, integer);

describe("threads read the rows that one thread reads at once", () => {
  test("numbers of every writing, texts, nothing at all; any line end, separator and piece", async () => {
    const samples = fc.record({
      lines: fc.array(line, { minLength: 1, maxLength: 60 }),
      end: fc.constantFrom("\n", "\r\n"),
      separator: fc.constantFrom(",", "\t", ";"),
      closed: fc.boolean(),
      bytes: fc.integer({ min: 250, max: 900 }),
    });
    await fc.assert(
      fc.asyncProperty(samples, async ({ lines, end, separator, closed, bytes }) => {
        const rows = [["n", "word", "x", "rest", "m"], ...lines];
        const path = written(rows.map((row) => row.join(separator)).join(end) + (closed ? end : ""));
        const [ours, whole] = await Promise.all([byThreads(path, bytes), atOnce(path)]);
        expect(ours.columns).toEqual(whole.columns);
        expect(ours.rows).toBe(whole.rows);
        expect(await rowsOf(ours)).toEqual(await rowsOf(whole));
        expect(await rowsOf(ours, ["rest", "n"])).toEqual(await rowsOf(whole, ["rest", "n"]));
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test.each([
    ["quotes", 'n,word\n1,"a,b"\n2,"c\nd"\n3,e\n'],
    ["empty lines", "n,word\n1,a\n\n2,b\n\n"],
    ["empty lines of a single column", "n\n1\n\n2\n"],
    ["a quoted header", '"n","word"\n1,a\n2,b\n'],
    ["a byte order mark", "\ufeffn,word\n1,a\n2,b\n"],
    ["old line ends", "n,word\r1,a\r2,b\r"],
    ["signs and blanks", "n,word\n+1,a\n 2,b\n3 ,c\n"],
    ["integers beyond 2^53", `n,word\n${"1,a\n".repeat(50)}9007199254740993,b\n`],
    ["a trailing separator in every line", "n,word\n1,a,\n2,b,\n"],
    ["booleans and dates", "n,day,sure\n1,2024-01-02,true\n2,2024-02-03,false\n"],
  ])("%s", async (_, content) => {
    const path = written(content);
    const [ours, whole] = await Promise.all([byThreads(path), atOnce(path)]);
    expect(ours.rows).toBe(whole.rows);
    expect(await rowsOf(ours)).toEqual(await rowsOf(whole));
  });

  test.each([
    ["a line with too few fields", "n,word\n1,a\n2\n3,c\n"],
    ["a line with too many fields", `n,word\n${"1,a\n".repeat(40)}2,b,c\n`],
    ["bytes that are no UTF-8", Buffer.from(`n,word\n${"1,a\n".repeat(40)}2,caf\xe9\n`, "latin1")],
    ["mixed line ends", "n,word\n1,a\r\n2,b\n"],
  ])("%s: the same refusal", async (_, content) => {
    const path = written(content);
    const ours = await problemOf(byThreads(path).then((source) => rowsOf(source)));
    expect(ours).toMatchObject({ path: expect.stringContaining(path) });
    expect(ours).toEqual(await problemOf(atOnce(path).then((source) => rowsOf(source))));
  });
});

describe("a value of another kind far down", () => {
  const above = "1,1.5\n".repeat(30_000);

  test.each([
    ["a fraction among integers", "2.5,1", "n", "float", 2.5],
    ["a code with zeros in front", "0012,1", "n", "text", "0012"],
    ["a text among numbers", "3,soon", "x", "text", "soon"],
    ["a time", "3,2024-01-01 10:30:00", "x", "text", "2024-01-01 10:30:00"],
  ])("%s widens its column, in ranges as at once", async (_, line, name, type, value) => {
    const path = written(`n,x\n${above}${line}\n${above}`);
    for (const source of await Promise.all([byThreads(path, 1 << 16), atOnce(path)])) {
      expect(source.columns.find((column) => column.name === name)?.type).toBe(type);
      const column = (await readWhole(source, [name])).get(name)!;
      expect([valueAt(column, 30_000), columnRows(column)]).toEqual([value, 60_001]);
    }
  });
});

test("a file is cut between records, and every record is in one piece", () => {
  const lines = Array.from({ length: 500 }, (_, row) => `${row},"${"x\n".repeat(row % 17)}"`);
  const bytes = Buffer.from(`n,word\n${lines.join("\n")}\n`);
  for (const rangeBytes of [1, 10, 24, 100, 1000, 100_000]) {
    const scan = new RecordScan({ separator: ",", fields: 2, header: true, mostBytes: 1 << 20, rangeBytes });
    for (let at = 0; at < bytes.length; at += 37) expect(scan.push(bytes.subarray(at, at + 37))).toBe(true);
    scan.end();
    const { ranges } = scan;
    expect(ranges.reduce((sum, range) => sum + range.rows, 0)).toBe(500);
    expect(ranges[0]?.start).toBe(7);
    expect(ranges.at(-1)?.end).toBe(bytes.length);
    for (const [at, range] of ranges.slice(1).entries()) expect(range.start).toBe(ranges[at]?.end);
  }
});

test("many files are one table, in order; a file that changes is found out", async () => {
  const paths = [0, 1, 2].map((part) =>
    written(`n,word\n${Array.from({ length: 200 }, (_, row) => `${part * 200 + row},w${row % 7}`).join("\n")}\n`),
  );
  const source = await fileSource(paths, { threadsFrom: 0, rangeBytes: 300 });
  expect((await rowsOf(source))[0]).toEqual(Array.from({ length: 600 }, (_, row) => row));
  expect(await source.locate(450)).toEqual({ source: paths[2], row: 50 });
  writeFileSync(paths[1]!, `n,word\n${"7,x\n".repeat(200)}`);
  expect(await problemOf(rowsOf(source))).toMatchObject({ message: "the data has changed since it was opened" });
});

test("what a large file holds is kept for its version, and looked at again where the entry is damaged", async () => {
  const cache = join(folder, "cache");
  vi.stubEnv("PEPNET_CACHE", cache);
  try {
    const path = written(`n,word\n${"1,a\n".repeat(300)}`);
    const open = async (options = {}) => fileSource([path], { threadsFrom: 0, keptFrom: 100, ...options });
    const kept = () => (existsSync(cache) ? readdirSync(cache) : []);
    await open({ cache: false });
    await open({ keptFrom: 1 << 20 });
    expect(kept()).toEqual([]);
    const first = await open();
    const [entry] = kept() as [string];
    expect(kept()).toHaveLength(1);
    const text = readFileSync(join(cache, entry), "utf8");
    // Another number in a whole entry: it is taken from there.
    type Range = { start: number; end: number; rows: number };
    const lines = JSON.parse(text.split("\n")[1]!) as { rows: number; classes: number[]; ranges: Range[][] };
    const whole = (content: object): string => {
      const other = JSON.stringify({ ...lines, ...content });
      return `${createHash("sha256").update(other).digest("hex")}\n${other}`;
    };
    writeFileSync(join(cache, entry), whole({ classes: [8, 64] }));
    expect((await open()).columns[0]?.type).toBe("float");
    // Whole entries that do not cover the file once.
    const [range] = lines.ranges[0] as [Range];
    const poisoned: [string, object][] = [
      ["half a file", { rows: 150, ranges: [[{ ...range, end: range.end - 600, rows: 150 }]] }],
      ["records twice", { rows: 600, ranges: [[range, range]] }],
      ["other rows", { rows: 299 }],
      ["no file", { rows: 0, ranges: [] }],
      ["another column", { classes: [8] }],
    ];
    for (const [name, content] of poisoned) {
      writeFileSync(join(cache, entry), whole(content));
      const source = await open();
      expect([source.rows, source.columns], name).toEqual([300, first.columns]);
      expect(readFileSync(join(cache, entry), "utf8"), name).toBe(text);
    }
    for (const damaged of [text.slice(0, -9), "", text.replace('"rows":300', '"rows":301'), "null\nnull"]) {
      writeFileSync(join(cache, entry), damaged);
      expect((await open()).columns).toEqual(first.columns);
      expect(readFileSync(join(cache, entry), "utf8")).toBe(text);
    }
    writeFileSync(path, `n,word\n${"x,a\n".repeat(300)}`);
    expect((await open()).columns[0]?.type).toBe("text");
    expect(kept()).toHaveLength(2);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("a whole column is put together from its pieces: numbers, texts, nulls, and numbers that become text", async () => {
  const lines = Array.from({ length: 25_000 }, (_, row) => `${row % 9 ? row : ""},w${row % 700},${row}`);
  const path = written(`n,word,m\n${lines.join("\n")}\n,,9007199254740993\n`);
  const names = ["n", "word", "m"];
  const [ours, whole] = await Promise.all([byThreads(path, 1 << 15), atOnce(path)]);
  const [columns, expected] = await Promise.all([readWhole(ours, names), readWhole(whole, names)]);
  for (const name of names) expect(values(columns.get(name)!)).toEqual(values(expected.get(name)!));
  expect(columnRows((await readWhole(ours, names, { limit: 22_000 })).get("n")!)).toBe(22_000);
});

test("who stops early leaves no work behind, and later reads are whole", async () => {
  const path = written(`n\n${Array.from({ length: 5000 }, (_, row) => row).join("\n")}\n`);
  const source = await byThreads(path, 500);
  for await (const part of source.parts(["n"])) {
    expect(columnRows(part.get("n")!)).toBeGreaterThan(0);
    break;
  }
  expect((await rowsOf(source))[0]).toHaveLength(5000);
  expect(columnRows((await readWhole(source, ["n"], { limit: 3 })).get("n")!)).toBe(3);
});
