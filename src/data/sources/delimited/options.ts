/** What a caller may say of CSV files. */
import { DataError, type Problem } from "../../../errors/index.js";
import { shellWord, stringLiteral } from "../../../util/text/code-text.js";

/** How CSV files are written, where their first line does not say it. */
export interface CsvOptions {
  /** Whether the first line holds the columns' names. Default: `true`, or `false` where `names` are given. */
  readonly header?: boolean | undefined;
  /** The columns' names, in order: of files without a header, or instead of the header's (with `header: true`). */
  readonly names?: readonly string[] | undefined;
  /** What is between two fields, such as `"\t"` or `"::"`. Default: the one of `,` tab `;` `|` that the header has. */
  readonly separator?: string | undefined;
}

/** How to open files so, for the fix of an error: in code, and on the command line. @param opened what was opened */
export function openingFix(opened: string | readonly string[], options: CsvOptions): string {
  const { separator, header, names } = options;
  const said = Object.entries({ separator, header, names }).filter(([, value]) => value !== undefined);
  const code = said.map(([key, value]) => `${key}: ${codeOf(value)}`).join(", ");
  const flags = [
    ...(separator === undefined ? [] : [`--separator ${shellWord(flagText(separator))}`]),
    ...(header === undefined ? [] : [header ? "--header" : "--no-header"]),
    ...(names === undefined ? [] : [`--names ${shellWord(names.join(","))}`]),
  ];
  return `dataset(${codeOf(opened)}, { ${code} }), or ${flags.join(" ")} on the command line`;
}

/** The separator as `--separator` reads it: with JSON's escapes. */
function flagText(separator: string): string {
  return JSON.stringify(separator).slice(1, -1).replaceAll('\\"', '"');
}

function codeOf(value: CsvOptions["names"] | string | boolean): string {
  if (typeof value === "string") return stringLiteral(value);
  return Array.isArray(value) ? `[${value.map(stringLiteral).join(", ")}]` : String(value);
}

/** Whether anything is said. */
export function saysCsv({ header, names, separator }: CsvOptions): boolean {
  return header !== undefined || names !== undefined || separator !== undefined;
}

/** The error of such options for something else. */
export function csvOptionsOf(path: string, received: string): DataError {
  return new DataError({
    path,
    message: "header, names and separator say how CSV files are written",
    received,
    expected: "CSV files",
    fix: "leave these options out",
  });
}

/** Throws a DataError for options that cannot be meant. */
export function assertCsvOptions(options: CsvOptions): void {
  const problems = [...headerProblems(options), ...namesProblems(options), ...separatorProblems(options)];
  if (problems.length > 0) throw new DataError(problems);
}

function headerProblems({ header }: CsvOptions): Problem[] {
  if (header === undefined || typeof header === "boolean") return [];
  return [{ path: "header", message: "must be true or false", received: JSON.stringify(header) }];
}

function namesProblems({ names }: CsvOptions): Problem[] {
  if (names === undefined) return [];
  const isList = Array.isArray(names) && names.length > 0;
  if (!isList || !names.every((name) => typeof name === "string" && name.trim() !== "" && !name.includes("\0"))) {
    return [
      {
        path: "names",
        message: "must be a list of column names",
        received: JSON.stringify(names),
        expected: 'such as ["user_id", "clk"]',
      },
    ];
  }
  return repeatedNames(names).map(({ name, first }) => ({
    path: "names",
    message: repeatedMessage(name, first),
    fix: "give every column a name of its own",
  }));
}

function separatorProblems({ separator }: CsvOptions): Problem[] {
  // DuckDB takes up to four bytes; a quote or a line end cannot separate.
  if (separator === undefined || (typeof separator === "string" && /^[^"\r\n\0\x80-\uffff]{1,4}$/.test(separator)))
    return [];
  return [
    {
      path: "separator",
      message: "cannot separate fields",
      received: JSON.stringify(separator),
      expected: "one to four ASCII characters, without quotes and line ends",
    },
  ];
}

/** Names that come again, each once, and how they came first: DuckDB does not tell `clk` from `CLK`. */
export function repeatedNames(names: readonly string[]): { readonly name: string; readonly first: string }[] {
  const firsts = new Map<string, string>();
  const repeated = new Map<string, string>();
  for (const name of names) {
    const first = firsts.get(name.toLowerCase());
    if (first === undefined) firsts.set(name.toLowerCase(), name);
    else repeated.set(name, first);
  }
  return [...repeated].map(([name, first]) => ({ name, first }));
}

/** What is wrong with a name that comes again. */
export function repeatedMessage(name: string, first: string): string {
  const other = first === name ? "" : ` (first as "${first}"; letter case does not tell them apart)`;
  return `column "${name}" comes twice${other}`;
}
