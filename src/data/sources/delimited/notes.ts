/**
 * Notes on what was found in the first lines of a CSV file and not stated by the caller.
 */
import { stringLiteral } from "../../../util/text/code-text.js";
import { classOfCell, isUsualNull, textCell } from "../../cells/cell-classes.js";
import { type CsvOptions, openingCall } from "./options.js";

/** A call lists at most this number of names. */
const mostNames = 40;
const shownColumns = 6;

/** Reports a separator that is not a single usual character. */
export function separatorNotes(separator: string): string[] {
  const isUsual = separator.length === 1 && separator >= " ";
  return isUsual || separator === "\t" ? [] : [`the fields are separated by ${stringLiteral(separator)}`];
}

/** Reports a file without a header, with the calls that name its columns. */
export function headerlessNote(
  reason: string,
  names: readonly string[],
  opened: string | readonly string[],
  options: CsvOptions,
): string {
  const range = names.length === 1 ? names[0] : `${names[0]} … ${names.at(-1)}`;
  const naming =
    names.length > mostNames
      ? `pass names with ${names.length} names`
      : `replace the names in ${openingCall(opened, { ...options, names })}`;
  const other = openingCall(opened, { ...options, header: true });
  return `the file seems to have no header: ${reason}. Its columns are called ${range}. To name them, ${naming}. If the first line does contain names: ${other}`;
}

/** Reports columns without a name in the header. */
export function namingNotes(first: readonly string[], names: readonly string[]): string[] {
  return first.flatMap((field, column) =>
    field.trim() === "" ? [`column ${column + 1} has no name in the header and is named "${names[column]}"`] : [],
  );
}

/** Reports texts such as `?` among other texts: in such columns they are values. */
export function markNotes(
  records: readonly (readonly string[])[],
  names: readonly string[],
  opened: string | readonly string[],
  options: CsvOptions,
): string[] {
  const columns = new Map<string, string[]>();
  for (const [column, name] of names.entries()) {
    const cells = records.map((record) => (record[column] ?? "").trim());
    const isText = cells.some((cell) => cell !== "" && (classOfCell(cell) & textCell) !== 0);
    if (!isText || options.types?.[name] !== undefined) continue;
    for (const mark of new Set(cells.filter((cell) => isUsualNull(cell) && !options.nulls?.includes(cell))))
      columns.set(mark, [...(columns.get(mark) ?? []), name]);
  }
  if (columns.size === 0) return [];
  const marks = [...columns].map(([mark, among]) => {
    const firstNames = among.slice(0, shownColumns).join(", ");
    const more = among.length > shownColumns ? ` and ${among.length - shownColumns} more` : "";
    return `${JSON.stringify(mark)} (${firstNames}${more})`;
  });
  const call = openingCall(opened, { ...options, nulls: [...(options.nulls ?? []), ...columns.keys()] });
  return [`columns of text contain ${marks.join(", ")}, which is kept as text. To read it as missing: ${call}`];
}
