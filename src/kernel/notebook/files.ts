/** Notebook files: read with an error that helps, written so that a reader never sees half of one. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { NotebookError } from "../../errors/index.js";
import type { Notebook } from "./format.js";

/** Reads a notebook file. Throws a NotebookError where it is none. */
export async function readNotebook(file: string): Promise<Notebook> {
  const expected = "a notebook of format 4 (.ipynb)";
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const received = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new NotebookError(
      { path: file, message: "the notebook cannot be read", received, expected, fix: "check the path" },
      { cause },
    );
  }
  let notebook: Partial<Notebook>;
  try {
    notebook = JSON.parse(text);
  } catch (cause) {
    const received = (cause as Error).message;
    throw new NotebookError(
      { path: file, message: "the file is not JSON", received, expected, fix: "save it again from Jupyter" },
      { cause },
    );
  }
  if (notebook.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    const received = `nbformat ${notebook.nbformat ?? "missing"}`;
    throw new NotebookError({
      path: file,
      message: "this notebook format is not read",
      received,
      expected,
      fix: "open and save it in JupyterLab 4",
    });
  }
  return { ...notebook, metadata: notebook.metadata ?? {} } as Notebook;
}

/** Written beside and then renamed, so that a reader never sees half a notebook. */
export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(beside, `${JSON.stringify(notebook, null, 1)}\n`);
    await rename(beside, file);
  } catch (cause) {
    const received = (cause as Error).message;
    throw new NotebookError(
      {
        path: file,
        message: "the executed notebook cannot be written",
        received,
        fix: "make its folder, or choose another with `out`",
      },
      { cause },
    );
  }
}
