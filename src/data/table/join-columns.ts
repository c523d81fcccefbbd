/** Concatenates columns that were read part by part. */
import {
  columnRows,
  type NumberColumn,
  Numbering,
  type RawColumn,
  type ScalarColumn,
  type TextColumn,
} from "./column.js";

/** The rows of all parts, which are of one kind, concatenated. */
export function joinColumns(parts: readonly ScalarColumn[]): ScalarColumn {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return only?.kind === "number" ? joinNumbers(parts as NumberColumn[]) : joinTexts(parts as TextColumn[]);
}

function joinNumbers(parts: readonly NumberColumn[]): NumberColumn {
  const rows = rowsIn(parts);
  const whole = parts.every(({ values }) => values instanceof Int32Array);
  const values = whole ? new Int32Array(rows) : new Float64Array(rows);
  const valid = joinValid(parts, rows);
  let filled = 0;
  for (const part of parts) {
    values.set(part.values, filled);
    filled += part.values.length;
  }
  return { kind: "number", type: parts[0]?.type ?? "float", values, valid };
}

function joinTexts(parts: readonly TextColumn[]): TextColumn {
  const codes = new Int32Array(rowsIn(parts));
  const all = new Numbering<string>();
  let filled = 0;
  for (const part of parts) {
    const partCodes = part.words.map((word) => all.of(word));
    for (const code of part.codes) codes[filled++] = code < 0 ? code : partCodes[code]!;
  }
  return { kind: "text", codes, words: all.values };
}

function joinValid(parts: readonly NumberColumn[], rows: number): Uint8Array | null {
  if (parts.every(({ valid }) => valid === null)) return null;
  const all = new Uint8Array(rows).fill(1);
  let filled = 0;
  for (const part of parts) {
    if (part.valid !== null) all.set(part.valid, filled);
    filled += columnRows(part);
  }
  return all;
}

function rowsIn(parts: readonly RawColumn[]): number {
  return parts.reduce((sum, part) => sum + columnRows(part), 0);
}
