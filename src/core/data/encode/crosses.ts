/** Combo features: the cartesian product of several columns' values, joined with `_` (TorchEasyRec `ComboFeature`). */
import { Numbering } from "../../util/growing.js";
import { numberText } from "../cells.js";
import { columnRows, type RawColumn, type TextColumn, valueAt } from "../table/column.js";

/** Separates crossed values in the text column that {@link crossColumns} makes. */
export const crossSeparator = "\x1d";

/** The crossed values as one text column, the first column outermost; each distinct combination is built once. */
export function crossColumns(columns: readonly RawColumn[], separator: string): TextColumn {
  const rows = columns[0] === undefined ? 0 : columnRows(columns[0]);
  const coded = columns.map((column) => coding(column, separator));
  const keys = new Numbering<string>();
  const words: string[] = [];
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let key = "";
    let isEmpty = false;
    for (const { codes: columnCodes, tokens } of coded) {
      const code = columnCodes[row]!;
      if (code < 0 || tokens[code]!.length === 0) isEmpty = true;
      key += `${code},`;
    }
    const code = isEmpty ? -1 : keys.of(key);
    if (code >= 0) words[code] ??= cross(coded.map(({ codes, tokens }) => tokens[codes[row]!]!));
    codes[row] = code;
  }
  return { kind: "text", codes, words };
}

function cross(lists: readonly string[][]): string {
  let products: string[] = lists[0]!;
  for (const list of lists.slice(1)) products = products.flatMap((left) => list.map((right) => `${left}_${right}`));
  return products.join(crossSeparator);
}

function coding(column: RawColumn, separator: string): { codes: Int32Array; tokens: string[][] } {
  if (column.kind === "text") {
    return {
      codes: column.codes,
      tokens: column.words.map((word) => word.split(separator).filter((part) => part !== "")),
    };
  }
  const lists = new Numbering<string>();
  const tokens: string[][] = [];
  const codes = Int32Array.from({ length: columnRows(column) }, (_, row) => {
    const list = [valueAt(column, row)]
      .flat()
      .filter((item) => item !== null && item !== "" && !Number.isNaN(item))
      .map((item) => (typeof item === "number" ? numberText(item) : String(item)));
    if (list.length === 0) return -1;
    const code = lists.of(list.join(crossSeparator));
    tokens[code] ??= list;
    return code;
  });
  return { codes, tokens };
}
