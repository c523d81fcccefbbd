/**
 * The columns of scanned CSV files: their types by all cells and by the caller, and the SQL that reads them.
 */
import { DataError, type Problem } from "../../../errors/index.js";
import { count } from "../../../util/text/format.js";
import { didYouMean, listNames } from "../../../util/text/near.js";
import { columnOfCells, decimalCell, hasMarks, kindOfCells, textCell, usualNulls } from "../../cells/cell-classes.js";
import type { ColumnInfo } from "../../table/column.js";
import { identifier, literal, queryRows } from "../duckdb/duckdb.js";
import { type CsvOptions, openingCall } from "./options.js";
import type { ScannedFile } from "./read-sql.js";

/** The texts of all files. */
export interface CsvTexts {
  readonly names: readonly string[];
  /** SQL of all columns as text. */
  readonly texts: string;
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  readonly options: CsvOptions;
}

/** Columns that DuckDB can read. */
export interface CsvColumns {
  /** Their displayed types. */
  readonly columns: readonly ColumnInfo[];
  /** Their types for reading. */
  readonly reading: readonly ColumnInfo[];
  /** SQL that reads them; those in `asWritten` as text. */
  relation(asWritten: readonly string[]): string;
  /** Columns in which the usual texts mean no value. */
  readonly marked: readonly string[];
}

const readTypes = { integer: "BIGINT", float: "DOUBLE", digits: "VARCHAR", text: "VARCHAR" } as const;
const asText = { type: "text", sourceType: "VARCHAR" } as const;

/** Decides the columns' types. Throws a DataError if `types` names other columns or does not fit their cells. */
export async function csvColumns(source: string, table: CsvTexts): Promise<CsvColumns> {
  const { names, texts, options } = table;
  const { types = {}, nulls = [] } = options;
  const classes = typedClasses(names, table.classes, types);
  if (classes === null) throw new DataError(await typeProblems(source, table));
  const columns = names.map((column, index) => columnOfCells(column, classes[index]!));
  const readAs = new Map(names.map((column, index) => [column, readTypes[kindOfCells(classes[index]!)]]));
  const marked = names.filter((_, index) => hasMarks(classes[index]!));
  const isMarked = new Set(marked);
  const value = (column: string): string =>
    withoutTexts(column, isMarked.has(column) ? [...usualNulls, ...nulls] : nulls);
  return {
    columns,
    reading: columns.map((column) => ({ ...column, ...(readAs.get(column.name) === "VARCHAR" ? asText : {}) })),
    marked,
    relation(asWritten) {
      const writtenNames = new Set(asWritten);
      const casts = [...readAs].map(([column, type]) => {
        const cell = value(column);
        return `${type === "VARCHAR" || writtenNames.has(column) ? cell : `CAST(${cell} AS ${type})`} AS ${identifier(column)}`;
      });
      return `(SELECT ${casts.join(", ")} FROM ${texts})`;
    },
  };
}

/** SQL: a cell, or nothing if it is one of some texts. */
function withoutTexts(column: string, texts: readonly string[]): string {
  const cell = identifier(column);
  if (texts.length === 0) return cell;
  return `CASE WHEN trim(${cell}, ' ' || chr(9)) IN (${texts.map(literal).join(", ")}) THEN NULL ELSE ${cell} END`;
}

/** The bits of the columns with the caller's types; `null`: a type does not fit, or its column does not exist. */
export function typedClasses(
  names: readonly string[],
  classes: Uint8Array,
  types: NonNullable<CsvOptions["types"]>,
): Uint8Array | null {
  const typed = classes.slice();
  const places = new Map(names.map((name, index) => [name, index]));
  for (const [name, type] of Object.entries(types)) {
    const place = places.get(name);
    if (place === undefined) return null;
    const bits = typed[place]!;
    const kind = kindOfCells(bits);
    if (type === "text") typed[place] = bits | textCell;
    else if (bits !== 0 && (kind === "text" || (kind === "float" && type === "integer"))) return null;
    else if (type === "float") typed[place] = bits | decimalCell;
  }
  return typed;
}

async function typeProblems(source: string, { names, texts, classes, options }: CsvTexts): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [name, type] of Object.entries(options.types ?? {})) {
    const path = `${source}: column "${name}"`;
    if (!names.includes(name)) {
      const fix = didYouMean(name, names) ?? "remove it from types";
      problems.push({ path, message: "types names a column that does not exist", received: listNames(names), fix });
    } else if (typedClasses(names, classes, { [name]: type }) === null) {
      const cells = await otherCells(texts, name, type, options.nulls ?? []);
      const cellTexts = cells.map((cell) => `${JSON.stringify(cell.text)} (${count(cell.count, "cell")})`);
      const nulls = [...(options.nulls ?? []), ...cells.map(({ text }) => text)];
      const call = openingCall(source, { ...options, nulls });
      problems.push({
        path,
        message: `not every cell is ${type === "integer" ? "a whole number" : "a number"}`,
        received: cellTexts.join(", "),
        fix: `if these cells mean "no value": ${call}; else remove the column from types`,
      });
    }
  }
  return problems;
}

/** The most frequent cells that are no numbers. */
async function otherCells(texts: string, name: string, type: string, nulls: readonly string[]) {
  const cell = withoutTexts(name, [...usualNulls, ...nulls]);
  const isNumber =
    type === "integer"
      ? "regexp_full_match(trim(cell), '-?(0|[1-9][0-9]*)')"
      : "regexp_full_match(trim(cell), '-?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?')";
  const rows = await queryRows(
    `SELECT cell, count(*) AS cells FROM (SELECT ${cell} AS cell FROM ${texts}) WHERE cell IS NOT NULL AND NOT ${isNumber}
     GROUP BY cell ORDER BY cells DESC, cell LIMIT 3`,
  );
  return rows.map((row) => ({ text: String(row["cell"]), count: Number(row["cells"]) }));
}

const shownNotes = 6;

/** Reports the cells that have no value because of the usual texts. */
export function nullNotes(files: readonly ScannedFile[], { marked }: CsvColumns): string[] {
  const notes = marked.map((name) => {
    const counts = new Map<string, number>();
    for (const { dialect, records } of files) {
      const place = dialect.names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
      for (const mark of records.marks[place] ?? []) {
        counts.set(mark.text, (counts.get(mark.text) ?? 0) + mark.count);
      }
    }
    const cells = [...counts].map(([text, cells]) => `${JSON.stringify(text)} in ${count(cells, "row")}`);
    return `column "${name}": ${cells.join(", ")} is read as missing; types: { ${JSON.stringify(name)}: "text" } keeps it as text`;
  });
  if (notes.length <= shownNotes) return notes;
  return [...notes.slice(0, shownNotes), `${notes.length - shownNotes} more columns have such texts, read as missing`];
}
