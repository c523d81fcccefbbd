/** The bits of `cell-classes.ts` in SQL. */
import { decimalCell, largeCell, oddCell, textCell, timeCell, truthCell, wholeCell } from "./cell-classes.js";
import { firstUnsafe, mostDigits, truthWords } from "./number-text.js";
import { isoPattern } from "./time-text.js";

const whole = "-?(0|[1-9][0-9]*)";
const decimal = "-?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?";
const special = ["nan", "inf", "infinity", "-inf", "-infinity"];

/** SQL: the bit of a text expression; null for null. */
export function classSql(cell: string): string {
  const bare = `trim(${cell}, ' \t')`;
  const matches = (text: string, pattern: string): string => `regexp_full_match(${text}, '${pattern}')`;
  const among = (text: string, words: readonly string[]): string => `lower(${text}) IN ('${words.join("', '")}')`;
  const number = `TRY_CAST(${bare} AS DOUBLE)`;
  const short = `length(${bare}) <= ${mostDigits}`;
  return `CASE
    WHEN ${cell} IS NULL THEN NULL
    WHEN ${matches(bare, whole)} AND ${short} THEN CASE
      WHEN abs(${number}) >= ${firstUnsafe} THEN CASE WHEN ${bare} = ${cell} THEN ${largeCell} ELSE ${textCell} END
      WHEN ${bare} <> ${cell} OR ${cell} = '-0' THEN ${oddCell}
      ELSE ${wholeCell} END
    WHEN ${among(bare, special)} THEN ${decimalCell}
    WHEN ${matches(bare, decimal)} AND ${short} AND isfinite(${number}) THEN ${decimalCell}
    WHEN ${among(cell, truthWords)} THEN ${truthCell}
    WHEN ${matches(cell, isoPattern)} THEN ${timeCell}
    ELSE ${textCell} END`;
}
