/** The parameter sets of many runs: from a JSON or CSV file, from values to combine, or from both. */
import path from "node:path";
import { NotebookError, type Problem } from "../../errors/index.js";
import { fileProblem, readText } from "../../util/files/read-whole.js";
import type { Json } from "../../util/json.js";
import { parseJson } from "../../util/text/parse-json.js";
import type { DeclaredParameter } from "../parameters/declared.js";
import { type Parameters, unknownParameter } from "../parameters/inject.js";
import { parseValue, parseValues } from "../parameters/text.js";
import { csvRecords } from "./csv.js";

/** The sources of parameter sets. */
export interface SetSources {
  /** Name and text, as on the command line; `1,2,4` or a repeated name gives several values. */
  readonly pairs?: readonly (readonly [name: string, text: string])[];
  /** A file of sets: JSON (an array of objects) or CSV (names in the first line, an empty cell keeps the default). */
  readonly file?: string;
  /** Base of relative paths. Default: the current folder. */
  readonly folder?: string;
}

/**
 * Every set of the file with every combination of the pairs' values, the last pair varying fastest. Without sources,
 * returns one empty set. Throws a NotebookError if the file cannot be read, or for repeated or undeclared names.
 */
export async function parameterSets(
  sources: SetSources,
  declared: readonly DeclaredParameter[],
  notebook: string,
): Promise<Parameters[]> {
  const folder = sources.folder ?? process.cwd();
  const pairs = sources.pairs ?? [];
  const unknown = [...new Set(pairs.map(([name]) => name))].filter((name) => !declared.some((d) => d.name === name));
  if (unknown.length > 0) throw new NotebookError(unknown.map((name) => unknownParameter(name, declared, notebook)));
  const values = new Map<string, Json[]>();
  for (const [name, text] of pairs) {
    const { kind } = declared.find((each) => each.name === name)!;
    values.set(name, [...(values.get(name) ?? []), ...parseValues(text, kind, folder)]);
  }
  let sets = sources.file === undefined ? [{}] : await readSets(path.resolve(folder, sources.file), declared);
  refuseTwice(sets, values, sources.file);
  for (const [name, choices] of values)
    sets = sets.flatMap((set) => choices.map((value) => ({ ...set, [name]: value })));
  return sets;
}

function refuseTwice(
  sets: readonly Parameters[],
  values: ReadonlyMap<string, unknown>,
  file: string | undefined,
): void {
  const twice = [...values.keys()].filter((name) => sets.some((set) => name in set));
  if (twice.length === 0) return;
  throw new NotebookError({
    path: `-p ${twice.join(", ")}`,
    message: "the parameter is also in the file of sets",
    received: `values from the command line and from ${file}`,
    fix: "set it in one place",
  });
}

async function readSets(file: string, declared: readonly DeclaredParameter[]): Promise<Parameters[]> {
  const problem = (message: string, more: Partial<Problem> = {}): NotebookError =>
    new NotebookError({
      path: file,
      message,
      expected: "a JSON array of objects, or CSV with a line of names",
      ...more,
    });
  const text = await readText(file, "text").catch((cause: unknown) => {
    const { message, ...more } = fileProblem(cause, "the parameter sets cannot be read");
    throw problem(message, more);
  });
  let sets: Parameters[];
  try {
    sets = /\.csv$/i.test(file) ? csvSets(text, file, declared) : jsonSets(text);
  } catch (cause) {
    if (cause instanceof NotebookError) throw cause;
    throw problem("the file has no valid parameter sets", { received: (cause as Error).message });
  }
  if (sets.length === 0) throw problem("the file has no parameter sets");
  return sets;
}

function jsonSets(text: string): Parameters[] {
  const parsed = parseJson(text) as Json;
  const list: readonly Json[] = Array.isArray(parsed) ? parsed : [parsed];
  const wrong = list.find((set) => typeof set !== "object" || set === null || Array.isArray(set));
  if (wrong !== undefined) throw new Error(JSON.stringify(wrong).slice(0, 80));
  return list as Parameters[];
}

function csvSets(text: string, file: string, declared: readonly DeclaredParameter[]): Parameters[] {
  const [header = [], ...rows] = csvRecords(text);
  const names = header.map((name) => name.trim());
  const unknown = names.filter((name) => !declared.some((each) => each.name === name));
  if (unknown.length > 0) throw new NotebookError(unknown.map((name) => unknownParameter(name, declared, file)));
  return rows.map((row, index) => {
    if (row.length !== names.length) {
      throw new Error(`record ${index + 1} has ${row.length} fields, the first line ${names.length}`);
    }
    const values = names.map((name, at) => [name, row[at]!] as const).filter(([, cell]) => cell !== "");
    const parsed = values.map(([name, cell]) => {
      const { kind } = declared.find((each) => each.name === name)!;
      return [name, parseValue(cell, kind, path.dirname(file))];
    });
    return Object.fromEntries(parsed);
  });
}
