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
  const int = `TRY_CAST(${cell} AS BIGINT)`;
  // The commonest cells first, by what is quick; then all others by the rule itself.
  return `CASE
    WHEN ${cell} IS NULL THEN NULL
    WHEN CAST(${int} AS VARCHAR) = ${cell} THEN CASE WHEN abs(CAST(${int} AS DOUBLE)) < ${firstUnsafe} THEN ${wholeCell} ELSE ${largeCell} END
    WHEN ${matches(cell, "-?(0|[1-9][0-9]{0,14})[.][0-9]{1,15}")} THEN ${decimalCell}
    WHEN substr(${cell}, 5, 1) = '-' AND ${matches(cell, isoPattern)} THEN ${timeCell}
    WHEN ${among(cell, truthWords)} THEN ${truthCell}
    WHEN ${matches(bare, whole)} AND ${short} THEN CASE
      WHEN abs(${number}) >= ${firstUnsafe} THEN CASE WHEN ${bare} = ${cell} THEN ${largeCell} ELSE ${textCell} END
      WHEN ${bare} <> ${cell} OR ${cell} = '-0' THEN ${oddCell}
      ELSE ${wholeCell} END
    WHEN ${among(bare, special)} THEN ${decimalCell}
    WHEN ${matches(bare, decimal)} AND ${short} AND isfinite(${number}) THEN ${decimalCell}
    ELSE ${textCell} END`;
}
