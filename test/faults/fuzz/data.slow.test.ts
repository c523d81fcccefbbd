/** Files and columns of any content end in encoded rows or in an error that names file, row or column. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable, type TableSource } from "../../../src/core/data/table/open.js";
import { idSpec, modelSpec, rawSpec, towerSpec } from "../../core/data/specs.js";
import { cases, damaged, damagedText, endsWell, prototypeNames } from "./fuzzing.js";

const spec = modelSpec({
  features: [idSpec("user", 10), idSpec("scene", 2), rawSpec("price")],
  labels: ["clk", "scene"],
  domains: { column: "scene", count: 2, names: null },
  towers: [towerSpec("ctr", "clk")],
});
const rows = { user: [0, 1, 2, 9], scene: [0, 1, 1, 0], price: [1.5, -2, 0, 3e5], clk: [0, 1, 1, 0] };
const csv = "user,scene,price,clk\n0,0,1.5,0\n1,1,-2,1\n2,1,0,1\n9,0,3e5,0\n";
const words = [",", "\n", '"', ";", "\t", "NaN", "null", "-1", "1e400", "9007199254740993", "\u00e9", "\0", "\r"];

let folder: string;
let parquet: Uint8Array;
let file = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-fuzz-data-"));
  parquet = await readFile(await (await openTable(rows)).toParquet(path.join(folder, "whole.parquet")));
});
afterAll(() => rm(folder, { recursive: true }));

async function taken(source: TableSource): Promise<void> {
  const table = await endsWell(() => openTable(source));
  if (table !== null) await endsWell(() => encode(table, spec));
}

async function written(bytes: Uint8Array): Promise<string> {
  const place = path.join(folder, `${file++}.csv.gz`);
  await writeFile(place, bytes);
  return place;
}

async function takenFile(content: string | Uint8Array, kind: "csv" | "parquet"): Promise<void> {
  const place = path.join(folder, `${file++}.${kind}`);
  await writeFile(place, content);
  await taken(place);
  await rm(place);
}

describe("data", () => {
  it("CSV that was damaged", async () => {
    await fc.assert(
      fc.asyncProperty(damagedText(csv, words), (text) => takenFile(text, "csv")),
      cases(300, 1),
    );
  });

  it("CSV of any cells", async () => {
    const cell = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.double().map(String),
      fc.integer().map(String),
      fc.constantFrom(...words, ""),
    );
    const text = fc.array(
      fc.array(cell, { minLength: 1, maxLength: 5 }).map((cells) => cells.join(",")),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(text, (lines) => takenFile(`user,scene,price,clk\n${lines.join("\n")}`, "csv")),
      cases(200, 2),
    );
  });

  it("CSV of any bytes, however it is said to be written; every name of its header is in its rows", async () => {
    const said = fc.record(
      {
        header: fc.boolean(),
        names: fc.uniqueArray(fc.oneof(fc.constantFrom(...prototypeNames), fc.string({ maxLength: 3 })), {
          maxLength: 4,
        }),
        separator: fc.oneof(fc.constantFrom(",", "::", "\t", "|"), fc.string({ maxLength: 4 })),
      },
      { requiredKeys: [] },
    );
    const name = fc.oneof(fc.constantFrom(...prototypeNames, "a", "a ", "A"), fc.string({ maxLength: 4 }));
    const cell = fc.oneof(fc.constantFrom(...words, "", "1", '"x"', '"a\nb"'), fc.string({ maxLength: 4 }));
    const table = fc.record({
      names: fc.array(name, { minLength: 1, maxLength: 4 }),
      rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
      separator: fc.constantFrom(",", "::", "\t", "|"),
      end: fc.constantFrom("\n", "\r\n", "\r"),
    });
    let read = 0;
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, said),
        async ({ names, rows: cells, separator, end }, options) => {
          const place = path.join(folder, `${file++}.csv`);
          await writeFile(place, [names, ...cells].map((line) => line.join(separator)).join(end));
          const opened = await endsWell(() => openTable(place, options));
          if (opened !== null) {
            const [first = {}] = await opened.head(1);
            expect(Object.keys(first).sort()).toEqual([...opened.names].sort());
            expect(await opened.toRows()).toHaveLength(opened.rows);
            read += 1;
            await endsWell(() => encode(opened, spec));
          }
          await rm(place);
        },
      ),
      cases(300, 6),
    );
    expect(read).toBeGreaterThan(20);
  });

  it("compressed CSV that was damaged is never read as other rows", async () => {
    const packed = gzipSync(csv.repeat(1).concat("3,0,1,1\n".repeat(200)));
    const whole = await openTable(await written(packed));
    await fc.assert(
      fc.asyncProperty(damaged(packed), async (bytes) => {
        const place = await written(bytes);
        const opened = await endsWell(() => openTable(place));
        if (opened !== null) expect(await opened.toRows()).toEqual(await whole.toRows());
      }),
      cases(200, 7),
    );
  });

  it("Parquet that was damaged", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constant(0).chain(() => damaged(parquet)),
        (bytes) => takenFile(bytes, "parquet"),
      ),
      cases(200, 3),
    );
  });

  it("columns of any values", async () => {
    const value = fc.oneof(
      fc.anything({ maxDepth: 1, withBigInt: true, withDate: true, withNullPrototype: true }),
      fc.integer({ min: -1, max: 11 }),
      fc.double(),
    );
    const column = fc.array(value, { minLength: 2, maxLength: 2 });
    const columns = fc.record({ user: column, scene: column, price: column, clk: column }, { requiredKeys: [] });
    const more = fc.dictionary(fc.constantFrom(...prototypeNames, "other"), column);
    await fc.assert(
      fc.asyncProperty(columns, more, (some, others) => taken({ ...rowsOf(2), ...some, ...others } as TableSource)),
      cases(1500, 4),
    );
  });

  it("rows of any objects", async () => {
    const row = fc.dictionary(
      fc.constantFrom("user", "scene", "price", "clk", ...prototypeNames),
      fc.anything({ maxDepth: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 4 }), (each) => taken(each as TableSource)),
      cases(500, 5),
    );
  });
});

function rowsOf(count: number): Record<string, number[]> {
  return Object.fromEntries(Object.entries(rows).map(([name, values]) => [name, values.slice(0, count)]));
}
