/** Paths that a user passes: expanded to local, regular files, with their format. */

import { accessSync, constants, type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DataError, type Problem } from "../../errors/index.js";
import { attempt } from "../../util/attempt.js";
import { kindOfFile } from "../../util/files/read-whole.js";
import { didYouMean } from "../../util/names.js";
import { bytesAt } from "../../util/write-whole.js";
import { fixFor } from "./csv/dialect.js";
import { placeLiteral, queryRows } from "./duckdb.js";
import { fileNames } from "./one-table.js";

export function isFile(path: string): boolean {
  return tryStat(path)?.isFile() === true;
}

/** The status of a path; `null` if nothing exists there. Throws a DataError if that cannot be determined. */
export function tryStat(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ERR_INVALID_ARG_VALUE" || code === "ENAMETOOLONG")
      return null;
    throw new DataError({ path, message: "cannot be read", received: message, cause: error });
  }
}

/** @throws DataError for an address such as `https://…` or `s3://…`: this library does not use the network */
export function assertLocal(path: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return;
  throw new DataError({
    path,
    message: "only local files are read and written",
    received: "an address",
    expected: "a path of this machine",
    fix: /^file:/i.test(path) ? "remove file://" : "download the file first, or upload the written file",
  });
}

/** @throws DataError for a name with a backslash and one of * ? [, which DuckDB takes for a folder separator */
export function assertNameable(file: string): void {
  if (process.platform === "win32" || !file.includes("\\") || !/[*?[]/.test(file)) return;
  const message = "a file name with a backslash and one of * ? [ cannot be opened";
  throw new DataError({ path: file, message, fix: "rename the file or its folder" });
}

export function fileProblem(file: string, format: Format): Problem | null {
  const size = statSync(file).size;
  if (size === 0) return { path: file, message: "the file is empty (0 bytes)", fix: "write it again, or remove it" };
  if (format !== "parquet") return null;
  const [starts, ends] = [bytesAt(file, 0, 4), bytesAt(file, Math.max(0, size - 4), 4)];
  if (starts !== "PAR1") {
    return {
      path: file,
      message: "not a Parquet file",
      received: `${size} bytes that start with ${JSON.stringify(starts)}`,
      expected: 'bytes that start and end with "PAR1"',
      fix: "if it is text, rename it to end in .csv or .tsv",
    };
  }
  if (ends === "PAR1") return null;
  const received = `${size} bytes that do not end with "PAR1"`;
  return { path: file, message: "the Parquet file is truncated", received, fix: "copy or write the file again" };
}

/** The files of a path, in order. Throws a DataError if there are none, or if one is not a regular file. */
export async function expandPath(path: string): Promise<string[]> {
  assertLocal(path);
  const stats = tryStat(path);
  if (stats?.isDirectory() === true) return inFolder(path);
  if (stats !== null) return [regular(path, stats)];
  if (!/[*?[]/.test(path)) throw new DataError({ path, message: "no such file or folder", fix: pathFix(path) });
  const rows = await queryRows(`SELECT file FROM glob(${placeLiteral(path)}) ORDER BY file`);
  if (rows.length > 0) return rows.map((row) => checked(String(row["file"])));
  throw new DataError({ path, message: "no file matches the pattern", fix: pathFix(path) });
}

function checked(file: string): string {
  const stats = tryStat(file);
  if (stats !== null) return regular(file, stats);
  const fix = "if this is a link, its target is missing: remove the link or restore the file";
  throw new DataError({ path: file, message: "no such file", fix });
}

/** Refuses devices and FIFOs: they have no end, and opening a FIFO may block forever. */
function regular(file: string, stats: Stats): string {
  if (!stats.isFile()) {
    throw new DataError({
      path: file,
      message: "not a regular file",
      received: kindOfFile(stats),
      expected: "a file on disk",
      fix: stats.isDirectory() ? "open the folder itself, or a file in it" : "write its content to a file first",
    });
  }
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new DataError({
      path: file,
      message: "cannot be read",
      received: (error as Error).message,
      fix: "allow reading it (chmod)",
      cause: error,
    });
  }
  return file;
}

function pathFix(path: string): string {
  if (/^\s*(select|with|from)\s/i.test(path)) return `a query is passed as dataset.sql(${JSON.stringify(path)})`;
  if (/^~[/\\]/.test(path)) return `write out the home folder: ${join(homedir(), path.slice(2))}`;
  const near = attempt(() => didYouMean(basename(path), readdirSync(dirname(path))), undefined);
  return near ?? `the working directory is ${process.cwd()}`;
}

const kinds = {
  parquet: /\.(parquet|pq)$/i,
  csv: /\.csv(\.gz|\.zst)?$/i,
  tsv: /\.tsv(\.gz|\.zst)?$/i,
  jsonl: /\.(jsonl|ndjson)(\.gz|\.zst)?$/i,
  arrow: /\.(arrow|feather)$/i,
};
/** Extensions that notes may have, too; they count only in a folder without other data files. */
const vagueKinds = { dat: /\.dat(\.gz|\.zst)?$/i, data: /\.data(\.gz|\.zst)?$/i, txt: /\.txt(\.gz|\.zst)?$/i };

function inFolder(folder: string): string[] {
  const all = filesUnder(folder, new Set()).sort();
  const clear = filesByKind(all, kinds);
  const present = clear.length > 0 ? clear : filesByKind(all, vagueKinds);
  const [only] = present;
  if (only !== undefined && present.length === 1) return only.files.map(checked);
  const expected = "files of one format: *.parquet, *.csv, *.tsv, *.jsonl, *.dat, *.data or *.txt";
  if (only === undefined) throw new DataError({ path: folder, message: "the folder contains no data file", expected });
  throw new DataError({
    path: folder,
    message: "the folder contains files of different formats",
    received: present
      .map(({ kind, files }) => `*.${kind} (${fileNames(files.map((file) => basename(file)))})`)
      .join(", "),
    expected,
    fix: `select the files by a pattern, such as ${join(folder, `*.${only.kind}`)}`,
  });
}

function filesByKind(all: readonly string[], patterns: Readonly<Record<string, RegExp>>) {
  return Object.entries(patterns)
    .map(([kind, ends]) => ({ kind, files: all.filter((file) => ends.test(file)) }))
    .filter(({ files }) => files.length > 0);
}

/** Names that start with `.` or `_` are left out. @param visitedFolders a link may lead to one again */
function filesUnder(folder: string, visitedFolders: Set<string>): string[] {
  const place = realpathSync(folder);
  if (visitedFolders.has(place)) return [];
  visitedFolders.add(place);
  return readEntries(folder)
    .filter(({ name }) => !/^[._]/.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && tryStat(path)?.isDirectory() === true);
      return isFolder ? filesUnder(path, visitedFolders) : [path];
    });
}

function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const received = (error as Error).message;
    throw new DataError({ path: folder, message: "the folder cannot be read", received, cause: error });
  }
}

export type Format = "parquet" | "csv" | "json" | "arrow";

const names: Readonly<Record<Format, RegExp>> = {
  parquet: /\.(parquet|pq)$/i,
  json: /\.(jsonl|ndjson|json)(\.gz|\.zst)?$/i,
  arrow: /\.(arrow|arrows|feather|ipc)$/i,
  csv: /\.(csv|tsv|txt|dat|data)(\.gz|\.zst)?$/i,
};

/** The format of all files. @param isCsv set by the caller: then names do not matter */
export async function detectFormat(files: readonly string[], isCsv: boolean): Promise<Format> {
  const formats = new Set<Format>();
  for (const file of files) formats.add(await formatOfFile(file, isCsv));
  if (formats.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "files of different formats cannot be read as one table",
      received: [...formats].join(", "),
      fix: "open each format separately",
    });
  }
  return [...formats][0]!;
}

async function formatOfFile(file: string, isCsv: boolean): Promise<Format> {
  const namedFormat = (Object.keys(names) as Format[]).find((format) => names[format].test(file));
  if (namedFormat !== undefined || isCsv) return namedFormat ?? "csv";
  const fix = await fixFor(file).catch(() => null);
  throw new DataError({
    path: file,
    message: "the file's name does not show its format",
    received: basename(file),
    expected: "a name that ends in .parquet, .csv, .tsv, .txt, .dat, .data or .jsonl",
    fix: fix === null ? "rename the file" : `if it is text: ${fix}`,
  });
}
