/** `--separator`, `--header` and `--names`: the format of CSV files, if their first line does not show it. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CsvOptions } from "../../api/data/index.js";

/** The values of these options. */
export interface CsvChoice {
  readonly separator?: string;
  readonly header?: boolean;
  readonly names?: readonly string[];
}

/** Adds the options to a command. */
export function withCsvOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--separator <text>",
        'field separator of CSV files, such as "\\t" or :: (default: the one of , tab ; | in the header)',
      ).argParser(separatorText),
    )
    .option("--header", "read the first line of CSV files as names, even if it looks like a row")
    .option("--no-header", "read the first line of CSV files as a row")
    .addOption(
      new Option("--names <columns>", "column names of CSV files without a header, separated by commas").argParser(
        (text: string) => text.split(",").map((name) => name.trim()),
      ),
    );
}

/** The options for opening rows. */
export function csvChoice({ separator, header, names }: CsvChoice): CsvOptions {
  return { separator, header, names };
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
