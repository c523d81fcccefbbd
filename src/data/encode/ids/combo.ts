/** Combo features: the cartesian product of several columns' values, joined with `_` (TorchEasyRec `ComboFeature`). */
import { numberText } from "../../cells/id-text.js";
import { columnRows, type RawColumn, type TextColumn, valueAt } from "../../table/column.js";

/** Separates crossed values in the text column that {@link crossColumns} makes. */
export const crossSeparator = "\x1d";

/**
 * The crossed values of the columns as one text column, the first column outermost; a row has no value if any column
 * has none. Each distinct combination is built once.
 */
export function crossColumns(columns: readonly RawColumn[], separator: string): TextColumn {
  const rows = columns[0] === undefined ? 0 : columnRows(columns[0]);
  const coded = columns.map((column) => coding(column, separator));
  const codes = new Int32Array(rows);
  const words: string[] = [];
  const codeByKey = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    let key = "";
    let empty = false;
    for (const { codes: columnCodes, tokens } of coded) {
      const code = columnCodes[row]!;
      if (code < 0 || tokens[code]!.length === 0) empty = true;
      key += `${code},`;
    }
    if (empty) {
      codes[row] = -1;
      continue;
    }
    let code = codeByKey.get(key);
    if (code === undefined) {
      code = words.length;
      codeByKey.set(key, code);
      words.push(cross(coded.map(({ codes: columnCodes, tokens }) => tokens[columnCodes[row]!]!)));
    }
    codes[row] = code;
  }
  return { kind: "text", codes, words };
}

function cross(lists: readonly string[][]): string {
  let products: string[] = lists[0]!;
  for (const list of lists.slice(1)) products = products.flatMap((left) => list.map((right) => `${left}_${right}`));
  return products.join(crossSeparator);
}

/** A column as codes of distinct entries, with the values of each entry. */
function coding(column: RawColumn, separator: string): { codes: Int32Array; tokens: string[][] } {
  if (column.kind === "text") {
    return {
      codes: column.codes,
      tokens: column.words.map((word) => word.split(separator).filter((part) => part !== "")),
    };
  }
  const rows = columnRows(column);
  const codes = new Int32Array(rows);
  const tokens: string[][] = [];
  const codeByKey = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const value = valueAt(column, row);
    const list = (Array.isArray(value) ? value : [value])
      .filter((item) => item !== null && item !== "" && !Number.isNaN(item))
      .map((item) => (typeof item === "number" ? numberText(item) : String(item)));
    const key = list.join(crossSeparator);
    let code = list.length === 0 ? -1 : codeByKey.get(key);
    if (code === undefined) {
      code = tokens.length;
      codeByKey.set(key, code);
      tokens.push(list);
    }
    codes[row] = code;
  }
  return { codes, tokens };
}
