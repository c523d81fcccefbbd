/**
 * Expands a path, a glob or a folder to its files.
 */
import { accessSync, constants, type Dirent, readdirSync, realpathSync, type Stats } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DataError } from "../../../errors/index.js";
import { kindOfFile } from "../../../util/files/read-whole.js";
import { didYouMean } from "../../../util/text/near.js";
import { placeLiteral, queryRows } from "../duckdb/duckdb.js";
import { assertLocal } from "./local-path.js";
import { tryStat } from "./regular.js";

/** The files of a path, in order. Throws a DataError if there are none, or if one is not a regular file. */
export async function expandPath(path: string): Promise<string[]> {
  assertLocal(path);
  const stats = tryStat(path);
  if (stats?.isDirectory() === true) return inFolder(path);
  if (stats !== null) return [regular(path, stats)];
  if (!/[*?[]/.test(path)) {
    throw new DataError({ path, message: "no such file or folder", fix: pathFix(path) });
  }
  const files = await globFiles(path);
  if (files.length === 0) {
    throw new DataError({ path, message: "no file matches the pattern", fix: pathFix(path) });
  }
  return files.map(checked);
}

function checked(file: string): string {
  const stats = tryStat(file);
  if (stats !== null) return regular(file, stats);
  throw new DataError({
    path: file,
    message: "no such file",
    fix: "if this is a link, its target is missing: remove the link or restore the file",
  });
}

/** A device or a FIFO has no end, and opening a FIFO may block forever. */
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
    throw new DataError(
      { path: file, message: "cannot be read", received: (error as Error).message, fix: "allow reading it (chmod)" },
      { cause: error },
    );
  }
  return file;
}

function pathFix(path: string): string {
  if (/^\s*(select|with|from)\s/i.test(path)) return `a query is passed as dataset.sql(${JSON.stringify(path)})`;
  if (/^~[/\\]/.test(path)) return `write out the home folder: ${join(homedir(), path.slice(2))}`;
  return nearFile(path) ?? `the working directory is ${process.cwd()}`;
}

/** A similar name in the same folder. */
function nearFile(path: string): string | undefined {
  try {
    return didYouMean(basename(path), readdirSync(dirname(path)));
  } catch {
    return undefined;
  }
}

/** Extensions of data files by format. */
const kinds = {
  parquet: /\.(parquet|pq)$/i,
  csv: /\.csv(\.gz|\.zst)?$/i,
  tsv: /\.tsv(\.gz|\.zst)?$/i,
  jsonl: /\.(jsonl|ndjson)(\.gz|\.zst)?$/i,
  arrow: /\.(arrow|feather)$/i,
};
/** Extensions that notes have as well: they count in a folder without other data files. */
const vagueKinds = { dat: /\.dat(\.gz|\.zst)?$/i, data: /\.data(\.gz|\.zst)?$/i, txt: /\.txt(\.gz|\.zst)?$/i };

/** The data files of a folder and its subfolders. */
function inFolder(folder: string): string[] {
  const all = filesUnder(folder, new Set()).sort();
  const present = filesByKind(all, kinds).length > 0 ? filesByKind(all, kinds) : filesByKind(all, vagueKinds);
  const [only] = present;
  if (present.length !== 1 || only === undefined) {
    throw new DataError({
      path: folder,
      message:
        only === undefined ? "the folder contains no data file" : "the folder contains files of different formats",
      received:
        only === undefined ? undefined : present.map(({ kind, files }) => `*.${kind} (${named(files)})`).join(", "),
      expected: "files of one format: *.parquet, *.csv, *.tsv, *.jsonl, *.dat, *.data or *.txt",
      fix: only === undefined ? undefined : `select the files by a pattern, such as ${join(folder, `*.${only.kind}`)}`,
    });
  }
  return only.files.map(checked);
}

function named(files: readonly string[]): string {
  return files.length === 1 ? basename(files[0]!) : `${basename(files[0]!)} and ${files.length - 1} more`;
}

function filesByKind(all: readonly string[], patterns: Readonly<Record<string, RegExp>>) {
  return Object.entries(patterns)
    .map(([kind, ends]) => ({ kind, files: all.filter((file) => ends.test(file)) }))
    .filter(({ files }) => files.length > 0);
}

/**
 * Names that start with `.` or `_` belong to other programs. @param visitedFolders folders so far: a link may lead to one
 * again
 */
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
    throw new DataError(
      { path: folder, message: "the folder cannot be read", received: (error as Error).message },
      { cause: error },
    );
  }
}

async function globFiles(pattern: string): Promise<string[]> {
  const rows = await queryRows(`SELECT file FROM glob(${placeLiteral(pattern)}) ORDER BY file`);
  return rows.map((row) => String(row["file"]));
}
