/** `--separator`, `--header` and `--names`: how CSV files are written, where their first line does not say it. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CsvOptions } from "../../api/data/index.js";

/** What they say. */
export interface CsvChoice {
  readonly separator?: string;
  readonly header?: boolean;
  readonly names?: readonly string[];
}

/** Adds them to a command. */
export function withCsvOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--separator <text>",
        'what separates the fields of CSV files, such as "\\t" or :: (default: the one of , tab ; | that the header has)',
      ).argParser(separatorText),
    )
    .option("--header", "the first line of CSV files holds names, even if it looks like a row")
    .option("--no-header", "the first line of CSV files is a row")
    .addOption(
      new Option(
        "--names <columns>",
        "names of the columns of CSV files without a header, with commas between",
      ).argParser((text: string) => text.split(",").map((name) => name.trim())),
    );
}

/** The options of opening rows. */
export function csvChoice({ separator, header, names }: CsvChoice): CsvOptions {
  return { separator, header, names };
}

/** A shell has no way to write a tab or a control character: they are escaped as in JSON, or as `\\x01`. */
function separatorText(text: string): string {
  const escaped = text.replace(/\\x([0-9a-f]{2})/gi, "\\u00$1");
  try {
    return JSON.parse(`"${escaped.replaceAll('"', '\\"')}"`) as string;
  } catch {
    throw new InvalidArgumentError("It must be text; escape a tab as \\t and other characters as \\x01.");
  }
}
