/** Concatenates columns that were read part by part. */
import { numberText } from "../cells.js";
import { columnRows, type NumberColumn, type RawColumn, type TextColumn } from "./column.js";

/** The rows of all parts, concatenated. If some parts are text and others numbers, the result is text. */
export function joinColumns(parts: readonly (NumberColumn | TextColumn)[]): NumberColumn | TextColumn {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  if (parts.every((part) => part.kind === "number")) return joinNumbers(parts);
  return joinTexts(parts.map((part) => (part.kind === "number" ? asText(part) : part)));
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
  const words: string[] = [];
  const codeByWord = new Map<string, number>();
  let filled = 0;
  for (const part of parts) {
    const partCodes = part.words.map((word) => {
      const code = codeByWord.get(word) ?? words.length;
      if (code === words.length) {
        codeByWord.set(word, code);
        words.push(word);
      }
      return code;
    });
    for (const code of part.codes) codes[filled++] = code < 0 ? code : partCodes[code]!;
  }
  return { kind: "text", codes, words };
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

function asText({ values, valid }: NumberColumn): TextColumn {
  const words: string[] = [];
  const codeByValue = new Map<number, number>();
  const codes = Int32Array.from(values, (value, row) => {
    if (valid !== null && valid[row] === 0) return -1;
    const code = codeByValue.get(value) ?? words.length;
    if (code === words.length) {
      codeByValue.set(value, code);
      words.push(numberText(value));
    }
    return code;
  });
  return { kind: "text", codes, words };
}
