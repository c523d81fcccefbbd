/**
 * Installs the kernel for Jupyter, and removes it: files written by Node alone, no Python needed. A list beside the
 * kernelspec remembers what was written, so that removal takes nothing else.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { kernelDisplayName, kernelSpecName } from "../kernelspec.js";
import { kernelMain } from "../paths.js";
import { installFiles } from "./files.js";
import { dataFolder, type InstallPlace } from "./places.js";

const listName = "pepnet-install.json";

/** What an installation wrote, by path below the data folder. */
interface InstallList {
  readonly files: readonly string[];
}

/**
 * Writes the kernelspec, the Plotly extension and papermill's translator; again: refreshes them.
 * Gives the absolute paths of the files. Throws a NotebookError where another program's kernel has the name, the
 * package is not compiled, or the folder cannot be written.
 *
 * @example
 * await installKernel({ prefix: ".venv" }); // what JupyterLab of that environment finds
 */
export async function installKernel(place: InstallPlace = {}): Promise<string[]> {
  const name = checkName(place.name ?? kernelSpecName);
  const folder = dataFolder(place);
  const before = await readList(folder, name);
  if (before === null) refuseForeignKernel(folder, name);
  if (!existsSync(kernelMain)) throw notCompiled();
  const files = await installFiles(name);
  const names = [...files.keys(), listPath(name)];
  try {
    for (const [file, content] of files) await write(path.join(folder, file), content);
    await write(
      path.join(folder, listPath(name)),
      `${JSON.stringify({ files: names } satisfies InstallList, null, 2)}\n`,
    );
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
  await remove(
    folder,
    (before?.files ?? []).filter((file) => !names.includes(file)),
  );
  return names.map((file) => path.join(folder, file));
}

/** Removes what {@link installKernel} wrote at the place, and gives those paths; nothing there: an empty list. */
export async function uninstallKernel(place: InstallPlace = {}): Promise<string[]> {
  const name = checkName(place.name ?? kernelSpecName);
  const folder = dataFolder(place);
  const list = await readList(folder, name);
  if (list === null) return [];
  const others = await otherLists(folder, name);
  return remove(
    folder,
    list.files.filter((file) => !others.has(file)),
  );
}

function listPath(name: string): string {
  return `kernels/${name}/${listName}`;
}

async function readList(folder: string, name: string): Promise<InstallList | null> {
  try {
    const list: InstallList = JSON.parse(await readFile(path.join(folder, listPath(name)), "utf8"));
    return { files: list.files.filter((file) => path.join(folder, file).startsWith(folder + path.sep)) };
  } catch {
    return null;
  }
}

/** The files that our kernels of other names at the same place still need. */
async function otherLists(folder: string, name: string): Promise<Set<string>> {
  const kernels = await readdir(path.join(folder, "kernels")).catch(() => []);
  const lists = await Promise.all(kernels.filter((other) => other !== name).map((other) => readList(folder, other)));
  return new Set(lists.flatMap((list) => list?.files ?? []));
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileWhole(file, content);
}

/** Removes files, then the folders that this left empty. */
async function remove(folder: string, files: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const file of files) {
    const full = path.join(folder, file);
    if (!existsSync(full)) continue;
    await rm(full);
    removed.push(full);
  }
  for (const full of removed) await removeEmptyFolders(path.dirname(full), folder);
  return removed;
}

async function removeEmptyFolders(from: string, stop: string): Promise<void> {
  let current = from;
  while (current.startsWith(stop + path.sep)) {
    try {
      await rmdir(current); // refuses a folder that holds anything
    } catch {
      return;
    }
    current = path.dirname(current);
  }
}

function checkName(name: string): string {
  if (/^[a-z0-9._-]+$/i.test(name)) return name;
  throw new NotebookError({
    path: "name",
    message: "Jupyter does not take this kernel name",
    received: `"${name}"`,
    expected: "letters, digits, `.`, `-` and `_`",
    fix: "for example: pepnet",
  });
}

function refuseForeignKernel(folder: string, name: string): void {
  const spec = path.join(folder, "kernels", name, "kernel.json");
  if (!existsSync(spec)) return;
  throw new NotebookError({
    path: spec,
    message: "another program installed a kernel of this name",
    expected: `no kernel, or "${kernelDisplayName}"`,
    fix: "install under another name, or remove that kernel (jupyter kernelspec remove)",
  });
}

function notCompiled(): NotebookError {
  return new NotebookError({
    path: kernelMain,
    message: "the kernel is not compiled",
    expected: "the package's compiled files",
    fix: "in a clone of the repository: npm start",
  });
}

function cannotWrite(folder: string, cause: unknown): NotebookError {
  const received = (cause as Error).message;
  const fix = "choose a folder that you may write to, with `prefix`";
  return new NotebookError({ path: folder, message: "the kernel cannot be installed there", received, fix }, { cause });
}
