/**
 * The `# pepnet: {…}` line: settings that TorchEasyRec lacks, written as a comment that it skips.
 */

import { isDerivedColumn } from "../../spec/index.js";
import { isObject, type Json, type JsonObject } from "../../util/json.js";
import { jsonLine } from "../../util/text/code-text.js";
import { clipped } from "../../util/text/format.js";
import { didYouMean } from "../../util/text/near.js";
import { parseJson } from "../../util/text/parse-json.js";
import { isMetricNotes } from "../convert/model/losses.js";
import { type ConfigReport, placed } from "../schema/report.js";

const line = /^[ \t]*# pepnet: (.*)$/m;

/** Each setting with its expected value and a check. */
const settings: Readonly<Record<string, { readonly expected: string; readonly fits: (value: Json) => boolean }>> = {
  seed: { expected: "an integer ≥ 0", fits: (value) => Number.isSafeInteger(value) && (value as number) >= 0 },
  epochs: {
    expected: `"automatic": num_epochs follows from the number of rows`,
    fits: (value) => value === "automatic",
  },
  domainNames: {
    expected: "a list of names",
    fits: (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
  },
  derived: {
    expected: 'columns with their rules, such as {"like":{"kind":"above","from":"rating","value":3}}',
    fits: (value) => isObject(value) && Object.values(value).every(isDerivedColumn),
  },
  metrics: {
    expected: 'metrics that TorchEasyRec lacks, by tower and place, such as {"ctr":{"0":{"kind":"…"}}}',
    fits: isMetricNotes,
  },
};

/** Reads the settings of a text; problems are added to the report. */
export function readNotes(report: ConfigReport): JsonObject {
  const text = report.source?.text ?? "";
  const match = line.exec(text);
  if (match === null) return {};
  const at = { line: text.slice(0, match.index).split("\n").length, column: match[0].indexOf("#") + 1 };
  const notes = parseNotes(match[1]!);
  if (notes === null) {
    const expected = 'a JSON object, such as # pepnet: {"seed":7}';
    const problem = {
      path: "# pepnet",
      message: "this line is not valid JSON",
      received: clipped(match[1]!),
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
        message: setting === undefined ? `unknown setting "${clipped(name)}"` : `${received} is not a valid value`,
        received,
        expected: setting?.expected ?? `one of ${names.join(", ")}`,
        fix: setting === undefined ? didYouMean(name, names) : undefined,
      }),
    );
  }
  return notes;
}

/** The line for these settings, or an empty text without settings. */
export function printNotes(notes: JsonObject): string {
  return Object.keys(notes).length === 0 ? "" : `# pepnet: ${jsonLine(notes)}\n`;
}

function parseNotes(text: string): JsonObject | null {
  try {
    const value: unknown = parseJson(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
