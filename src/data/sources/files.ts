/** Parquet and CSV files: one path, a glob, a folder or a list of them, read through DuckDB as one relation. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { DataError } from "../../errors/index.js";
import { didYouMean } from "../../util/near.js";
import { noteFiles } from "../../util/trail.js";
import type { ColumnInfo } from "../column.js";
import { checkFile, type Format } from "./check-file.js";
import { type CsvReading, csvSource } from "./csv-files.js";
import { countRows, fileList, literal, queryRows } from "./duckdb.js";
import { fileVersions } from "./file-version.js";
import { openRelation, readable } from "./relation.js";
import { locator, type Source } from "./source.js";

/** Opens files as one source, in the order of the paths given, each glob's files sorted. */
export async function fileSource(paths: readonly string[], options: CsvReading = {}): Promise<Source> {
  const files = (await Promise.all(paths.map(expand))).flat();
  const format = formatOf(files);
  const problems = files.flatMap((file) => checkFile(file, format));
  if (problems.length > 0) throw new DataError(problems);
  noteFiles(files);
  const name = paths.length === 1 ? (paths[0] as string) : `${paths.length} files`;
  return format === "parquet" ? parquetSource(name, files) : csvSource(name, files, options);
}

async function parquetSource(name: string, files: readonly string[]): Promise<Source> {
  const relation = `read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`;
  const locate = locator(files, (file) => countRows(`read_parquet(${fileList([file])})`));
  const source = await readable(name, () => openRelation({ name, relation, locate, version: fileVersions(files) }));
  await refuseTwins(source.columns, files);
  return source;
}

/** DuckDB gives the second column of a name another one, `clk_1`: a Parquet file with such twins is refused. */
async function refuseTwins(columns: readonly ColumnInfo[], files: readonly string[]): Promise<void> {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const bases = columns.flatMap(({ name }) => /^(.+)_\d+$/.exec(name)?.[1]?.toLowerCase() ?? []);
  const suspects = bases.filter((name) => names.has(name));
  if (suspects.length === 0) return;
  const twins = await queryRows(
    `SELECT file_name AS file, min(name) AS name FROM parquet_schema(${fileList(files)})
     WHERE lower(name) IN (${suspects.map(literal).join(", ")})
     GROUP BY file_name, lower(name) HAVING count(*) > 1 ORDER BY file, name`,
  );
  const problems = twins.map(({ file, name }) => ({
    path: String(file),
    message: `column "${name}" comes twice`,
    fix: "give every column a name of its own; letter case does not tell them apart",
  }));
  if (problems.length > 0) throw new DataError(problems);
}

async function expand(path: string): Promise<string[]> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    throw new DataError({
      path,
      message: "only local files are read",
      fix: "download the file first",
    });
  }
  if (existsSync(path)) return statSync(path).isDirectory() ? inFolder(path) : [path];
  if (!/[*?[{]/.test(path)) {
    throw new DataError({
      path,
      message: "there is no such file or folder",
      fix: nearFile(path) ?? `the folder here is ${process.cwd()}`,
    });
  }
  const found = await globFiles(path);
  if (found.length === 0) {
    throw new DataError({ path, message: "the pattern matches no file", fix: `the folder here is ${process.cwd()}` });
  }
  return found;
}

/** A name like it in the same folder. */
function nearFile(path: string): string | undefined {
  const folder = dirname(path);
  return existsSync(folder) ? didYouMean(basename(path), readdirSync(folder)) : undefined;
}

/** Data files by kind: how their names end. */
const kinds = { parquet: /\.(parquet|pq)$/i, csv: /\.csv(\.gz|\.zst)?$/i, tsv: /\.tsv(\.gz|\.zst)?$/i };

/** The data files of a folder and its folders; names that begin with `.` or `_` are other programs' own. */
function inFolder(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(sep).some((name) => /^[._]/.test(name)))
    .sort();
  const found = Object.entries(kinds).map(([kind, ends]) => ({ kind, files: all.filter((file) => ends.test(file)) }));
  const present = found.filter(({ files }) => files.length > 0);
  const [only] = present;
  if (present.length !== 1 || only === undefined) {
    throw new DataError({
      path: folder,
      message: only === undefined ? "the folder holds no data file" : "the folder mixes kinds of files",
      received: only === undefined ? undefined : present.map(({ kind }) => `*.${kind}`).join(", "),
      expected: "files of one kind: *.parquet, *.csv or *.tsv",
      fix: only === undefined ? undefined : `name the files by a pattern, such as ${join(folder, `*.${only.kind}`)}`,
    });
  }
  return only.files.map((file) => join(folder, file));
}

async function globFiles(pattern: string): Promise<string[]> {
  const rows = await queryRows(`SELECT file FROM glob(${literal(pattern)}) ORDER BY file`);
  return rows.map((row) => String(row["file"]));
}

function formatOf(files: readonly string[]): Format {
  const formats = new Set(files.map(formatOfFile));
  if (formats.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "Parquet and CSV files cannot be read as one table",
      fix: "open them one by one",
    });
  }
  return [...formats][0] as Format;
}

function formatOfFile(file: string): Format {
  if (/\.(parquet|pq)$/i.test(file)) return "parquet";
  if (/\.(csv|tsv|txt)(\.gz|\.zst)?$/i.test(file)) return "csv";
  throw new DataError({
    path: file,
    message: "the file's name does not say what it is",
    received: basename(file),
    expected: "a name that ends in .parquet, .csv or .tsv",
    fix: "rename the file, or read it by SQL: { sql: \"select * from read_csv('…')\" }",
  });
}
