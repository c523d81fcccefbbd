/** Encoded rows on disk: what is read is what was encoded; the cache is quick to find, never stale, and may be damaged. */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BlockFile } from "../../../src/core/data/block-file.js";
import { BlockWriter } from "../../../src/core/data/block-writer.js";
import { PartCollector } from "../../../src/core/data/encode/collect-parts.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { trainingBatches } from "../../../src/core/data/encoded/batches.js";
import type { EncodedData, FeatureColumn } from "../../../src/core/data/encoded/encoded.js";
import { encodedRows } from "../../../src/core/data/encoded/encoded-rows.js";
import { rowsDigest } from "../../../src/core/data/encoded/hashes.js";
import { type EncodedRows, isStreamed, type StreamedData } from "../../../src/core/data/encoded/streamed.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { DataError } from "../../../src/core/errors/index.js";
import { random } from "../../../src/core/util/random.js";
import { comboSpec, idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

let folder = "";
let cache = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pepnet-stored-"));
  cache = join(folder, "cache");
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const spec = modelSpec({
  features: [
    idSpec("user_id", 50),
    idSpec("tags", 10, { separator: "|", pooling: "mean" }),
    idSpec("likes", 10, { separator: "|", weighted: true }),
    rawSpec("sizes", { valueDim: 2, separator: "|" }),
    idSpec("scene", 2),
  ],
  labels: ["clk", "scene"],
  sampleWeights: ["importance"],
  domains: { column: "scene", count: 2, names: null },
  towers: [towerSpec("ctr", "clk", { sampleWeight: "importance" })],
});

/** Rows with an id out of range and a missing one among them. */
function columns(rows: number, seed = 1) {
  const source = random(seed);
  const numbers = (below: number) => Array.from({ length: rows }, () => source.integer(below));
  const lists = (of: () => string) =>
    Array.from({ length: rows }, () => Array.from({ length: source.integer(4) }, of).join("|"));
  return {
    user_id: numbers(51).map((id) => (id === 7 ? null : id)),
    tags: lists(() => String(source.integer(10))),
    likes: lists(() => `${source.integer(10)}:${source.integer(5) / 4}`),
    sizes: Array.from({ length: rows }, () => `${source.uniform()}|${source.uniform()}`),
    scene: numbers(2),
    clk: numbers(2),
    importance: numbers(3),
  };
}

async function file(rows = 1000, name = "log.parquet"): Promise<string> {
  return (await openTable(columns(rows))).toParquet(join(folder, name));
}

const entries = (): string[] => (existsSync(cache) ? readdirSync(cache) : []);
const entryPath = (): string => join(cache, entries()[0] as string);
/** Encoded rows without what happened to the cache. */
const plain = (data: EncodedRows): EncodedData => ({ ...(data as EncodedData), notes: [] });

describe("the cache", () => {
  test("gives back what was encoded, warnings too", async () => {
    const path = await file();
    const expected = plain(await encode(await openTable(path), spec));
    expect(expected.warnings.length).toBeGreaterThan(1);
    expect(plain(await encodedRows(await openTable(path), spec))).toEqual(expected);
    const [entry] = entries();
    const written = statSync(join(cache, entry as string)).ino;
    expect(plain(await encodedRows(await openTable(path), spec))).toEqual(expected);
    expect(statSync(join(cache, entry as string)).ino).toBe(written);
    expect(entries()).toEqual([entry]);
  });

  test("has rows with the same digest in memory and on disk, and another where any value differs", async () => {
    const path = await file(9000);
    const held = await encodedRows(await openTable(path), spec);
    const stored = await encodedRows(await openTable(path), spec, { memoryMB: 0.1 });
    expect([isStreamed(held), isStreamed(stored)]).toEqual([false, true]);
    const digest = await rowsDigest(held);
    expect(await rowsDigest(stored)).toBe(digest);
    const all = plain(held);
    for (const row of [0, 4095, 4096, 8999]) {
      for (const part of ["labels", "sampleWeights"] as const) {
        const changed = new Map([...all[part]].map(([name, values]) => [name, values.slice()]));
        for (const values of changed.values()) values[row]! += 1;
        expect(await rowsDigest({ ...all, [part]: changed }), `${part} of row ${row}`).not.toBe(digest);
      }
      for (const [name, column] of all.features) {
        const other = structuredClone(column);
        if (other.kind === "dense") other.values[row * other.dim]! += 1;
        else if (other.kind === "ids") other.ids[row]! += 1;
        else other.ids[other.offsets[row]!]! += 1;
        const features = new Map([...all.features, [name, other]]);
        expect(await rowsDigest({ ...all, features }), `${name} of row ${row}`).not.toBe(digest);
      }
    }
  });

  test("has one entry for what encodes alike, and another for what does not", async () => {
    const path = await file();
    await encodedRows(await openTable(path), spec);
    const [user, ...others] = spec.features;
    const wider = { ...spec, features: [{ ...user!, embeddingDim: 32 } as typeof user & object, ...others] };
    await encodedRows(await openTable(path), wider);
    expect(entries()).toHaveLength(1);
    await encodedRows(await openTable(path), { ...spec, features: [idSpec("user_id", 40), ...others] });
    expect(entries()).toHaveLength(2);
    await encodedRows((await openTable(path)).slice(0, 10), spec);
    expect(entries()).toHaveLength(3);
  });

  test("is left alone where it is not wanted", async () => {
    await encodedRows(await openTable(await file()), spec, { cache: false });
    await encodedRows(await openTable(columns(10)), spec);
    expect(entries()).toEqual([]);
  });

  test("never gives old rows for a file that has changed, its size and time as before", async () => {
    const path = join(folder, "log.csv");
    writeFileSync(path, "user_id,clk\n1,0\n2,1\n");
    const small = modelSpec({ features: [idSpec("user_id", 9)], labels: ["clk"], towers: [towerSpec("ctr", "clk")] });
    const { atime, mtime } = statSync(path);
    const before = await openTable(path);
    await encodedRows(before, small);
    writeFileSync(path, "user_id,clk\n1,0\n3,1\n");
    utimesSync(path, atime, mtime);
    const now = (await encodedRows(await openTable(path), small)) as EncodedData;
    expect(now.features.get("user_id")).toEqual({ kind: "ids", ids: Int32Array.of(1, 3) });
    const stale = await encodedRows(before, small).catch((error: unknown) => error);
    expect(stale).toBeInstanceOf(DataError);
    expect((stale as DataError).problems[0]).toMatchObject({
      path,
      message: "the data has changed since it was opened",
      fix: "open it again",
    });
  });

  test("still has the rows of a file that is gone since it was opened", async () => {
    const path = await file();
    const table = await openTable(path);
    const expected = plain(await encodedRows(table, spec));
    rmSync(path);
    expect(plain(await encodedRows(table, spec))).toEqual(expected);
  });

  test.each([
    ["changed", (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)))],
    ["cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ["emptied", () => Buffer.alloc(0)],
  ])("that was %s is made anew, with a note", async (_, damage) => {
    const path = await file();
    const expected = plain(await encodedRows(await openTable(path), spec));
    const whole = readFileSync(entryPath());
    writeFileSync(entryPath(), damage(whole));
    const again = await encodedRows(await openTable(path), spec);
    expect(plain(again)).toEqual(expected);
    expect(again.notes?.[0]).toMatch(/was damaged .* and was rebuilt/);
    expect(readFileSync(entryPath()).equals(whole)).toBe(true);
  });

  test.each([
    ["other rows", 900, spec],
    ["another model", 1000, { ...spec, features: spec.features.filter(({ name }) => name !== "tags") }],
  ])("whose checksums hold but which is of %s is made anew, with a note", async (_, rows, other) => {
    const path = await file();
    const expected = plain(await encodedRows(await openTable(path), spec));
    const entry = entryPath();
    const whole = readFileSync(entry);
    rmSync(entry);
    await encodedRows(await openTable(await file(rows, "other.parquet")), other);
    renameSync(entryPath(), entry);
    expect(readFileSync(entry).equals(whole)).toBe(false);
    const again = await encodedRows(await openTable(path), spec);
    expect(plain(again)).toEqual(expected);
    expect(again.notes?.[0]).toMatch(/was damaged .* and was rebuilt/);
    expect(readFileSync(entry).equals(whole)).toBe(true);
  });

  test("that cannot be written is done without, with a note; large rows then go elsewhere", async () => {
    writeFileSync(cache, "a file, not a folder");
    const path = await file();
    const held = await encodedRows(await openTable(path), spec);
    expect(held.notes?.join()).toContain(`were not cached in ${cache}`);
    expect(plain(held)).toEqual(plain(await encode(await openTable(path), spec)));
    const streamed = await encodedRows(await openTable(path), spec, { memoryMB: 0.01 });
    expect(isStreamed(streamed)).toBe(true);
    expect(readFileSync(cache, "utf8")).toBe("a file, not a folder");
  });

  test("removes the entries that were used longest ago where it is full", async () => {
    const paths = [await file(1000, "a.parquet"), await file(1000, "b.parquet"), await file(1000, "c.parquet")];
    await encodedRows(await openTable(paths[0]!), spec);
    const [first] = entries();
    utimesSync(join(cache, first!), 1, 1);
    await encodedRows(await openTable(paths[1]!), spec);
    vi.stubEnv("PEPNET_CACHE_GB", String((2.5 * statSync(join(cache, first!)).size) / 1e9));
    await encodedRows(await openTable(paths[2]!), spec);
    expect(entries()).toHaveLength(2);
    expect(entries()).not.toContain(first);
  });

  test("is not marked by an encoding that failed", async () => {
    const wrong = await (await openTable({ ...columns(100), clk: Array(100).fill(2) })).toParquet(
      join(folder, "wrong.parquet"),
    );
    await expect(encodedRows(await openTable(wrong), spec)).rejects.toThrow(/label "clk" is out of range/);
    expect(entries()).toEqual([]);
  });
});

test("encoding gives what it gave: where this changes, raise `encodingVersion` in src/core/data/encoded/encoded-rows.ts", async () => {
  const wide = modelSpec({
    ...spec,
    features: [
      ...spec.features,
      idSpec("user_hash", { kind: "hash", size: 97 }, { expression: "user:user_id" }),
      idSpec("word", { kind: "vocabList", values: ["3", "5"] }, { expression: "user:user_id", defaultValue: "0" }),
      rawSpec("cut", { expression: "item:importance", boundaries: [0.5, 1.5], embeddingDim: 4, defaultValue: "" }),
      comboSpec("cross", ["user:user_id", "user:scene"], { kind: "hash", size: 31 }),
    ],
  });
  await encodedRows(await openTable(await file(200)), wide);
  const digest = createHash("sha256").update(readFileSync(entryPath())).digest("hex").slice(0, 16);
  // No snapshot: `npm run goldens` must not accept another encoding under the same version.
  expect(digest).toBe("ce6744f5232a666d");
});

describe("rows on disk", () => {
  test("come in the same batches as rows in memory, epoch by epoch, and from any batch on", async () => {
    const rows = 300_000;
    const source = random(1);
    const ids = Int32Array.from({ length: rows }, () => source.integer(1000));
    const path = await (await openTable({ user_id: ids, clk: ids.map((id) => id % 2) })).toParquet(
      join(folder, "long.parquet"),
    );
    const small = modelSpec({
      features: [idSpec("user_id", 1000)],
      labels: ["clk"],
      towers: [towerSpec("ctr", "clk")],
    });
    const memory = await encodedRows(await openTable(path), small);
    const disk = await encodedRows(await openTable(path), small, { memoryMB: 1 });
    expect([isStreamed(memory), isStreamed(disk)]).toEqual([false, true]);
    const idsOf = async (data: EncodedRows, options: { shuffle: boolean; epoch?: number; start?: number }) => {
      const batches: Int32Array[] = [];
      for await (const batch of trainingBatches(data, { batchSize: 50_000, seed: 5, ...options })) {
        const column = batch.data.features.get("user_id") as { ids: Int32Array };
        batches.push(batch.rows.map((row) => column.ids[row] as number));
      }
      return batches;
    };
    for (const options of [{ shuffle: false }, { shuffle: true, epoch: 1 }, { shuffle: true, epoch: 2, start: 5 }]) {
      const batches = await idsOf(disk, options);
      expect(batches).toHaveLength(options.start ? 1 : 6);
      expect(batches).toEqual(await idsOf(memory, options));
    }
    const whole = await idsOf(disk, { shuffle: true, epoch: 2 });
    expect(whole.slice(5)).toEqual(await idsOf(disk, { shuffle: true, epoch: 2, start: 5 }));
  });

  test("are the rows that were asked for, bags and weights too", async () => {
    const table = await openTable(columns(500));
    const disk = (await encodedRows(table, spec, { memoryMB: 0.01 })) as StreamedData;
    const rows = Int32Array.of(0, 1, 2, 31, 32, 33, 200, 499);
    const expected = await encode(table.take(rows), spec);
    const taken = await disk.take(rows);
    expect(trimmed(taken)).toEqual(trimmed(expected));
    expect((await disk.measured(new Set(["user_id"]))).labels).toEqual((await encode(table, spec)).labels);
    expect(disk.warnings).toEqual((await encode(table, spec)).warnings);
  });

  test("are checked as they are read", async () => {
    const path = await file();
    const disk = (await encodedRows(await openTable(path), spec, { memoryMB: 0.01 })) as StreamedData;
    const bytes = readFileSync(entryPath());
    bytes.fill(255, 100, 104);
    writeFileSync(entryPath(), bytes);
    await expect(disk.take(Int32Array.of(3))).rejects.toThrow(/damaged during use[\s\S]*run it again/);
  });
});

test("parts of any size, in memory or in a file, are one whole; ids become bags where one row has several", async () => {
  mkdirSync(cache);
  const counts = [7, 0, 50, 1, 100];
  const parts = counts.map((rows, part) => partOf(rows, part > 2));
  const collector = new PartCollector();
  const writer = new BlockWriter(join(cache, "parts"));
  for (const part of parts) {
    collector.append(part);
    writer.append(part);
  }
  writer.finish([]);
  const together = collector.finish();
  const expectedLengths = parts.flatMap((part) => bagsOf(part.features.get("user_id") as FeatureColumn, part.rows));
  expect(bagsOf(together.features.get("user_id") as FeatureColumn, 158)).toEqual(expectedLengths);
  expect((await new BlockFile(join(cache, "parts")).readAll()).data).toEqual(together);
});

/** Rows 0, 1, … with id −1 every third row; `several`: bags, of two ids every second row. */
function partOf(rows: number, several: boolean): EncodedData {
  const ids = Int32Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? -1 : row));
  const bags = Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? [row, row + 1] : []));
  const offsets = new Int32Array(rows + 1);
  for (const [row, bag] of bags.entries()) offsets[row + 1] = (offsets[row] as number) + bag.length;
  const column: FeatureColumn = several
    ? { kind: "bag", offsets, ids: Int32Array.from(bags.flat()), weights: null }
    : { kind: "ids", ids };
  const labels = new Map([["clk", Float32Array.from({ length: rows }, (_, row) => row / 2)]]);
  return {
    rows,
    features: new Map([["user_id", column]]),
    labels,
    sampleWeights: new Map(),
    domains: null,
    warnings: [],
  };
}

function bagsOf(column: FeatureColumn, rows: number): number[][] {
  if (column.kind === "dense") throw new Error("no ids");
  return Array.from({ length: rows }, (_, row) =>
    column.kind === "ids"
      ? [...column.ids.subarray(row, row + 1)].filter((id) => id >= 0)
      : [...column.ids.subarray(column.offsets[row], column.offsets[row + 1])],
  );
}

/** Bags without the room that a buffer has for more. */
function trimmed(data: EncodedData): EncodedData {
  const features = [...data.features].map(([name, column]): [string, FeatureColumn] => {
    if (column.kind !== "bag") return [name, column];
    const end = column.offsets[data.rows] as number;
    return [name, { ...column, ids: column.ids.slice(0, end), weights: column.weights?.slice(0, end) ?? null }];
  });
  return { ...data, features: new Map(features), warnings: [], notes: [] };
}
