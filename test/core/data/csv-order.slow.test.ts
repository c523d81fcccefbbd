/** Every read of a source gives the same rows in the same order, compared with a reader that splits lines. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { usualNulls } from "../../../src/core/data/cell-classes.js";
import { withConnection } from "../../../src/core/data/sources/duckdb.js";
import type { Source } from "../../../src/core/data/sources/file-version.js";
import { columnRows, valueAt } from "../../../src/core/data/table/column.js";
import { fileSource } from "../../../src/core/data/table/open.js";

const cores = vi.hoisted(() => ({ now: 2 }));
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  availableParallelism: () => cores.now,
}));

const folder = mkdtempSync(join(tmpdir(), "pepnet-order-"));
let files = 0;
const written = (content: string | Buffer, ending = "csv"): string => {
  const path = join(folder, `${++files}.${ending}`);
  writeFileSync(path, content);
  return path;
};

async function columnOf(source: Source, name: string, others: readonly string[] = []): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const part of source.parts([...others, name])) {
    const column = part.get(name)!;
    for (let row = 0; row < columnRows(column); row++) values.push(valueAt(column, row));
  }
  return values;
}

/** The first rows that differ; vitest's own comparison takes minutes for these many. */
function expectSame(read: readonly unknown[], expected: readonly unknown[]): void {
  const row = expected.findIndex((value, at) => !Object.is(value, read[at]));
  expect({ rows: read.length, row, value: read[row] }).toEqual({ rows: expected.length, row: -1, value: undefined });
}

const words = [...usualNulls, "-", "none", "9999", "n.a."];

describe("rows of a CSV file with texts for missing values", () => {
  const file = fc.record({
    threads: fc.integer({ min: 1, max: 4 }),
    rows: fc.oneof(
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 40_000 }) },
      fc.constantFrom(2047, 2049, 61_000, 131_073, 140_000), // the last in several ranges of any size
    ),
    nulls: fc.shuffledSubarray(words, { minLength: 1, maxLength: 12 }),
    every: fc.integer({ min: 1, max: 60 }),
    isQuoted: fc.boolean(),
    isPacked: fc.boolean(),
    end: fc.constantFrom("\n", "\r\n"),
    threadsFrom: fc.constantFrom(0, 1 << 20, Number.POSITIVE_INFINITY),
    rangeBytes: fc.constantFrom(10_000, 1 << 18, 4 << 20),
  });

  test("are those of its lines, at every read, whichever columns are read", async () => {
    await fc.assert(
      fc.asyncProperty(
        file,
        async ({ threads, rows, nulls, every, isQuoted, isPacked, end, threadsFrom, rangeBytes }) => {
          cores.now = threads;
          const lines = Array.from({ length: rows }, (_, row) => {
            const missing = row % every === 0;
            const word = nulls[row % nulls.length]!;
            const cells = [row, missing ? word : (row * 7) % 90, missing ? ` ${word}` : row / 4, `text ${row % 300}`];
            return [...cells, row % 2].map((cell) => (isQuoted ? `"${cell}"` : String(cell)));
          });
          const text = [["k", "age", "price", "text", "label"], ...lines].map((line) => line.join(",")).join(end);
          const path = written(isPacked ? gzipSync(text, { level: 1 }) : text, isPacked ? "csv.gz" : "csv");
          const source = await fileSource([path], { nulls, threadsFrom, rangeBytes });
          const cell = (text: string): string => (isQuoted ? text.slice(1, -1) : text);
          const expected = (column: number, read: (text: string) => unknown): unknown[] =>
            lines.map((line) => {
              const bare = cell(line[column]!).trim();
              const isMissing = nulls.includes(bare) || (column === 1 && usualNulls.includes(bare));
              return isMissing ? null : read(cell(line[column]!));
            });
          const sure = { k: expected(0, Number), text: expected(3, String), label: expected(4, Number) };
          for (let time = 0; time < 2; time++) {
            for (const [name, values] of Object.entries(sure)) expectSame(await columnOf(source, name), values);
            expectSame(await columnOf(source, "label", ["age", "k"]), sure.label);
          }
          const ages = expected(1, Number);
          if (ages.some((age) => age !== null)) expectSame(await columnOf(source, "age", ["price"]), ages);
        },
      ),
      { numRuns: 30, seed: 7 },
    );
  }, 900_000);
});

test("a label that is a column of the data agrees with it row by row, with NA in another column", async () => {
  const rows = 120_000;
  const lines = Array.from({ length: rows }, (_, row) => `${row},${row % 50 ? 30 : "NA"},${"x".repeat(40)},${row % 2}`);
  const data = await dataset(written(`k,age,text,label\n${lines.join("\n")}\n`));
  const { k } = await (await data.select("k")).toColumns();
  const { label } = await (await data.select("label")).toColumns();
  const wrong = Array.from(k as ArrayLike<number>).filter(
    (key, row) => key !== row || (label as ArrayLike<number>)[row] !== key % 2,
  );
  expect(wrong).toEqual([]);
});

test("a Parquet file of several row groups is read in its order, whole and column by column", async () => {
  const rows = 300_000;
  const numbers = Int32Array.from({ length: rows }, (_, row) => row);
  const words = Array.from({ length: rows }, (_, row) => `w${row % 1000}`);
  const path = join(folder, "rows.parquet");
  await (await dataset({ k: numbers, word: words })).toParquet(path);
  const source = await fileSource([path, path]);
  const expected = [...numbers, ...numbers];
  for (let time = 0; time < 2; time++) expectSame(await columnOf(source, "k"), expected);
  expectSame(await columnOf(source, "word"), [...words, ...words]);
});

describe("rows of JSON lines", () => {
  const file = fc.record({
    threads: fc.integer({ min: 1, max: 4 }),
    rows: fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.constantFrom(2047, 2049, 61_000)),
    every: fc.integer({ min: 2, max: 60 }),
    isPacked: fc.boolean(),
  });

  test("are those of its lines, at every read, whichever columns are read", async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ threads, rows, every, isPacked }) => {
        cores.now = threads;
        const objects = Array.from({ length: rows }, (_, k) => ({
          k,
          age: k % every ? k % 90 : null,
          word: `w${k % 300}`,
        }));
        const text = objects.map((object) => JSON.stringify(object)).join("\n");
        const path = written(isPacked ? gzipSync(text, { level: 1 }) : text, isPacked ? "jsonl.gz" : "jsonl");
        const source = await fileSource([path]);
        const expected = (name: "k" | "age" | "word"): unknown[] => objects.map((object) => object[name]);
        for (let time = 0; time < 2; time++) {
          expectSame(await columnOf(source, "k"), expected("k"));
          expectSame(await columnOf(source, "word", ["age"]), expected("word"));
        }
        if (rows > 1) expectSame(await columnOf(source, "age"), expected("age"));
      }),
      { numRuns: 8, seed: 8 },
    );
  });
});

test("a query's rows are those of the file, also where words for missing values are among numbers", async () => {
  const rows = 120_000;
  const lines = Array.from({ length: rows }, (_, row) => `${row},${row % 9 ? row % 90 : "NA"},${row % 2}`);
  const data = await dataset(written(`k,age,label\n${lines.join("\n")}\n`));
  const filtered = await data.sql("select k, label, age from data where label = 1");
  const { k, age } = await filtered.toColumns();
  const odd = Array.from({ length: rows / 2 }, (_, at) => 2 * at + 1);
  expect(Array.from(k as ArrayLike<number>)).toEqual(odd);
  expect(Array.from(age as ArrayLike<unknown>, (value) => (Number.isNaN(value) ? null : value))).toEqual(
    odd.map((row) => (row % 9 ? row % 90 : null)),
  );
  const joined = await data.sql("select a.k, b.label from data a join data b on a.k = b.k order by a.k");
  expect(Array.from((await joined.toColumns())["label"] as ArrayLike<number>)).toEqual(lines.map((_, row) => row % 2));
});

describe("U+FEFF at the start of a cell", () => {
  const [plain, marked] = ["a", "\ufeffa"];

  test("is kept in CSV, JSON lines and Parquet; the mark at the start of a file is no part of its names", async () => {
    const text = `word,k\n${marked},1\n${plain},2\n"${marked}",3\n`;
    const expected = [marked, plain, marked];
    const csv = written(`\ufeff${text}`);
    const packed = written(gzipSync(text), "csv.gz");
    const zstd = join(folder, "marked.csv.zst");
    await withConnection((connection) =>
      connection.run(
        `COPY (SELECT '${text}' AS x) TO '${zstd}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIM '\x01', COMPRESSION zstd)`,
      ),
    );
    const json = written(expected.map((word, row) => JSON.stringify({ word, k: row + 1 })).join("\n"), "jsonl");
    const parquet = join(folder, "marked.parquet");
    await (await dataset(csv)).toParquet(parquet);
    for (const path of [csv, packed, zstd, json, parquet]) {
      const data = await dataset(path);
      expect(data.table.names).toEqual(["word", "k"]);
      expect(await data.table.column("word"), path).toEqual(expected);
    }
  });
});
