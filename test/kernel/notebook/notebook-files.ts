/** Small notebooks for tests. */

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Notebook, NotebookCell } from "../../../src/kernel/notebook/format.js";

/** A cell; `tag` as an editor's cell tag. */
export function cell(source: string, tag?: string, type: NotebookCell["cell_type"] = "code"): NotebookCell {
  const base = { cell_type: type, id: `c${Math.abs(hash(source))}`, metadata: tag ? { tags: [tag] } : {}, source };
  return type === "code" ? { ...base, outputs: [], execution_count: null } : base;
}

/** A notebook of these cells for the project's kernel. */
export function notebook(...cells: NotebookCell[]): Notebook {
  const kernelspec = { display_name: "TypeScript (PEPNet)", language: "typescript", name: "pepnet" };
  return { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
}

/** An empty folder. */
export function emptyFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), "pepnet-notebook-test-"));
}

/** Writes a notebook file into a folder and gives its path. */
export function save(folder: string, name: string, content: Notebook): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** Reads a notebook file. */
export function open(file: string): Notebook {
  return JSON.parse(readFileSync(file, "utf8"));
}

function hash(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) | 0, 7);
}
