/** Domains of a text column: a text that is a domain's name is the domain's number. */
import { numberIn, numbersWritten } from "./cells.js";
import { isWhole } from "./number-text.js";
import { type RawColumn, withUsedWords } from "./table/column.js";

/**
 * The column with names replaced by numbers; other columns, and text that is neither a name nor a number, are kept. A
 * name that is a number, such as `2`, only labels results: in a text column `2` is the domain 2.
 */
export function domainNumbers(column: RawColumn, names: readonly string[] | null): RawColumn {
  if (column.kind !== "text" || names === null) return column;
  const places = new Map(names.flatMap((name, place) => (isWhole(name) ? [] : [[name, String(place)] as const])));
  const used = withUsedWords(column) as typeof column;
  const words = used.words.map((word) => places.get(word) ?? word);
  const mapped = { ...used, words };
  return words.some((word) => Number.isNaN(numberIn(word))) ? mapped : numbersWritten(mapped);
}
