/** Checks that files are parts of one table. Two files that each have columns which the other lacks are not. */
import { DataError } from "../../errors/index.js";
import { getOrMake } from "../../util/growing.js";
import { identifier, literal } from "./names.js";

export interface FileColumns {
  readonly file: string;
  readonly names: readonly string[];
  /** Whether the names are only numbers of columns, so that files of other widths are other tables. */
  readonly isNumbered?: boolean;
}

/** A file that lacks columns must have at least this share of them. */
const leastShare = 0.5;
const shownTables = 4;
const shownColumns = 6;

/** Throws a DataError if files contain different tables. @param source the display name of the opened source */
export function oneTable(source: string, files: readonly FileColumns[]): Record<"names" | "notes", readonly string[]> {
  const spelled = new Map<string, string>();
  for (const { names } of files) {
    for (const name of names) if (!spelled.has(key(name))) spelled.set(key(name), name);
  }
  const tables = groupAlike(files);
  const share = files.some(({ isNumbered }) => isNumbered === true) ? 1 : leastShare;
  if (tables.length > 1) refuseUnlike(source, tables, spelled.size, share);
  return { names: [...spelled.values()], notes: lackNotes(tables, files.length, spelled) };
}

/** The key of a column name, since DuckDB ignores letter case. */
function key(name: string): string {
  return name.toLowerCase();
}

interface AlikeFiles {
  readonly files: string[];
  readonly names: readonly string[];
  readonly keys: ReadonlySet<string>;
}

function groupAlike(files: readonly FileColumns[]): AlikeFiles[] {
  const tables = new Map<string, AlikeFiles>();
  for (const { file, names } of files) {
    const keys = names.map(key);
    const columns = JSON.stringify([...keys].sort());
    getOrMake(tables, columns, () => ({ files: [] as string[], names, keys: new Set(keys) })).files.push(file);
  }
  return [...tables.values()].sort((a, b) => b.names.length - a.names.length);
}

function refuseUnlike(source: string, tables: readonly AlikeFiles[], all: number, share: number): void {
  const [widest, ...others] = tables as [AlikeFiles, ...AlikeFiles[]];
  const unlike = others.find(({ keys }) => keys.size < share * all);
  if (widest.keys.size === all && unlike === undefined) return;
  const other = unlike ?? others.find(({ keys }) => [...keys].some((name) => !widest.keys.has(name)))!;
  const described = tables.slice(0, shownTables);
  const descriptions = described.map(({ files, names }) => `${fileNames(files)}: ${shortList(names)}`);
  const more = tables.length > shownTables ? [`and ${tables.length - shownTables} more`] : [];
  const one = widest.files.length === 1 ? widest.files[0] : widest.files.slice(0, shownTables);
  throw new DataError({
    path: source,
    message: "the files contain different tables",
    received: [...descriptions, ...more, ...onlyIn(widest, other), ...onlyIn(other, widest)].join("; "),
    expected: "files with the same columns, in any order; some files may lack up to half of them",
    fix: `open one table: dataset(${JSON.stringify(one)}); ${joined(widest, other)}`,
  });
}

function onlyIn(table: AlikeFiles, other: AlikeFiles): string[] {
  const names = table.names.filter((name) => !other.keys.has(key(name)));
  return names.length === 0 ? [] : [`only in ${table.files[0]}: ${shortList(names)}`];
}

/** `a.csv and 3 more`. */
export function fileNames(files: readonly string[]): string {
  return files.length === 1 ? files[0]! : `${files[0]} and ${files.length - 1} more`;
}

/** `a, b, c, d, e, f and 3 more`. */
export function shortList(names: readonly string[]): string {
  const rest = names.length - shownColumns;
  return names.slice(0, shownColumns).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function joined(a: AlikeFiles, b: AlikeFiles): string {
  const shared = a.names.filter((name) => b.keys.has(key(name)));
  const by = shared.length === 0 ? "…" : shared.map(identifier).join(", ");
  const sql = `select * from ${literal(a.files[0]!)} join ${literal(b.files[0]!)} using (${by})`;
  return `to join tables: dataset.sql(${JSON.stringify(sql)})`;
}

function lackNotes(tables: readonly AlikeFiles[], all: number, spelled: ReadonlyMap<string, string>): string[] {
  const notes: string[] = [];
  for (const [name, spelling] of spelled) {
    const lacking = tables.filter(({ keys }) => !keys.has(name)).flatMap(({ files }) => files);
    if (lacking.length === 0) continue;
    const share = `${lacking.length} of ${all} files (${fileNames(lacking)})`;
    notes.push(`column "${spelling}" is missing in ${share}: their rows have no value`);
  }
  if (notes.length <= shownColumns) return notes;
  return [...notes.slice(0, shownColumns), `${notes.length - shownColumns} more columns are missing in some files`];
}
