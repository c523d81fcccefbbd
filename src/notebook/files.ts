import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../errors/index.js";
import { makeFolders } from "../util/files/make-folders.js";
import { fileProblem, readText } from "../util/files/read-whole.js";
import { isObject } from "../util/random.js";
import { writeFileWhole } from "../util/write-whole.js";
import { checkNotebook } from "./check.js";
import type { Notebook } from "./widgets.js";

export async function readNotebook(file: string): Promise<Notebook> {
  const expected = "a notebook of format 4 (.ipynb)";
  const text = await readText(file, "text").catch((cause: unknown) => {
    const problem = fileProblem(cause, "the notebook cannot be read");
    throw new NotebookError({ path: file, expected, fix: "check the path", ...problem }, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const received = (cause as Error).message;
    throw new NotebookError(
      { path: file, message: "the file is not JSON", received, expected, fix: "save it again from Jupyter" },
      { cause },
    );
  }
  const format = formatOf(value);
  if (format !== 4) {
    throw new NotebookError({
      path: file,
      message: "unsupported notebook format",
      received: format === undefined ? "no `nbformat`" : `nbformat ${JSON.stringify(format)?.slice(0, 40)}`,
      expected,
      fix: "open and save it in JupyterLab 4",
    });
  }
  return checkNotebook(value, file) as Notebook;
}

function formatOf(value: unknown): unknown {
  return isObject(value) ? value["nbformat"] : undefined;
}

/** Throws a NotebookError if the notebook is in another language: its cells would only fail. */
export function refuseOtherLanguage({ metadata }: Notebook, file: string): void {
  const { kernelspec, language_info: info } = metadata as {
    readonly kernelspec?: { readonly language?: string; readonly display_name?: string };
    readonly language_info?: { readonly name?: string };
  };
  const language = kernelspec?.language ?? info?.name;
  if (language === undefined || /^(typescript|javascript)$/i.test(language)) return;
  throw new NotebookError({
    path: file,
    message: "the notebook is for another kernel",
    received: kernelspec?.display_name ?? language,
    expected: "a notebook in TypeScript",
    fix: "execute it with `jupyter execute`, or select the kernel TypeScript (PEPNet) in JupyterLab",
  });
}

/** Creates an output's folder before an execution of hours, or throws a NotebookError. */
export async function prepareToWrite(file: string): Promise<void> {
  try {
    makeFolders(path.dirname(file));
    await access(path.dirname(file), constants.W_OK);
  } catch (cause) {
    throw notWritable(file, (cause as Error).message, cause);
  }
  const stats = await stat(file).catch(() => null);
  if (stats?.isDirectory()) throw notWritable(file, "a folder");
  if (stats?.isFile() && stats.size > 0 && !(await isNotebook(file))) {
    throw notWritable(file, "a file that is not a notebook, which would be replaced");
  }
}

async function isNotebook(file: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readText(file, "text"));
    return formatOf(value) !== undefined;
  } catch {
    return false;
  }
}

function notWritable(file: string, received: string, cause?: unknown): NotebookError {
  return new NotebookError(
    {
      path: file,
      message: "the executed notebook cannot be written",
      received,
      expected: "a file path in a writable folder",
      fix: "choose another path with `out`",
    },
    { cause },
  );
}

export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  await writeFileWhole(file, `${JSON.stringify(notebook, null, 1)}\n`).catch((cause: Error) => {
    throw notWritable(file, cause.message, cause);
  });
}
