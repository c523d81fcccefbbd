/**
 * Notebook files: execute (also with many parameter sets), verify, and convert to HTML. Cheap to import: each function
 * loads its dependencies when called.
 */
import type { Json } from "../util/random.js";
import type { RunNotebookOptions, RunNotebookResult } from "./execute.js";
import type { PageOptions } from "./page.js";
import type { SetSources, SweepOptions, SweepResult } from "./sweep.js";
import type { Verification, VerifyOptions } from "./verify.js";
import type { Notebook } from "./widgets.js";

export type { Difference } from "./compare.js";
export type { NotebookProgress, RunNotebookOptions, RunNotebookResult } from "./execute.js";
export type { PageOptions } from "./page.js";
export type { SetSources, SweepOptions, SweepResult } from "./sweep.js";
export type { SweepRun } from "./sweep-index.js";
export type { CellVerdict, Verification, VerifyOptions } from "./verify.js";
export type { Notebook, NotebookCell, Output } from "./widgets.js";

/** Reads a notebook file. */
export async function readNotebook(path: string): Promise<Notebook> {
  return (await import("./files.js")).readNotebook(path);
}

/** Executes a notebook through the kernel and saves it. */
export async function runNotebook(path: string, options: RunNotebookOptions = {}): Promise<RunNotebookResult> {
  return (await import("./execute.js")).runNotebook(path, options);
}

/** Executes a notebook with many parameter sets into a folder with an index page. */
export async function runSweep(path: string, options: SweepOptions): Promise<SweepResult> {
  return (await import("./sweep.js")).runSweep(path, options);
}

/** The parameter sets of a notebook from a file and from values to combine. */
export async function notebookParameterSets(
  path: string,
  sources: SetSources,
): Promise<Readonly<Record<string, Json>>[]> {
  return (await import("./sweep.js")).notebookParameterSets(path, sources);
}

/** Runs a notebook again and compares its outputs with the saved ones. */
export async function verifyNotebook(path: string, options: VerifyOptions = {}): Promise<Verification> {
  return (await import("./verify.js")).verifyNotebook(path, options);
}

/** A stand-alone HTML page of an executed notebook. */
export async function notebookHtml(
  notebook: Pick<Notebook, "cells" | "metadata">,
  options: PageOptions = {},
): Promise<string> {
  return (await import("./page.js")).notebookHtml(notebook, options);
}

/** Throws if another program's file is at the page's path. */
export async function assertPagePlace(file: string): Promise<void> {
  return (await import("./page.js")).assertPagePlace(file);
}

/** Writes a page. */
export async function writePageFile(file: string, html: string): Promise<void> {
  return (await import("./page.js")).writePageFile(file, html);
}
