/**
 * Detects titles and comments above the header of a CSV file.
 */
import path from "node:path";
import type { Problem } from "../../../errors/index.js";
import { shellWord } from "../../../util/text/code-text.js";
import { detectCompression } from "./bytes/text-bytes.js";
import type { Head } from "./head.js";
import { splitRecords } from "./records.js";
import { usualSeparators } from "./separator.js";

/** Number of examined records. */
const lookedRecords = 20;
/** The start of a line that is a comment. */
const comment = /^\s*(?:#|\/\/|%|--)/;

/** The problem of a file whose first lines belong to no table; empty if there is none. */
export function linesAboveProblems(file: string, head: Head): Problem[] {
  for (const separator of usualSeparators) {
    const { records } = splitRecords(head.text, separator, lookedRecords, head.whole);
    const fields = records.at(-1)?.length ?? 1;
    const above = records.map((record) => record.length !== fields).lastIndexOf(true) + 1;
    const isTable = fields > 1 && above > 0 && records.length - above > 1;
    if (!isTable || !records.slice(0, above).every(isTitle)) continue;
    const [first = []] = records;
    const lines = above === 1 ? "line" : `${above} lines`;
    return [
      {
        path: `${file}: line 1`,
        message: `the first ${lines} above the header ${above === 1 ? "is" : "are"} no part of the table`,
        received: JSON.stringify(first.join(separator)),
        expected: `the names of the ${fields} columns in the first line`,
        fix: `delete the first ${lines}${command(file, above)}`,
      },
    ];
  }
  return [];
}

function isTitle(record: readonly string[]): boolean {
  const [text = ""] = record;
  return comment.test(text) || (record.length === 1 && !usualSeparators.some((separator) => text.includes(separator)));
}

/** A command that writes the file without its first lines. */
function command(file: string, above: number): string {
  if (detectCompression(file) !== null) return "";
  const { dir, name, ext } = path.parse(file);
  const target = path.join(dir, `${name}-table${ext}`);
  return `, for example: tail -n +${above + 1} ${shellWord(file)} > ${shellWord(target)}`;
}
