/** The scan takes the same bytes for fields and records as DuckDB, in pieces of any size; so does the reader of values. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classOfCell, textCell } from "../../../../src/core/data/cell-classes.js";
import { readRecords } from "../../../../src/core/data/sources/csv/read-records.js";
import { type LineEnd, RecordScan } from "../../../../src/core/data/sources/csv/scan.js";
import { queryRows } from "../../../../src/core/data/sources/duckdb.js";
import { valueAt } from "../../../../src/core/data/table/column.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-scan-"));
let files = 0;

function scanned(text: string, fields: number, separator = ",", pieceBytes = 1 << 20): RecordScan {
  const scan = new RecordScan({ separator, fields, header: false, mostBytes: 1 << 20 });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) if (!scan.push(bytes.subarray(at, at + pieceBytes))) break;
  scan.end();
  return scan;
}

/** The rows as DuckDB reads them; `null`: it does not. */
async function duckdbRows(
  text: string,
  fields: number,
  separator: string,
  lineEnd: LineEnd | null,
): Promise<readonly (string | null)[][] | null> {
  const file = join(folder, `${++files}.csv`);
  writeFileSync(file, text);
  const names = Array.from({ length: fields }, (_, column) => `c${column}`);
  const columns = names.map((name) => `'${name}': 'VARCHAR'`).join(", ");
  const ends = lineEnd === null ? "" : `, new_line = '${JSON.stringify(lineEnd).slice(1, -1)}'`;
  const options = `auto_detect = false, header = false, delim = '${separator}', quote = '"', escape = '"'${ends}`;
  return queryRows(`SELECT * FROM read_csv('${file}', ${options}, columns = {${columns}})`).then(
    (rows) => rows.map((row) => names.map((name) => row[name] as string | null)),
    () => null,
  );
}

const cell = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    "12",
    '""',
    '"x"',
    '"x,y"',
    '"x""y"',
    '"',
    ' "z"',
    '"z" ',
    "é",
    '"a\nb"',
    '"\r\n"',
    " ",
    ":",
    '"::"',
  ),
  fc.string({ unit: fc.constantFrom(...'ab1 ",\n'), maxLength: 5 }),
);

describe("records", () => {
  test("are DuckDB's, whatever the file holds", async () => {
    const file = fc.record({
      fields: fc.integer({ min: 1, max: 3 }),
      separator: fc.constantFrom(",", "::", "\t"),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      records: fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      closed: fc.boolean(),
      piece: fc.integer({ min: 1, max: 9 }),
    });
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(file, async ({ fields, separator, end, records, closed, piece }) => {
        const lines = records.map((record) => record.slice(0, fields + 1).join(separator));
        const text = lines.join(end) + (closed ? end : "");
        // Empty lines at the beginning are skipped; DuckDB is told how many there are.
        fc.pre(!/^[\r\n]/.test(text));
        const scan = scanned(text, fields, separator, piece);
        // DuckDB refuses most files of mixed line ends, and reads some.
        fc.pre(scan.fault?.kind !== "line ends");
        const rows = await duckdbRows(text, fields, separator, scan.lineEnd);
        const place = JSON.stringify({ text, fault: scan.fault });
        expect(scan.fault === null ? scan.records : null, place).toBe(rows?.length ?? null);
        if (rows === null) return;
        whole += 1;
        const classes = Array.from({ length: fields }, (_, column) =>
          rows.reduce((bits, row) => bits | (row[column] === null ? 0 : classOfCell(row[column] as string)), 0),
        );
        const columns = Array.from({ length: fields }, () => ({ kind: "text", nulls: [] }) as const);
        const read = readRecords(Buffer.from(text), rows.length, { separator, columns });
        expect(read?.length, place).toBe(fields);
        const values = rows.map((_, row) => read!.map((column) => valueAt(column!, row)));
        expect(values, place).toEqual(rows);
        // A column of text is text, whatever else it holds.
        const found = (bits: number): number => Math.min(bits, textCell);
        expect([...scan.classes].map(found), place).toEqual(classes.map(found));
      }),
      { numRuns: 1500, seed: 16 },
    );
    expect(whole).toBeGreaterThan(50);
  });
});
