/**
 * The types of CSV columns that the caller sets, and notes about missing values.
 */
import type { Problem } from "../../../errors/index.js";
import { count } from "../../../util/text/format.js";
import { didYouMean, listNames } from "../../../util/text/near.js";
import {
  classOfCell,
  decimalCell,
  kindOfCells,
  largeCell,
  oddCell,
  textCell,
  wholeCell,
} from "../../cells/cell-classes.js";
import { type CsvOptions, type CsvType, openingCall } from "./options.js";

/** The bits of the columns with the caller's types; `null`: a type does not fit, or its column does not exist. */
export function typedClasses(
  names: readonly string[],
  classes: readonly number[],
  types: NonNullable<CsvOptions["types"]>,
): number[] | null {
  const typed = [...classes];
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

/** A table whose types do not fit. */
interface TypedTable {
  readonly name: string;
  readonly names: readonly string[];
  readonly classes: readonly number[];
  readonly options: CsvOptions;
}

/** The problems of the caller's types. @param column returns the texts of a column */
export async function typeProblems(
  { name: source, names, classes, options }: TypedTable,
  column: (index: number) => AsyncIterable<string | null>,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [name, type] of Object.entries(options.types ?? {})) {
    const path = `${source}: column "${name}"`;
    const index = names.indexOf(name);
    if (index < 0) {
      const fix = didYouMean(name, names) ?? "remove it from types";
      problems.push({ path, message: "types names a column that does not exist", received: listNames(names), fix });
    } else if (typedClasses(names, classes, { [name]: type }) === null) {
      const cells = await otherCells(column(index), type);
      const cellTexts = cells.map(([text, cells]) => `${JSON.stringify(text)} (${count(cells, "cell")})`);
      const call = openingCall(source, {
        ...options,
        nulls: [...(options.nulls ?? []), ...cells.map(([text]) => text)],
      });
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
async function otherCells(texts: AsyncIterable<string | null>, type: CsvType): Promise<[string, number][]> {
  const numbers = wholeCell | oddCell | largeCell | (type === "float" ? decimalCell : 0);
  const counts = new Map<string, number>();
  for await (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .filter(([text]) => (classOfCell(text) & numbers) === 0)
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, 3);
}

const shownNotes = 6;

/** Reports the cells that have no value because of the usual texts. @param marked columns with the counts of texts */
export function nullNotes(
  marked: readonly (readonly [name: string, marks: readonly (readonly [text: string, cells: number])[]])[],
): string[] {
  const notes = marked.map(([name, marks]) => {
    const cells = marks.map(([text, cells]) => `${JSON.stringify(text)} in ${count(cells, "row")}`);
    return `column "${name}": ${cells.join(", ")} is read as missing; types: { ${JSON.stringify(name)}: "text" } keeps it as text`;
  });
  if (notes.length <= shownNotes) return notes;
  return [...notes.slice(0, shownNotes), `${notes.length - shownNotes} more columns have such texts, read as missing`];
}
