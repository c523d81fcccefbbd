/** What a CSV column holds is decided by all of its cells: a late surprise is read alike in small and large files. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classOfCell, columnOfCells } from "../../../src/core/data/cell-classes.js";
import { readWhole, type Source } from "../../../src/core/data/sources/file-version.js";
import { columnRows, type RawColumn, valueAt } from "../../../src/core/data/table/column.js";
import { fileSource } from "../../../src/core/data/table/open.js";
import { DataError } from "../../../src/core/errors/index.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-late-"));
let files = 0;
const written = (content: string | Buffer, ending = "csv"): string => {
  const path = join(folder, `${++files}.${ending}`);
  writeFileSync(path, content);
  return path;
};
const byThreads = (path: string, rangeBytes = 64) => fileSource([path], { threadsFrom: 0, rangeBytes });
const atOnce = (path: string) => fileSource([path], { threadsFrom: Number.POSITIVE_INFINITY });
const values = (column: RawColumn): unknown[] =>
  Array.from({ length: columnRows(column) }, (_, row) => valueAt(column, row));

async function everything(source: Source) {
  const names = source.columns.map(({ name }) => name);
  const numbers = [...(source.written ?? [])];
  const parts = Object.fromEntries(names.map((name): [string, unknown[]] => [name, []]));
  const asWritten = Object.fromEntries(numbers.map((name): [string, unknown[]] => [name, []]));
  for await (const part of source.parts(names)) {
    for (const name of names) parts[name]?.push(...values(part.get(name)!));
  }
  for await (const part of numbers.length === 0 ? [] : source.parts(numbers, { asWritten: numbers })) {
    for (const name of numbers) asWritten[name]?.push(...values(part.get(name)!));
  }
  const whole = await readWhole(source, names);
  const head = await readWhole(source, names, { limit: 3 });
  return {
    columns: source.columns,
    rows: source.rows,
    parts,
    asWritten,
    whole: names.map((name) => values(whole.get(name)!)),
    head: names.map((name) => values(head.get(name)!)),
  };
}

const outcome = (path: string, open: (path: string) => Promise<Source>) =>
  open(path)
    .then(everything)
    .catch((error: unknown) => {
      if (!(error instanceof DataError)) throw error;
      return { problems: error.problems.map(({ path: place, message }) => ({ place, message })) };
    });

/** Cells of one kind, and what may come late among them. */
const ordinary = [
  fc.integer({ min: -999, max: 99_999 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer({ min: -9999, max: 9999 }).map((value) => (value / 100).toFixed(2)),
  fc.constantFrom("true", "false"),
  fc.constantFrom("True", "False", "TRUE"),
  fc.constantFrom("yes", "no"),
  fc.constantFrom("2024-01-01", "1969-12-31", "2024-10-27"),
  fc.constantFrom("2024-01-01 10:30:00", "2024-10-27T02:30:00Z", "2024-10-27 02:30:00.123456+02:00"),
  fc.string({ unit: fc.constantFrom(..."abcß東🙂 |.-_0"), maxLength: 6 }),
  fc.constant(""),
];
const surprises = fc.oneof(
  fc.constantFrom(
    ..."0012 007 -0 00 +1 -+1 1e400 -1e400 1e-400 1e3 1E+3 .5 5. . - -- 1.2.3 0x1F 1_000 1,0 NaN nan -nan inf -inf Infinity INF",
  ),
  fc.constantFrom("0012", "-0", "-0.0", "+1", "1e400", "1e-400", "1e3", "1E+16", ".5", "5.", ".", "-", "1.2.3", "0x1F"),
  fc.constantFrom("1_000", "NaN", "nan", "-nan", "inf", "-inf", "Infinity", "t", "F", "T", "yes", "NO", "y", "1", "0"),
  fc.constantFrom(
    " 1",
    "2 ",
    "\t3",
    " 1.5 ",
    " ",
    "  ",
    " true",
    "9007199254740991",
    "9007199254740992",
    " 9007199254740993",
  ),
  fc.constantFrom("-9007199254740992", "9223372036854775807", "9223372036854775808", "123456789012345678901234567890"),
  fc.constantFrom("1".repeat(299), "1".repeat(301), `0.${"3".repeat(40)}`, "0.1000000000000000055511151231257827"),
  fc.constantFrom("2024-01-01", "2024-02-30", "2024-13-01", "2024-01-01 10:30:00", "2024-01-01T10:30", "10:30:00"),
  fc.constantFrom("2024-01-01 10:30:00.123456789", "2024-01-01T00:00:00-0330", "2024-01-01 24:00:00", "01/02/2024"),
  fc.constantFrom("ſ", "yeſ", "K", "naïve", "null", "NULL", "None", "#x", "// y", "'", "\\N", "a b"),
);
const column = fc.record({
  cells: fc
    .constantFrom(...ordinary.keys())
    .chain((kind) => fc.array(ordinary[kind]!, { minLength: 60, maxLength: 60 })),
  late: fc.array(surprises, { maxLength: 2 }),
  at: fc.integer({ min: 0, max: 59 }),
});
const sheetOf = (fewest: number) =>
  fc.record({
    columns: fc.array(column, { minLength: fewest, maxLength: 5 }),
    rows: fc.integer({ min: 1, max: 60 }),
    end: fc.constantFrom("\n", "\r\n"),
    separator: fc.constantFrom(",", "\t", ";", "|"),
    closed: fc.boolean(),
    mark: fc.constantFrom("", "\ufeff"),
    bytes: fc.integer({ min: 200, max: 900 }),
  });

function linesOf({
  columns,
  rows,
  separator,
}: {
  columns: readonly { cells: string[]; late: string[]; at: number }[];
  rows: number;
  separator: string;
}) {
  const cells = columns.map(({ cells: plain, late, at }) => {
    const own = plain.slice(0, rows);
    for (const [index, value] of late.entries()) own[(Math.min(at, rows - 1) + index) % rows] = value;
    return own.map((cell) => cell.replaceAll(separator, "").replaceAll(/[\r\n"]/g, ""));
  });
  return Array.from({ length: rows }, (_, row) => cells.map((own) => own[row] as string));
}

/** A line that has not as many fields as the header, or is empty. */
const raggedness = fc.record({ at: fc.integer({ min: 0, max: 59 }), line: fc.constantFrom("more", "fewer", "none") });

describe("ranges and whole files are read alike, types and values", () => {
  test("or refuse alike, at the same line", async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(sheetOf(1), raggedness, async (drawn, ragged) => {
        const { separator, end, closed, bytes } = drawn;
        const lines = linesOf(drawn).map((line) => line.join(separator));
        const at = Math.min(ragged.at, lines.length - 1);
        if (ragged.line === "more") lines[at] += `${separator}x`;
        if (ragged.line === "fewer") lines[at] = "x";
        if (ragged.line === "none") lines.splice(at, 0, "");
        const header = drawn.columns.map((_, index) => `c${index}`).join(separator);
        const path = written([header, ...lines].join(end) + (closed ? end : ""));
        const whole = await outcome(path, atOnce);
        expect(await outcome(path, (file) => byThreads(file, bytes))).toEqual(whole);
        if ("problems" in whole) refused += 1;
      }),
      { numRuns: 60, seed: 21 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  test("whatever comes late", async () => {
    await fc.assert(
      fc.asyncProperty(sheetOf(2), async (drawn) => {
        const lines = linesOf(drawn);
        const header = drawn.columns.map((_, index) => `c${index}`);
        const { separator, end, closed, mark, bytes } = drawn;
        const text = mark + [header, ...lines].map((line) => line.join(separator)).join(end) + (closed ? end : "");
        const plain = written(text);
        const whole = await outcome(plain, atOnce);
        expect(await outcome(plain, (path) => byThreads(path, bytes))).toEqual(whole);
        // Quoted and compressed, the same cells are the same values.
        const quoted =
          mark + [header, ...lines].map((line) => line.map((cell) => `"${cell}"`).join(separator)).join(end);
        const packed = await outcome(written(gzipSync(`${quoted}${end}`), "csv.gz"), byThreads);
        expect(packed).toEqual(whole);
        // And all of it is the rule, cell by cell.
        expect("columns" in whole && whole.columns).toEqual(
          header.map((name, index) =>
            columnOfCells(
              name,
              lines.reduce((bits, line) => bits | (line[index] === "" ? 0 : classOfCell(line[index]!)), 0),
            ),
          ),
        );
      }),
      { numRuns: 150, seed: 12 },
    );
  });
});
