/** Parquet and CSV files: one path, a glob, a folder or a list of them, read through DuckDB as one relation. */
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError, type Problem } from "../../errors/index.js";
import { noteFiles } from "../../util/trail.js";
import type { ColumnInfo } from "../column.js";
import { checkFile, type Format } from "./check-file.js";
import { conversionProblem, csvOptions, delimiterOf, encodingProblem, headerOf, raggedLine } from "./csv.js";
import { literal, queryRows } from "./duckdb.js";
import { fileVersions } from "./file-version.js";
import { type Explain, openRelation, readable } from "./relation.js";
import type { RowPlace, Source } from "./source.js";

/** Opens files as one source, in the order of the paths given, each glob's files sorted. */
export async function fileSource(paths: readonly string[]): Promise<Source> {
  const files = (await Promise.all(paths.map(expand))).flat();
  const format = formatOf(files);
  const problems = files.flatMap((file) => checkFile(file, format));
  if (problems.length > 0) throw new DataError(problems);
  noteFiles(files);
  const relation = relationOf(files, format);
  const name = paths.length === 1 ? (paths[0] as string) : `${paths.length} files`;
  const explain: Explain | undefined =
    format === "csv"
      ? async (words) => conversionProblem(words) ?? encodingProblem(words) ?? firstRaggedLine(files)
      : undefined;
  const locateRow = (row: number) => locate(files, format, row);
  const options = { name, relation, locate: locateRow, version: fileVersions(files), explain };
  const knowing =
    format === "csv" ? (columns: readonly ColumnInfo[]) => knownCsv(files, columns) ?? relation : undefined;
  const source = await readable(name, () => openRelation({ ...options, ...(knowing ? { knowing } : {}) }), explain);
  if (format === "parquet") await refuseTwins(source.columns, files);
  return source;
}

/** DuckDB gives the second column of a name another one, `clk_1`: a Parquet file with such twins is refused. */
async function refuseTwins(columns: readonly ColumnInfo[], files: readonly string[]): Promise<void> {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const bases = columns.flatMap(({ name }) => /^(.+)_\d+$/.exec(name)?.[1]?.toLowerCase() ?? []);
  const suspects = bases.filter((name) => names.has(name));
  if (suspects.length === 0) return;
  const twins = await queryRows(
    `SELECT file_name AS file, min(name) AS name FROM parquet_schema(${listOf(files)})
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

async function firstRaggedLine(files: readonly string[]): Promise<Problem | null> {
  for (const file of files) {
    const problem = await raggedLine(file);
    if (problem !== null) return problem;
  }
  return null;
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
      fix: `the folder here is ${process.cwd()}`,
    });
  }
  const found = await globFiles(path);
  if (found.length === 0) {
    throw new DataError({ path, message: "the pattern matches no file", fix: `the folder here is ${process.cwd()}` });
  }
  return found;
}

async function inFolder(folder: string): Promise<string[]> {
  const kinds = ["parquet", "csv", "tsv"];
  const found = await Promise.all(kinds.map((kind) => globFiles(join(escapeGlob(folder), "**", `*.${kind}`))));
  const present = kinds.filter((_, index) => (found[index] as string[]).length > 0);
  if (present.length !== 1) {
    throw new DataError({
      path: folder,
      message: present.length === 0 ? "the folder holds no data file" : "the folder mixes kinds of files",
      received: present.length === 0 ? undefined : present.map((kind) => `*.${kind}`).join(", "),
      expected: "files of one kind: *.parquet, *.csv or *.tsv",
      fix: present.length === 0 ? undefined : `name the files by a pattern, such as ${join(folder, `*.${present[0]}`)}`,
    });
  }
  return found.flat();
}

async function globFiles(pattern: string): Promise<string[]> {
  const rows = await queryRows(`SELECT file FROM glob(${literal(pattern)}) ORDER BY file`);
  return rows.map((row) => String(row["file"]));
}

/** A file whose name holds glob characters is still one file. */
function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, (character) => `[${character}]`);
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

function listOf(files: readonly string[]): string {
  return `[${files.map((file) => literal(escapeGlob(file))).join(", ")}]`;
}

function relationOf(files: readonly string[], format: Format): string {
  const list = listOf(files);
  return format === "parquet"
    ? `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`
    : `read_csv(${list}, union_by_name = true, hive_partitioning = false, ${csvOptions(csvDelimiter(files))})`;
}

/**
 * CSV files whose columns are known: without looking at 20,480 rows again for their types. `null` where that may read
 * otherwise: files with other headers, or dates, whose format is found by looking.
 */
function knownCsv(files: readonly string[], columns: readonly ColumnInfo[]): string | null {
  if (files.some((file) => /\.zst$/i.test(file)) || new Set(files.map(headerOf)).size > 1) return null;
  if (columns.some(({ type }) => type !== "integer" && type !== "float" && type !== "text" && type !== "boolean")) {
    return null;
  }
  const types = columns.map(({ name, sourceType }) => `${literal(name)}: ${literal(sourceType)}`);
  const known = `auto_detect = false, columns = {${types.join(", ")}}`;
  return `read_csv(${listOf(files)}, hive_partitioning = false, ${csvOptions(csvDelimiter(files))}, ${known})`;
}

/** One delimiter for all files of a table. */
function csvDelimiter(files: readonly string[]): string {
  const readable = files.filter((file) => !/\.zst$/i.test(file));
  const found = new Set(readable.map(delimiterOf));
  if (found.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "the files have different separators",
      fix: "open them one by one",
    });
  }
  return [...found][0] ?? ",";
}

async function locate(files: readonly string[], format: Format, row: number): Promise<RowPlace> {
  let before = 0;
  for (const file of files) {
    if (files.length === 1) break;
    const [count] = await queryRows(`SELECT count(*) AS rows FROM ${relationOf([file], format)}`);
    const rows = Number(count?.["rows"]);
    if (row < before + rows) return { source: file, row: row - before };
    before += rows;
  }
  return { source: files[0] as string, row };
}
