/** A DuckDB database with a memory limit and a spill folder, for logs larger than memory. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type DuckDBConnection, fileList, literal, openDatabase } from "../../data/sources/duckdb/index.js";
import { isFile, readFirst } from "../../data/sources/paths/index.js";
import { DataError } from "../../errors/index.js";
import { beginUnfinished, endUnfinished } from "../../util/atomic/unfinished.js";
import { assertPreparable } from "./prepared-folder.js";

/** Runs SQL in the recipe's database. */
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
    mkdirSync(folder, { recursive: true });
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
  const header = (
    readFirst(path, 1 << 16)
      .toString("utf8")
      .split(/[\r\n]/, 1)[0] ?? ""
  )
    .replace(/^\ufeff/, "")
    .split(",")
    .map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .trim(),
    );
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
