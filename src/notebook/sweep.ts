/** Runs a notebook with many parameter sets; writes each with a page, and the index anew. Failures do not stop it. */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { NotebookError, type Problem } from "../errors/index.js";
import { escapeHtml } from "../util/escape.js";
import { makeFolders } from "../util/files/make-folders.js";
import { fileProblem, readText } from "../util/files/read-whole.js";
import type { Json } from "../util/random.js";
import { parseJson } from "../util/text.js";
import { writeFileWhole } from "../util/write-whole.js";
import { type ExecuteOptions, executeCells } from "./execute.js";
import { readNotebook, refuseOtherLanguage, writeNotebook } from "./files.js";
import { isPage, notebookHtml, notebookTitle } from "./page.js";
import {
  type DeclaredParameter,
  notebookParameters,
  type Parameters,
  parseValue,
  parseValues,
  unknownParameter,
  withParameters,
} from "./parameters.js";
import { indexCsv, indexHtml, keyNumbers, type SweepRun } from "./sweep-index.js";
import { joinLines, type Multiline, type Notebook } from "./widgets.js";

export interface SweepOptions extends SetSources, Omit<ExecuteOptions, "onProgress"> {
  readonly out: string;
  readonly jobs?: number;
  readonly onRun?: (run: SweepRun, done: number, total: number) => void;
}

export interface SweepResult {
  readonly ok: boolean;
  readonly runs: readonly SweepRun[];
  readonly index: string;
}

export async function notebookParameterSets(notebookPath: string, sources: SetSources): Promise<Parameters[]> {
  if (sources.file === undefined && (sources.pairs ?? []).length === 0) return [{}];
  const file = path.resolve(notebookPath);
  const notebook = await readNotebook(file);
  refuseOtherLanguage(notebook, file);
  const names = (sources.pairs ?? []).map(([name]) => name);
  const declared = notebookParameters(notebook, names.length > 0 ? names : [`the sets of ${sources.file}`], file);
  const sets = await parameterSets(sources, declared, file);
  for (const set of sets) withParameters(notebook, set, file);
  return sets;
}

/**
 * Runs every set. Throws a NotebookError before the first run if a set does not match the notebook.
 * @example await runSweep("notebooks/quickstart.ipynb", { pairs: [["gamma", "1,2,4"]], out: "out/gammas", jobs: 2 });
 */
export async function runSweep(notebookPath: string, options: SweepOptions): Promise<SweepResult> {
  const file = path.resolve(notebookPath);
  const out = path.resolve(options.out);
  const sets = await notebookParameterSets(file, options);
  const notebook = await readNotebook(file);
  const names = sweepNames(file, sets);
  await assertSweepPlace(out, names);
  await makeFolder(out);
  const runs: SweepRun[] = sets.map((parameters, index) => {
    return { name: names[index]!, parameters, outcome: "waiting", seconds: 0, numbers: {}, pictures: [] };
  });
  const index = path.join(out, sharedFiles.index);
  const saveIndex = async (): Promise<void> => {
    await writeFileWhole(index, indexHtml({ title: notebookTitle(notebook), notebook: path.basename(file), runs }));
    await writeFileWhole(path.join(out, sharedFiles.csv), indexCsv(runs));
  };
  let next = 0;
  let done = 0;
  let saving = Promise.resolve();
  const work = async (): Promise<void> => {
    while (next < runs.length && !options.signal?.aborted) {
      const at = next++;
      const run = await runOne(notebook, file, out, runs[at]!, options);
      runs[at] = run;
      options.onRun?.(run, ++done, runs.length);
      saving = saving.then(saveIndex);
      await saving;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs ?? 1) }, work));
  await saveIndex();
  return { ok: runs.every((run) => run.outcome === "ok"), runs, index };
}

async function runOne(
  source: Notebook,
  file: string,
  out: string,
  run: SweepRun,
  options: SweepOptions,
): Promise<SweepRun> {
  const start = performance.now();
  const notebook = structuredClone(source);
  notebook.cells = withParameters(notebook, run.parameters, file);
  try {
    const failed = await executeCells(notebook, path.dirname(file), options);
    await writeNotebook(path.join(out, `${run.name}.ipynb`), notebook);
    await writePage(notebook, out, run.name);
    return {
      ...run,
      outcome: options.signal?.aborted ? "interrupted" : failed === null ? "ok" : "failed",
      seconds: (performance.now() - start) / 1000,
      ...failed,
      numbers: keyNumbers(notebook),
      pictures: await savePictures(notebook, out, run.name),
    };
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    return { ...run, outcome: "failed", seconds: (performance.now() - start) / 1000, error: error.message };
  }
}

/** The pages share one plotly.js, so that a hundred pages do not take half a gigabyte. */
async function writePage(notebook: Notebook, out: string, name: string): Promise<void> {
  await writeFileWhole(path.join(out, sharedFiles.plotly), await readFile(require.resolve("plotly.js-dist-min")));
  await writeFileWhole(path.join(out, `${name}.html`), await notebookHtml(notebook, { plotly: sharedFiles.plotly }));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    makeFolders(folder);
  } catch (cause) {
    throw new NotebookError(
      {
        path: folder,
        message: "several runs need a folder, and this path cannot be one",
        received: (cause as Error).message,
        fix: "use a new folder, such as out/sweep",
      },
      { cause },
    );
  }
}

export const sharedFiles = { index: "index.html", csv: "index.csv", plotly: "plotly.min.js" } as const;

export const picturesFolder = "pictures";

/** Throws a NotebookError if files would be overwritten that, by its index page, no earlier sweep wrote. */
export async function assertSweepPlace(out: string, runs: readonly string[]): Promise<void> {
  const index = path.join(out, sharedFiles.index);
  const page = (await isPage(index)) ? await readFile(index, "utf8") : null;
  const knows = (run: string): boolean =>
    page !== null && [escapeHtml(run), encodeURIComponent(run)].some((name) => page.includes(name));
  const shared: readonly string[] = page === null ? [...Object.values(sharedFiles), picturesFolder] : [];
  const newFiles = runs.filter((run) => !knows(run)).flatMap((run) => [`${run}.ipynb`, `${run}.html`]);
  const names = await readdir(out).catch(() => [] as string[]);
  const inTheWay = names.filter((name) => shared.includes(name) || newFiles.includes(name));
  if (inTheWay.length === 0) return;
  throw new NotebookError(
    inTheWay.slice(0, 5).map((name) => ({
      path: path.join(out, name),
      message: "not a file of an earlier sweep; nothing was run",
      expected: "a new folder, or the folder of an earlier sweep of this notebook",
      fix: "use another folder, or move the file",
    })),
  );
}

const longest = 80;

export function sweepNames(notebook: string, sets: readonly Parameters[]): string[] {
  const base = path.basename(notebook, path.extname(notebook));
  const varying = varyingNames(sets);
  const taken = new Set<string>(["index"]);
  return sets.map((set) => {
    const parts = varying.filter((name) => name in set).map((name) => `${name}-${word(set[name] as Json)}`);
    const preferredName = [base, ...parts]
      .join("-")
      .slice(0, longest)
      .replace(/[-.]+$/, "");
    let name = preferredName;
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${preferredName}-${count}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** Parameters that differ between sets; all parameters if nothing varies. */
export function varyingNames(sets: readonly Parameters[]): string[] {
  const names = [...new Set(sets.flatMap((set) => Object.keys(set)))];
  const varying = names.filter((name) => new Set(sets.map((set) => JSON.stringify(set[name]))).size > 1);
  return varying.length > 0 ? varying : names;
}

function word(value: Json): string {
  const text = typeof value === "string" ? path.basename(value) : JSON.stringify(value);
  return text.replace(/[^\p{L}\p{N}.+-]+/gu, "-").replace(/^-(?!\d)|-$/g, "") || "empty";
}

export async function savePictures(notebook: Pick<Notebook, "cells">, out: string, name: string): Promise<string[]> {
  const pictures = notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => ("data" in output ? joinLines(output.data["image/png"] as Multiline | undefined) : ""))
    .filter((base64) => base64 !== "");
  if (pictures.length > 0) makeFolders(path.join(out, picturesFolder));
  const files = pictures.map((_, index) => `${picturesFolder}/${name}-${index + 1}.png`);
  await Promise.all(
    files.map((file, index) => writeFileWhole(path.join(out, file), Buffer.from(pictures[index]!, "base64"))),
  );
  return files;
}

export interface SetSources {
  /** Name and text, as on the command line; `1,2,4` or a repeated name gives several values. */
  readonly pairs?: readonly (readonly [name: string, text: string])[];
  /** A file of sets: JSON (an array of objects) or CSV (names in the first line, an empty cell keeps the default). */
  readonly file?: string;
  readonly folder?: string;
}

/** Each set of the file with each combination of the pairs' values. Throws a NotebookError if they do not match. */
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

export function csvRecords(text: string): string[][] {
  const records: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let record: string[] = [];
  const source = text.replace(/^\ufeff/, "");
  while (field.lastIndex < source.length || record.length > 0) {
    const at = field.lastIndex;
    const match = field.exec(source);
    if (!match) throw new Error(`line ${source.slice(0, at).split("\n").length}: a quote is unclosed or misplaced`);
    record.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === ",") continue;
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
    if (match[3] === "") break;
  }
  return records;
}
