/**
 * One value is one id, and one number, whichever way it comes: CSV (by DuckDB, by threads, compressed), Parquet with types
 * and as text, SQL, rows and columns in memory, a data frame, JSON through an exported model's encoders, and Python.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "../../../src/core/data/check/check.js";
import { asBag } from "../../../src/core/data/encode/collect-parts.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { EncodedData, FeatureColumn } from "../../../src/core/data/encoded/encoded.js";
import { withConnection } from "../../../src/core/data/sources/duckdb.js";
import { fileSource, openTable, type TableSource } from "../../../src/core/data/table/open.js";
import { Table } from "../../../src/core/data/table/table.js";
import type { DataError } from "../../../src/core/errors/index.js";
import { makeEncoders } from "../../../src/core/serve/encoders.js";
import { encodingSpec } from "../../../src/core/serve/encoders-shape.js";
import type { IdFeatureSpec } from "../../../src/core/spec/feature/feature.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { python } from "../../kernel/python.js";
import { comboSpec, idSpec, modelSpec, rawSpec, towerSpec } from "../data/specs.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-sources-"));
let files = 0;
const place = (ending: string) => path.join(folder, `${++files}.${ending}`);

/** How one kind of column is written: DuckDB's type, a JavaScript value, a CSV cell and a JSON value. */
interface Kind {
  readonly type: string;
  readonly value: (drawn: number) => unknown;
  /** Of the value; what SQL reads as it, too. */
  readonly cell: (drawn: number) => string;
}

const pick = <T>(values: readonly T[], drawn: number): T => values[Math.abs(drawn) % values.length] as T;
const midnight = (drawn: number): number => (Math.abs(drawn) % 40_000) * 86_400_000;
const iso = (time: number): string => new Date(time).toISOString();
/** Not at midnight: there the text is the day alone. */
const moment = (drawn: number): number => midnight(drawn) + 1 + (Math.abs(drawn) % 86_399_999);
const clock = (drawn: number): string => {
  const text = iso(moment(drawn)).slice(0, -1).replace("T", " ");
  return text.endsWith(".000") ? text.slice(0, -4) : text.replace(/0+$/, "");
};
const words = ["True", "yes", "NO", "f", "t", "Yes"];
const texts = ["a", "naïve", "0012", "+1", "1.2.3", "x y", "東", "null", "1e400", "0x1F", "2024-13-01", "NaN?", "."];

const kinds: Readonly<Record<string, Kind>> = {
  int: { type: "INTEGER", value: (n) => n % 50, cell: (n) => String(n % 50) },
  long: { type: "BIGINT", value: (n) => n * 4_000_000, cell: (n) => String(n * 4_000_000) },
  large: {
    type: "DECIMAL(38,0)",
    value: (n) => BigInt(n) * 10n ** 20n + 7n,
    cell: (n) => String(BigInt(n) * 10n ** 20n + 7n),
  },
  decimal: { type: "DECIMAL(30,0)", value: (n) => BigInt(n) * 10n ** 18n, cell: (n) => String(BigInt(n) * 10n ** 18n) },
  whole: { type: "DOUBLE", value: (n) => n % 70, cell: (n) => `${n % 70}.0` },
  single: { type: "FLOAT", value: (n) => n % 60, cell: (n) => ` ${n % 60}.` },
  flag: { type: "BOOLEAN", value: (n) => n % 2 === 0, cell: (n) => String(n % 2 === 0) },
  truth: { type: "VARCHAR", value: (n) => pick(words, n), cell: (n) => pick(words, n) },
  day: { type: "DATE", value: (n) => new Date(midnight(n)), cell: (n) => iso(midnight(n)).slice(0, 10) },
  time: { type: "TIMESTAMP", value: (n) => new Date(moment(n)), cell: clock },
  zoned: { type: "TIMESTAMPTZ", value: (n) => new Date(moment(n)), cell: clock },
  text: { type: "VARCHAR", value: (n) => pick(texts, n), cell: (n) => pick(texts, n) },
  price: { type: "DOUBLE", value: (n) => n / 64, cell: (n) => String(n / 64) },
};
const names = Object.keys(kinds);
const json = (name: string, drawn: number): unknown => {
  const { value, cell, type } = kinds[name] as Kind;
  // JSON has no times and no large numbers: they are text.
  return /TIME|DATE|DECIMAL/.test(type) ? cell(drawn) : value(drawn);
};

const hash = { kind: "hash", size: 10_007 } as const;
const ids = names.filter((name) => name !== "price");
const spec: ModelSpec = modelSpec({
  features: [
    ...ids.map((name) => idSpec(`${name}_hash`, hash, { expression: `item:${name}`, defaultValue: "none" })),
    ...["int", "whole", "single", "flag", "truth"].map((name) =>
      idSpec(`${name}_rows`, 50, { expression: `item:${name}`, defaultBucket: 3 }),
    ),
    idSpec("listed", { kind: "vocabList", values: ["true", "false"] }, { expression: "item:flag" }),
    idSpec(
      "listed_days",
      { kind: "vocabDict", entries: { "1970-01-01": 1, "1970-01-02": 2 } },
      { expression: "item:day", defaultBucket: 0 },
    ),
    idSpec("listed_numbers", { kind: "vocabList", values: ["7", "8", "-1"] }, { expression: "item:whole" }),
    idSpec("several", hash, { expression: "item:text", separator: " " }),
    ...["int", "whole", "flag", "truth", "day", "time", "zoned", "price"].map((name) =>
      rawSpec(`${name}_raw`, { expression: `item:${name}`, normalizer: "method=minmax,min=0,max=100" }),
    ),
    rawSpec("cut", { expression: "item:flag", boundaries: [0.5], embeddingDim: 4, defaultValue: "" }),
    rawSpec("cut_time", { expression: "item:time", boundaries: [1e12, 2e12], embeddingDim: 4, defaultValue: "" }),
    ...["int", "whole", "flag", "truth", "day", "time", "price"].map((name) =>
      comboSpec(`cross_${name}`, [`item:${name}`, "item:text"], hash),
    ),
    ...["hour", "weekday", "month", "is_a", "is_flag", "is_cheap"].map((name) =>
      idSpec(name, 24, { expression: `item:${name}` }),
    ),
    rawSpec("age", { expression: "item:age", normalizer: "method=expression,expr=sign(x)*ln(1+abs(x))" }),
  ],
  derived: {
    hour: { kind: "hour", from: "time", zone: "+05:30", unit: null },
    weekday: { kind: "weekday", from: "day", zone: "-00:30", unit: null },
    month: { kind: "month", from: "zoned", zone: "Z", unit: null },
    is_a: { kind: "equals", from: "text", values: ["a", "0012"] },
    is_flag: { kind: "equals", from: "flag", values: [true] },
    is_cheap: { kind: "atMost", from: "price", value: 0.5 },
    age: { kind: "days", from: "day", to: "time", until: null, unit: null },
  },
});

/** Rows of a feature, so that one id a row and lists of one compare. */
function comparable(column: FeatureColumn): unknown {
  if (column.kind === "dense") return [...column.values];
  const { offsets, ids: rows, weights } = asBag(column);
  return [...offsets.subarray(1)].map((end, row) => [
    [...rows.subarray(offsets[row], end)],
    weights === null ? null : [...weights.subarray(offsets[row], end)],
  ]);
}

const shown = (data: EncodedData): Record<string, unknown> => ({
  ...Object.fromEntries([...data.features].map(([name, column]) => [name, comparable(column)])),
  labels: Object.fromEntries([...data.labels].map(([name, values]) => [name, [...values]])),
  domains: data.domains === null ? null : [...data.domains],
});

type Drawn = readonly Readonly<Record<string, number | null>>[];

/** The same rows, each way. */
async function everyWay(rows: Drawn): Promise<Record<string, TableSource>> {
  const cells = rows.map((row) => names.map((name) => (row[name] == null ? null : kinds[name]!.cell(row[name]!))));
  const typed = rows.map((row) =>
    Object.fromEntries(names.map((n) => [n, row[n] == null ? null : kinds[n]!.value(row[n]!)])),
  );
  const csv = `${[names, ...cells.map((line) => line.map((cell) => cell ?? ""))].map((line) => line.join(",")).join("\n")}\n`;
  const plain = place("csv");
  writeFileSync(plain, csv);
  const packed = place("csv.gz");
  writeFileSync(packed, gzipSync(csv.replace(/[^,\n]+/g, '"$&"')));
  const [parquet, written] = [place("parquet"), place("parquet")];
  const values = cells
    .map((line) => `(${line.map((cell) => (cell === null ? "NULL" : `'${cell}'`)).join(", ")})`)
    .join(", ");
  const texts = `(VALUES ${values}) rows(${names.map((name) => `"${name}"`).join(", ")})`;
  // A text of a number is another id than the number: those that are numbers in CSV are numbers here.
  const keep = names.map((name) =>
    /DOUBLE|FLOAT/.test(kinds[name]!.type)
      ? `CAST("${name}" AS DOUBLE) AS "${name}"`
      : `CAST("${name}" AS VARCHAR) AS "${name}"`,
  );
  const cast = names.map((name) => `CAST("${name}" AS ${kinds[name]!.type}) AS "${name}"`);
  await withConnection(async (connection) => {
    await connection.run(`COPY (SELECT ${cast.join(", ")} FROM ${texts}) TO '${parquet}'`);
    await connection.run(`COPY (SELECT ${keep.join(", ")} FROM ${texts}) TO '${written}'`);
  });
  const columns = Object.fromEntries(names.map((name) => [name, typed.map((row) => row[name])]));
  const data = names.map((name) => columns[name] as unknown[]);
  const frame = { columns: names, shape: [rows.length, names.length], getColumnData: data, $data: [] };
  const again = place("parquet");
  await (await openTable(plain)).toParquet(again);
  const typedAgain = place("parquet");
  await (await openTable(parquet)).toParquet(typedAgain);
  return {
    "CSV by DuckDB": plain,
    "CSV by threads": new Table(await fileSource([plain], { threadsFrom: 0, rangeBytes: 500 })),
    "CSV, quoted and compressed": packed,
    "CSV, written to Parquet": again,
    "Parquet with types": parquet,
    "Parquet with types, written again": typedAgain,
    "Parquet with text": written,
    SQL: { sql: `select * from '${parquet}'` },
    "SQL of a CSV's text": {
      sql: `select * replace (cast(whole as double) as whole, cast(single as double) as single, cast(price as double) as price) from read_csv('${plain}', all_varchar = true)`,
    },
    rows: typed,
    columns,
    frame,
    "the rows that head gives": await (await openTable(parquet)).head(rows.length),
  };
}

const row = fc.record(
  Object.fromEntries(names.map((name) => [name, fc.option(fc.integer({ min: -5000, max: 200_000 }), { freq: 12 })])),
);
/** The first row has every value, so that every column has a type. */
const table = fc.tuple(
  fc.record(Object.fromEntries(names.map((name) => [name, fc.nat(9999)]))),
  fc.array(row, { maxLength: 30 }),
);
const drawnRows = table.map(([first, rest]): Drawn => [first, ...rest]);

describe("the same value is the same id and the same number", () => {
  test("from every source, and through an exported model's encoders", async () => {
    const served = encodingSpec(makeEncoders(spec, false), false);
    await fc.assert(
      fc.asyncProperty(drawnRows, async (rows) => {
        const ways = await everyWay(rows);
        const expected = shown(await encode(await openTable(ways["rows"] as TableSource), spec));
        for (const [way, source] of Object.entries(ways)) {
          const opened = await openTable(source);
          expect(shown(await encode(opened, spec)), way).toEqual(expected);
          expect(shown(await encode(opened, served, { labels: false })), `${way}, served`).toEqual(expected);
        }
        // JSON has text for what it has no type for.
        const parsed = JSON.parse(
          JSON.stringify(
            rows.map((own) =>
              Object.fromEntries(names.map((name) => [name, own[name] == null ? null : json(name, own[name]!)])),
            ),
          ),
        );
        expect(shown(await encode(await openTable(parsed), served, { labels: false })), "JSON, served").toEqual(
          expected,
        );
      }),
      { numRuns: process.env["PEPNET_LONG"] ? 100 : 10, seed: 13 },
    );
  });

  test.skipIf(python === null)("in Python, by encoders.json alone", async () => {
    const rows = fc.sample(drawnRows, { numRuns: 12, seed: 7 }).flat();
    const parsed = rows.map((own) =>
      Object.fromEntries(names.map((name) => [name, own[name] == null ? null : json(name, own[name]!)])),
    );
    const [encoders, input, output] = [place("json"), place("json"), place("json")];
    writeFileSync(encoders, JSON.stringify(makeEncoders(spec, false)));
    writeFileSync(input, JSON.stringify(parsed));
    execFileSync(python as string, [path.join(__dirname, "encoding.py"), encoders, input, output]);
    const found = JSON.parse(readFileSync(output, "utf8")) as Record<string, unknown[]>;
    const { features } = await encode(await openTable(parsed), spec);
    for (const [name, column] of features) {
      const own = found[name] as (readonly [number, number][] | number[])[];
      const expected =
        column.kind === "dense"
          ? own.flatMap((values) => (values as number[]).map(Math.fround))
          : own.map((pairs) => [(pairs as [number, number][]).map(([id]) => id), null]);
      expect(comparable(column), name).toEqual(expected);
    }
  });

  test("lists of booleans, days and numbers are the texts that they would be joined to", async () => {
    const lists = {
      flags: [[true, false], [true]],
      days: [[new Date(0), new Date(86_400_000)], []],
      numbers: [[7, 8], [9]],
    };
    const joined = { flags: ["true|false", "true"], days: ["1970-01-01|1970-01-02", ""], numbers: ["7|8", "9"] };
    const path = place("parquet");
    await (await openTable(lists)).toParquet(path);
    const several = modelSpec({
      features: Object.keys(lists).map((name) => idSpec(name, hash, { separator: "|" })),
    });
    const expected = shown(await encode(await openTable(joined), several));
    for (const source of [lists, path] as TableSource[]) {
      expect(shown(await encode(await openTable(source), several))).toEqual(expected);
    }
  });

  test("what is no id is one in no source: fractions, exponents in numbers, times where rows are due", async () => {
    const model = (column: string, encoding: IdFeatureSpec["encoding"]) =>
      modelSpec({ features: [idSpec(column, encoding)] });
    const csv = (name: string, ...cells: string[]) => {
      const path = place("csv");
      writeFileSync(path, `${name},n\n${cells.map((cell) => `${cell},1`).join("\n")}\n`);
      return path;
    };
    const problem = async (source: TableSource, spec: ModelSpec) =>
      encode(await openTable(source), spec).then(
        () => null,
        (error: unknown) => (error as DataError).problems[0],
      );
    for (const source of [
      { x: [1, 2.5] },
      csv("x", "1", "2.5"),
      { sql: "select unnest([1, 2.5]) as x" },
    ] as TableSource[]) {
      expect(await problem(source, model("x", hash))).toMatchObject({
        received: '"2.5"',
        fix: expect.stringMatching(/^round the column/),
      });
    }
    expect(await problem(csv("x", "1", "1e3"), model("x", hash))).toMatchObject({
      received: '"1e3"',
      fix: "write ids with all digits, without an exponent",
    });
    for (const source of [
      { x: [new Date(0)] },
      csv("x", "1970-01-01"),
      { sql: "select date '1970-01-01' as x" },
    ] as TableSource[]) {
      expect(await problem(source, model("x", { kind: "buckets", count: 5 }))).toMatchObject({
        received: '"1970-01-01"',
      });
    }
    // In a column of text the same cells are text.
    const mixed = await openTable(csv("x", "7.0", "1e3", "2.5", "seven"));
    const { features } = await encode(mixed, model("x", hash));
    const text = await encode(await openTable({ x: ["7.0", "1e3", "2.5", "seven"] }), model("x", hash));
    expect(features).toEqual(text.features);
    expect((await check(mixed, model("x", hash))).findings).toContainEqual(
      expect.objectContaining({
        severity: "minor",
        rows: 1,
        message: expect.stringContaining("zeros after the point"),
        fix: expect.stringContaining("without a point"),
      }),
    );
  });

  test("labels and domains are numbers of booleans and of words for yes and no", async () => {
    const model = modelSpec({
      labels: ["clk"],
      towers: [towerSpec("ctr", "clk")],
      domains: { column: "scene", count: 2, names: null },
    });
    const expected = { labels: { clk: [1, 0, 1] }, domains: [0, 1, 1] };
    for (const [clk, scene] of [
      [
        [true, false, true],
        [0, 1, 1],
      ],
      [
        ["yes", "no", "Yes"],
        [false, true, true],
      ],
      [
        ["True", "False", "True"],
        ["false", "true", "true"],
      ],
      [
        [1, 0, 1],
        ["F", "T", "t"],
      ],
    ] as [unknown[], unknown[]][]) {
      const plain = place("csv");
      writeFileSync(plain, `clk,scene\n${clk.map((label, at) => `${label},${scene[at]}`).join("\n")}\n`);
      for (const source of [{ clk, scene }, plain] as TableSource[]) {
        expect(shown(await encode(await openTable(source), model))).toEqual(expected);
      }
    }
  });
});
