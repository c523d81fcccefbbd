/** A DuckDB database with a memory limit and a spill folder, for logs larger than memory. */

import { existsSync, rmSync } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type DuckDBConnection, fileList, openDatabase } from "../data/sources/duckdb.js";
import { literal } from "../data/sources/names.js";
import { isFile, readFirst } from "../data/sources/paths.js";
import { DataError } from "../errors/index.js";
import { makeFolders } from "../util/files/make-folders.js";
import {
  beginUnfinished,
  checksumFile,
  checksumsFile,
  endUnfinished,
  manifestText,
  parseManifest,
} from "../util/unfinished.js";
import { writeFileWhole, writeWhole } from "../util/write-whole.js";

const names: readonly string[] = ["train.parquet", "test.parquet", "pipeline.config"];

/** Throws a DataError if a file has the name of an output but no recipe wrote it, or it has changed since. */
async function assertPreparable(out: string): Promise<void> {
  const sums = await listed(out);
  const outputs = (await readdir(out).catch(() => [] as string[])).filter((name) => names.includes(name));
  const inTheWay: string[] = sums === null ? [checksumsFile] : [];
  for (const name of outputs) {
    const isFile = (await lstat(join(out, name))).isFile();
    if (!isFile || sums?.get(name) !== (await checksumFile(join(out, name)))) inTheWay.push(name);
  }
  if (inTheWay.length === 0) return;
  throw new DataError(
    inTheWay.map((name) => ({
      path: join(out, name),
      message: "no recipe wrote this file, or it has changed since; nothing was overwritten",
      expected: "a new folder, or one written by a recipe",
      fix: "move the file elsewhere, or choose another folder",
    })),
  );
}

export async function writePrepared(
  out: string,
  name: string,
  write: (fresh: string) => Promise<unknown>,
): Promise<string> {
  const file = join(out, name);
  await writeWhole(file, write);
  const sums = new Map((await listed(out)) ?? []).set(name, (await checksumFile(file)) as string);
  await writeFileWhole(join(out, checksumsFile), manifestText(sums));
  return file;
}

/** The list; empty if it is missing, `null` if it is another program's. */
async function listed(out: string): Promise<ReadonlyMap<string, string> | null> {
  const text = await readFile(join(out, checksumsFile), "utf8").catch(() => "");
  if (text === "") return new Map();
  const sums = parseManifest(text);
  return sums !== null && [...sums.keys()].every((name) => names.includes(name)) ? sums : null;
}

export interface Workspace {
  run(sql: string): Promise<void>;
  numbers(sql: string): Promise<Record<string, number>>;
}

/** Creates `out`; deletes the database and spilled files at the end. @throws DataError for DuckDB errors. */
export async function inWorkspace<T>(out: string, memory: string, work: (space: Workspace) => Promise<T>): Promise<T> {
  await assertPreparable(out);
  makeFolder(resolve(out));
  const spill = beginUnfinished(resolve(out, "spill")); // DuckDB expands a leading ~ to the home folder
  makeFolder(spill);
  // Tables are stored in a file: in memory they would count against the limit.
  const settings = { memory_limit: memory, temp_directory: spill, preserve_insertion_order: "false" };
  const instance = await openDatabase(join(spill, "work.duckdb"), settings);
  const connection = await instance.connect();
  try {
    return await work({
      run: async (sql) => void (await explained(() => connection.run(sql))),
      numbers: (sql) => explained(() => firstRow(connection, sql)),
    });
  } finally {
    connection.disconnectSync();
    instance.closeSync();
    rmSync(spill, { recursive: true, force: true });
    endUnfinished(spill);
  }
}

function makeFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    throw new DataError(
      { path: folder, message: "the folder cannot be created", received: (error as Error).message },
      { cause: error },
    );
  }
}

async function firstRow(connection: DuckDBConnection, sql: string): Promise<Record<string, number>> {
  const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJS();
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value ?? 0)]));
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (/out of memory/i.test(text)) {
      const fix = 'allow more: { memory: "8GB" }, --memory 8GB on the command line, or use a share of the users';
      throw new DataError(
        { path: "recipe.memory", message: `DuckDB needs more memory: ${lines[0]}`, fix },
        { cause: error },
      );
    }
    throw new DataError(
      { path: "recipe", message: `the files differ from the published format: ${lines.slice(0, 8).join("\n    ")}` },
      { cause: error },
    );
  }
}

/** Throws a DataError if the folder or one of its files is missing. */
export function requireFiles(folder: string, files: readonly string[], about: string): void {
  const missing = files.filter((file) => !isFile(join(folder, file)));
  if (missing.length === 0) return;
  throw new DataError({
    path: folder,
    message: existsSync(folder) ? `the folder lacks ${missing.join(", ")}` : "no such folder",
    expected: `a folder with ${files.join(", ")}`,
    fix: about,
  });
}

/** A published CSV file with typed columns; throws a DataError if its header differs. */
export function publishedCsv(folder: string, file: string, columns: Readonly<Record<string, string>>): string {
  const path = join(folder, file);
  const [line = ""] = readFirst(path, 1 << 16)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split(/[\r\n]/, 1);
  const header = line.split(",").map((name) => name.replace(/^\s*"(.*)"\s*$/, "$1").trim());
  const names = Object.keys(columns);
  if (header.join(",") !== names.join(",")) {
    throw new DataError({
      path: `${path}: line 1`,
      message: "the columns differ from the published file",
      received: header.join(","),
      expected: names.join(","),
      fix: "use the downloaded file unchanged",
    });
  }
  const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `read_csv(${fileList([path])}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = ['', 'NULL'], columns = {${types.join(", ")}})`;
}

/** One step of a recipe, with the number of affected rows. */
export interface RecipeStep {
  readonly what: string;
  readonly rows: number;
  /** The reason or meaning; `null` if the description is sufficient. */
  readonly why: string | null;
}

/** A public data set, prepared for training. */
export interface PreparedData {
  /** The display name: `MovieLens 1M`. */
  readonly name: string;
  readonly folder: string;
  readonly train: { readonly path: string; readonly rows: number };
  readonly test: { readonly path: string; readonly rows: number };
  readonly steps: readonly RecipeStep[];
  /** `num_buckets` of the numeric id columns. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Names of the domain column's values, in order. */
  readonly domains: readonly string[];
  /** Whether purchases and tags exist (from Taobao's behaviour log). */
  readonly behaviour: boolean;
}
