/**
 * Builds the SQL with which DuckDB reads scanned CSV files: every option is explicit, so DuckDB guesses nothing.
 */
import { fileList, identifier, literal } from "../duckdb/duckdb.js";
import type { Dialect } from "./dialect.js";
import type { FileRecords } from "./scan/scan-file.js";

/** A file, its dialect, and the result of its scan. */
export interface ScannedFile {
  readonly file: string;
  readonly dialect: Dialect;
  readonly records: FileRecords;
}

/** The size of DuckDB's read buffer; it uses several. */
const bufferBytes = 1 << 23;
/** DuckDB's default limit, raised for longer records. */
const usualLine = 2_000_000;

/** SQL for the rows of all files, in order: these columns, as text. */
export function textsSql(files: readonly ScannedFile[], names: readonly string[]): string {
  const groups: ScannedFile[][] = [];
  let last = "";
  for (const file of files) {
    const written = JSON.stringify([file.dialect, file.records.lineEnd, file.records.hasLongFields]);
    if (written === last) groups.at(-1)?.push(file);
    else groups.push([file]);
    last = written;
  }
  const parts = groups.map((group) => groupSql(group, names));
  return parts.length === 1 ? parts[0]! : `(${parts.map((part) => `FROM ${part}`).join(" UNION ALL ")})`;
}

function groupSql(group: readonly ScannedFile[], names: readonly string[]): string {
  const { dialect, records } = group[0]!;
  const longest = Math.max(usualLine, ...group.map((file) => file.records.longest + 2));
  const columns = dialect.names.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  const options = [
    fileList(group.map(({ file }) => file)),
    "auto_detect = false, hive_partitioning = false, comment = ''",
    `header = ${dialect.header}, skip = ${dialect.emptyLines}, delim = ${literal(dialect.separator)}`,
    `quote = '"', escape = '"', max_line_size = ${longest}, buffer_size = ${Math.max(bufferBytes, 2 * longest)}`,
    ...(records.lineEnd === null ? [] : [`new_line = '${JSON.stringify(records.lineEnd).slice(1, -1)}'`]),
    // DuckDB's threads start at a line end, which may be inside quotes.
    ...(records.hasLongFields ? ["parallel = false"] : []),
    `columns = {${columns}}`,
  ];
  const read = `read_csv(${options.join(", ")})`;
  const namesByKey = new Map(dialect.names.map((name) => [name.toLowerCase(), name]));
  if (namesByKey.size === names.length && names.every((name, index) => name === dialect.names[index])) return read;
  const selected = names.map((name) => {
    const fileColumn = namesByKey.get(name.toLowerCase());
    return `${fileColumn === undefined ? "NULL::VARCHAR" : identifier(fileColumn)} AS ${identifier(name)}`;
  });
  return `(SELECT ${selected.join(", ")} FROM ${read})`;
}
