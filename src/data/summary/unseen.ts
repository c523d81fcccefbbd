/**
 * Counts the rows of a column with a value that another column lacks: the out-of-vocabulary rate against training.
 */
import { numberText } from "../cells/id-text.js";
import { columnRows, hasValue, type NumberColumn, type RawColumn, type TextColumn } from "../table/column.js";

/** Number of rows with a value (for lists: any item) that `training` lacks; rows without a value do not count. */
export function unseenRows(column: RawColumn, training: RawColumn): number {
  const scalars = column.kind === "list" ? column.items : column;
  const trainingScalars = training.kind === "list" ? training.items : training;
  const isUnseen = unseenTest(scalars, trainingScalars);
  let unseen = 0;
  for (let row = 0; row < columnRows(column); row++) {
    if (!hasValue(column, row)) continue;
    const from = column.kind === "list" ? column.offsets[row]! : row;
    const to = column.kind === "list" ? column.offsets[row + 1]! : row + 1;
    for (let at = from; at < to; at++) {
      if (!hasValue(scalars, at) || !isUnseen(at)) continue;
      unseen += 1;
      break;
    }
  }
  return unseen;
}

function text(column: NumberColumn, at: number): string {
  return numberText(column.values[at]!);
}

type Scalars = NumberColumn | TextColumn;

/** Numbers are compared as numbers if both columns are numeric, and otherwise as text (`7` equals `"7"`). */
function unseenTest(column: Scalars, training: Scalars): (at: number) => boolean {
  if (column.kind === "number" && training.kind === "number") {
    const values = new Set<number>();
    for (let at = 0; at < training.values.length; at++) if (hasValue(training, at)) values.add(training.values[at]!);
    return (at) => !values.has(column.values[at]!);
  }
  const words = new Set<string>();
  if (training.kind === "number") {
    for (let at = 0; at < training.values.length; at++) if (hasValue(training, at)) words.add(text(training, at));
  } else {
    // A word that a selection of rows does not use does not count.
    const used = new Uint8Array(training.words.length);
    for (const code of training.codes) if (code >= 0) used[code] = 1;
    for (const [code, word] of training.words.entries()) if (used[code] === 1) words.add(word);
  }
  if (column.kind === "number") return (at) => !words.has(text(column, at));
  const unseen = column.words.map((word) => !words.has(word));
  return (at) => unseen[column.codes[at]!]!;
}
