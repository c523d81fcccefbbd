/**
 * Options of CSV files.
 */
import { DataError, type Problem } from "../../../errors/index.js";
import { shellWord, stringLiteral } from "../../../util/text/code-text.js";

/** How CSV files are written, if their first line does not show it. */
export interface CsvOptions {
  /** Whether the first line contains the column names. Default: `true`, or `false` if `names` are set. */
  readonly header?: boolean | undefined;
  /**
   * The column names, in order: for files without a header, or to replace the header's names (with `header: true`).
   */
  readonly names?: readonly string[] | undefined;
  /**
   * The separator between fields, such as `"\t"` or `"::"`. Default: the one of `,` tab `;` `|` that the header
   * contains.
   */
  readonly separator?: string | undefined;
}

/**
 * How to open files with these options, for the fix of an error: in code and on the command line. @param opened the
 * opened source
 */
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

/** The separator in the syntax of `--separator`: with JSON's escapes. */
function flagText(separator: string): string {
  return JSON.stringify(separator).slice(1, -1).replaceAll('\\"', '"');
}

function codeOf(value: CsvOptions["names"] | string | boolean): string {
  if (typeof value === "string") return stringLiteral(value);
  return Array.isArray(value) ? `[${value.map(stringLiteral).join(", ")}]` : String(value);
}

/** Whether any option is set. */
export function saysCsv({ header, names, separator }: CsvOptions): boolean {
  return header !== undefined || names !== undefined || separator !== undefined;
}

/** The error of CSV options for another kind of source. */
export function csvOptionsOf(path: string, received: string): DataError {
  return new DataError({
    path,
    message: "header, names and separator are options of CSV files",
    received,
    expected: "CSV files",
    fix: "remove these options",
  });
}

/** Throws a DataError for invalid options. */
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
    fix: "give each column a different name",
  }));
}

function separatorProblems({ separator }: CsvOptions): Problem[] {
  // DuckDB supports up to four bytes; a quote or a line end cannot separate.
  if (separator === undefined || (typeof separator === "string" && /^[^"\r\n\0\x80-\uffff]{1,4}$/.test(separator)))
    return [];
  return [
    {
      path: "separator",
      message: "not a valid separator",
      received: JSON.stringify(separator),
      expected: "one to four ASCII characters, without quotes and line ends",
    },
  ];
}

/** Repeated names, each once, with their first spelling: DuckDB ignores letter case. */
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

/** The problem of a repeated name. */
export function repeatedMessage(name: string, first: string): string {
  const other = first === name ? "" : ` (first as "${first}"; letter case is ignored)`;
  return `duplicate column "${name}"${other}`;
}
