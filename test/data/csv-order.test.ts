/** Every read of a source gives the same rows in the same order, compared with a reader that splits lines. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dataset } from "../../src/api/data/open.js";
import { usualNulls } from "../../src/data/cell-classes.js";
import { withConnection } from "../../src/data/sources/duckdb.js";
import type { Source } from "../../src/data/sources/file-version.js";
import { columnRows, valueAt } from "../../src/data/table/column.js";
import { fileSource } from "../../src/data/table/open.js";

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

const words = [...usualNulls, "-", "none", "9999", "n.a."];

describe("rows of a CSV file with texts for missing values", () => {
  const file = fc.record({
    rows: fc.constantFrom(1, 7, 2047, 2049, 61_000, 131_073, 200_000),
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
      fc.asyncProperty(file, async ({ rows, nulls, every, isQuoted, isPacked, end, threadsFrom, rangeBytes }) => {
        const lines = Array.from({ length: rows }, (_, row) => {
          const missing = row % every === 0;
          const word = nulls[row % nulls.length]!;
          const cells = [row, missing ? word : (row * 7) % 90, missing ? ` ${word}` : row / 4, `text ${row % 300}`];
          return [...cells, row % 2].map((cell) => (isQuoted ? `"${cell}"` : String(cell)));
        });
        const text = [["k", "age", "price", "text", "label"], ...lines].map((line) => line.join(",")).join(end);
        const path = written(isPacked ? gzipSync(text, { level: 1 }) : text, isPacked ? "csv.gz" : "csv");
        const source = await fileSource([path], { nulls, threadsFrom, rangeBytes });
        const cell = (text: string): string => text.replaceAll('"', "");
        const expected = (column: number, read: (text: string) => unknown): unknown[] =>
          lines.map((line) => {
            const bare = cell(line[column]!).trim();
            const isMissing = nulls.includes(bare) || (column === 1 && usualNulls.includes(bare));
            return isMissing ? null : read(cell(line[column]!));
          });
        const sure = { k: expected(0, Number), text: expected(3, String), label: expected(4, Number) };
        for (let time = 0; time < 2; time++) {
          for (const [name, values] of Object.entries(sure)) expect(await columnOf(source, name)).toEqual(values);
          expect(await columnOf(source, "label", ["age", "k"])).toEqual(sure.label);
        }
        const ages = expected(1, Number);
        if (ages.some((age) => age !== null)) expect(await columnOf(source, "age", ["price"])).toEqual(ages);
      }),
      { numRuns: 20, seed: 7 },
    );
  }, 240_000);
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
  for (let time = 0; time < 2; time++) expect(await columnOf(source, "k")).toEqual(expected);
  expect(await columnOf(source, "word")).toEqual([...words, ...words]);
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
