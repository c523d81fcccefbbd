/** `--separator`, `--header`, `--names`, `--nulls`, `--encoding` and `--types`: the format of CSV files, if their first line does not show it. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CsvOptions } from "../../api/data/index.js";

/** The values of these options. */
export interface CsvChoice {
  readonly separator?: string;
  readonly header?: boolean;
  readonly names?: readonly string[];
  readonly nulls?: readonly string[];
  readonly encoding?: string;
  readonly types?: CsvOptions["types"];
}

/** Adds the options to a command. */
export function withCsvOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--separator <text>",
        'field separator of CSV files, such as "\\t" or :: (default: the one of , tab ; | :: in the first lines)',
      ).argParser(separatorText),
    )
    .option("--header", "read the first line of CSV files as names, even if it looks like a row")
    .option("--no-header", "read the first line of CSV files as a row")
    .addOption(
      new Option("--names <columns>", "column names of CSV files without a header, separated by commas").argParser(
        (text: string) => listed(text),
      ),
    )
    .addOption(
      new Option(
        "--nulls <texts>",
        'texts of CSV files that mean "no value", separated by commas, such as NA,?',
      ).argParser((text: string) => listed(text)),
    )
    .option("--encoding <name>", "encoding of CSV files, such as latin-1 or utf-16 (default: utf-8)")
    .addOption(
      new Option(
        "--types <types>",
        "types of CSV columns: text, integer or float, such as zip=text,price=float",
      ).argParser(columnTypes),
    );
}

function listed(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}

/** `zip=text,price=float`; the API checks the types. */
function columnTypes(text: string): NonNullable<CsvOptions["types"]> {
  const entries = listed(text).map((item) => {
    const at = item.lastIndexOf("=");
    if (at <= 0) throw new InvalidArgumentError("Expected columns with their types, such as zip=text,price=float.");
    return [item.slice(0, at), item.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries) as NonNullable<CsvOptions["types"]>;
}

/** The options for opening rows. */
export function csvChoice({ separator, header, names, nulls, encoding, types }: CsvChoice): CsvOptions {
  return { separator, header, names, nulls, encoding, types };
}

/** Tabs and control characters are hard to type in a shell: they are escaped as in JSON, or as `\\x01`. */
function separatorText(text: string): string {
  const escaped = text.replace(/\\x([0-9a-f]{2})/gi, "\\u00$1");
  try {
    return JSON.parse(`"${escaped.replaceAll('"', '\\"')}"`) as string;
  } catch {
    throw new InvalidArgumentError("Expected text; escape a tab as \\t and other characters as \\x01.");
  }
}
