/**
 * Notebooks and the kernel, for programs: execute a notebook, make a page of it, install the kernel. Light: what each
 * needs is loaded when it is called, and TypeScript's compiler by the kernel's own process only.
 */
import type { Json } from "../util/json.js";
import type { DoctorFinding } from "./install/doctor.js";
import type { InstallPlace } from "./install/places.js";
import type { Notebook } from "./notebook/format.js";
import type { PageOptions } from "./notebook/page.js";
import type { RunNotebookOptions, RunNotebookResult } from "./notebook/run.js";
import type { SetSources } from "./notebook/sweep/sets.js";
import type { SweepOptions, SweepResult } from "./notebook/sweep/sweep.js";
import type { Verification, VerifyOptions } from "./notebook/verify/verify.js";

export type { DoctorFinding } from "./install/doctor.js";
export type { InstallPlace } from "./install/places.js";
export type { NotebookProgress } from "./notebook/execute.js";
export type { Notebook, NotebookCell, Output } from "./notebook/format.js";
export type { PageOptions } from "./notebook/page.js";
export type { RunNotebookOptions, RunNotebookResult } from "./notebook/run.js";
export type { SetSources } from "./notebook/sweep/sets.js";
export type { SweepOptions, SweepResult, SweepRun } from "./notebook/sweep/sweep.js";
export type { Difference } from "./notebook/verify/difference.js";
export type { CellVerdict, Verification, VerifyOptions } from "./notebook/verify/verify.js";
export type { DataRecord, Provenance } from "./provenance/record.js";

/** Reads a notebook file; see `notebook/files.ts`. */
export async function readNotebook(path: string): Promise<Notebook> {
  return (await import("./notebook/files.js")).readNotebook(path);
}

/** Executes a notebook through the kernel and saves it; see `notebook/run.ts`. */
export async function runNotebook(path: string, options: RunNotebookOptions = {}): Promise<RunNotebookResult> {
  return (await import("./notebook/run.js")).runNotebook(path, options);
}

/** Executes a notebook with many parameter sets into a folder with an index page; see `notebook/sweep/sweep.ts`. */
export async function runSweep(path: string, options: SweepOptions): Promise<SweepResult> {
  return (await import("./notebook/sweep/sweep.js")).runSweep(path, options);
}

/** The parameter sets that a file and values to combine mean for a notebook; see `notebook/sweep/sets.ts`. */
export async function notebookParameterSets(
  path: string,
  sources: SetSources,
): Promise<Readonly<Record<string, Json>>[]> {
  return (await import("./notebook/sweep/sweep.js")).notebookParameterSets(path, sources);
}

/** Runs a notebook again and compares its outputs with those it holds; see `notebook/verify/verify.ts`. */
export async function verifyNotebook(path: string, options: VerifyOptions = {}): Promise<Verification> {
  return (await import("./notebook/verify/verify.js")).verifyNotebook(path, options);
}

/** A stand-alone HTML page of an executed notebook; see `notebook/page.ts`. */
export async function notebookHtml(
  notebook: Pick<Notebook, "cells" | "metadata">,
  options: PageOptions = {},
): Promise<string> {
  return (await import("./notebook/page.js")).notebookHtml(notebook, options);
}

/** Installs the kernel for Jupyter; see `install/install.ts`. */
export async function installKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install/install.js")).installKernel(place);
}

/** Removes what {@link installKernel} wrote; see `install/install.ts`. */
export async function uninstallKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install/install.js")).uninstallKernel(place);
}

/** Says what is wrong with an installed kernel, and how to mend it; see `install/doctor.ts`. */
export async function examineKernel(place: InstallPlace = {}): Promise<DoctorFinding[]> {
  return (await import("./install/doctor.js")).examineKernel(place);
}
