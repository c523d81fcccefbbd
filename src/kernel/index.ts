/**
 * Notebooks and the kernel, for programs: execute a notebook, make a page of it, install the kernel. Light: what each
 * needs is loaded when it is called, and TypeScript's compiler by the kernel's own process only.
 */
import type { InstallPlace } from "./install/places.js";
import type { Notebook } from "./notebook/format.js";
import type { RunNotebookOptions, RunNotebookResult } from "./notebook/run.js";

export type { InstallPlace } from "./install/places.js";
export type { Notebook, NotebookCell, Output } from "./notebook/format.js";
export type { NotebookProgress, RunNotebookOptions, RunNotebookResult } from "./notebook/run.js";

/** Executes a notebook through the kernel and saves it; see `notebook/run.ts`. */
export async function runNotebook(path: string, options: RunNotebookOptions = {}): Promise<RunNotebookResult> {
  return (await import("./notebook/run.js")).runNotebook(path, options);
}

/** A stand-alone HTML page of an executed notebook; see `notebook/page.ts`. */
export async function notebookHtml(notebook: Pick<Notebook, "cells" | "metadata">): Promise<string> {
  return (await import("./notebook/page.js")).notebookHtml(notebook);
}

/** Installs the kernel for Jupyter; see `install/install.ts`. */
export async function installKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install/install.js")).installKernel(place);
}

/** Removes what {@link installKernel} wrote; see `install/install.ts`. */
export async function uninstallKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install/install.js")).uninstallKernel(place);
}
