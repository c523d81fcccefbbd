/**
 * Detects whether the first line of a CSV file contains names or values: values look like the values below them.
 */

/** The kind of a field. */
type Look = "number" | "time" | "truth" | "text" | "nothing";

/** Number of examined records after the first. */
export const lookedRecords = 100;

/**
 * The reason why a first record seems to contain values; `null` if it seems to contain names. Columns of only
 * numbers, times or booleans decide: a name above such values is text. Without such a column, the first record
 * counts as values if one of its texts recurs in its column.
 */
export function seemsHeaderless(first: readonly string[], rest: readonly (readonly string[])[]): string | null {
  const looks = first.map(cellLook);
  if (rest.length === 0) {
    return looks.some((look) => look === "number") && looks.every((look) => look === "number" || look === "nothing")
      ? "every field is a number"
      : null;
  }
  const columns = first.map((_, column) => commonLook(rest, column));
  const telling = columns.flatMap((look, column) => (look === "text" || look === "nothing" ? [] : [column]));
  const named = telling.filter((column) => looks[column] !== "nothing");
  if (named.length > 0) {
    if (named.some((column) => looks[column] !== columns[column])) return null;
    const [column = 0] = named;
    return `${JSON.stringify(first[column])} is a ${words[columns[column]!]}, like all values below it`;
  }
  const again = first.findIndex((text, column) => text !== "" && rest.some((record) => record[column] === text));
  return again < 0 ? null : `${JSON.stringify(first[again])} occurs again below, in its column`;
}

/** Whether a first record seems to contain names: text above numbers, times or booleans. */
export function seemsHeader(first: readonly string[], rest: readonly (readonly string[])[]): boolean {
  const telling = first.filter((text, column) => {
    const look = commonLook(rest, column);
    return text !== "" && look !== "text" && look !== "nothing";
  });
  return telling.length > 0 && telling.every((text) => cellLook(text) === "text");
}

const words: Readonly<Record<Look, string>> = {
  number: "number",
  time: "time",
  truth: "word for yes or no",
  text: "text",
  nothing: "nothing",
};

function cellLook(text: string): Look {
  const bare = text.trim();
  if (bare === "") return "nothing";
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(bare)) return "number";
  if (/^\d{4}-\d\d-\d\d([T ]|$)/.test(bare) || /^\d{1,2}:\d\d(:\d\d)?/.test(bare)) return "time";
  return /^(true|false|yes|no)$/i.test(bare) ? "truth" : "text";
}

/** The kind of all values of a column; `text` if they differ, `nothing` without values. */
function commonLook(records: readonly (readonly string[])[], column: number): Look {
  let common: Look = "nothing";
  for (const record of records) {
    const look = cellLook(record[column] ?? "");
    if (look === "nothing" || look === common) continue;
    if (common !== "nothing") return "text";
    common = look;
  }
  return common;
}
