/** The `# pepnet: {…}` line: settings of ours that TorchEasyRec lacks, written where it sees a comment. */

import { isObject, type Json, type JsonObject } from "../../util/json.js";
import { clipped } from "../../util/text/format.js";
import { didYouMean } from "../../util/text/near.js";
import { parseJson } from "../../util/text/parse-json.js";
import { type ConfigReport, placed } from "../schema/report.js";

const line = /^[ \t]*# pepnet: (.*)$/m;

/** Each setting, what it must be, and a check. */
const settings: Readonly<Record<string, { readonly expected: string; readonly fits: (value: Json) => boolean }>> = {
  seed: { expected: "an integer ≥ 0", fits: (value) => Number.isSafeInteger(value) && (value as number) >= 0 },
  domainNames: {
    expected: "a list of names",
    fits: (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
  },
};

/** The settings of a text; what is wrong with them goes to the report. */
export function readNotes(report: ConfigReport): JsonObject {
  const text = report.source?.text ?? "";
  const found = line.exec(text);
  if (found === null) return {};
  const at = { line: text.slice(0, found.index).split("\n").length, column: found[0].indexOf("#") + 1 };
  const notes = parseNotes(found[1]!);
  if (notes === null) {
    const expected = 'a JSON object, such as # pepnet: {"seed":7}';
    const problem = {
      path: "# pepnet",
      message: "this line is not JSON",
      received: clipped(found[1]!),
      expected,
    };
    report.problems.add(() => placed(report, at, problem));
    return {};
  }
  for (const [name, value] of Object.entries(notes)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (setting?.fits(value as Json)) continue;
    const names = Object.keys(settings);
    const received = clipped(JSON.stringify(value));
    report.problems.add(() =>
      placed(report, at, {
        path: `# pepnet.${clipped(name)}`,
        message: setting === undefined ? `unknown setting "${clipped(name)}"` : `${received} does not fit here`,
        received,
        expected: setting?.expected ?? `one of ${names.join(", ")}`,
        fix: setting === undefined ? didYouMean(name, names) : undefined,
      }),
    );
  }
  return notes;
}

/** The line for these settings, or nothing where there are none. */
export function printNotes(notes: JsonObject): string {
  return Object.keys(notes).length === 0 ? "" : `# pepnet: ${JSON.stringify(notes)}\n`;
}

function parseNotes(text: string): JsonObject | null {
  try {
    const value: unknown = parseJson(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
