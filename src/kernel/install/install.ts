/**
 * Installs and removes the Jupyter kernel; Python is not needed. A list next to the kernelspec records the written
 * files, so that removal deletes nothing else.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { kernelDisplayName, kernelSpecName } from "../kernelspec.js";
import { kernelMain } from "../paths.js";
import { installFiles } from "./files.js";
import { translatorLinks } from "./papermill.js";
import { dataFolder, environmentFolder, type InstallPlace } from "./places.js";

const listName = "pepnet-install.json";

/** The files that an installation wrote, by path below the data folder. */
interface InstallList {
  readonly files: readonly string[];
}

/**
 * Installs or updates the kernelspec, the Plotly extension and papermill's translator, which the papermill of a Python
 * environment then finds. Returns the absolute paths of the files. Throws a NotebookError if another program's kernel has the name, the package is not compiled, or the
 * folder cannot be written.
 *
 * @example
 * await installKernel({ prefix: ".venv" }); // for the JupyterLab of that environment
 */
export async function installKernel(place: InstallPlace = {}): Promise<string[]> {
  const name = checkName(place.name ?? kernelSpecName);
  const folder = dataFolder(place);
  const before = await readList(folder, name);
  if (before === null) refuseForeignKernel(folder, name);
  if (!existsSync(kernelMain)) throw notCompiled();
  const files = await installFiles(name);
  const links = linksOfPlace(place, folder);
  const names = [...files.keys(), listPath(name)];
  try {
    for (const [file, content] of files) await write(path.join(folder, file), content);
    await write(
      path.join(folder, listPath(name)),
      `${JSON.stringify({ files: names } satisfies InstallList, null, 2)}\n`,
    );
    for (const [file, content] of links) await write(file, content);
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
  await remove(
    folder,
    (before?.files ?? []).filter((file) => !names.includes(file)),
  );
  return [...names.map((file) => path.join(folder, file)), ...links.keys()];
}

/**
 * Removes the files that {@link installKernel} wrote in the place and returns their paths; an empty list if none exist.
 */
export async function uninstallKernel(place: InstallPlace = {}): Promise<string[]> {
  const name = checkName(place.name ?? kernelSpecName);
  const folder = dataFolder(place);
  const list = await readList(folder, name);
  if (list === null) return [];
  const others = await otherLists(folder, name);
  const links = others.size > 0 ? [] : [...linksOfPlace(place, folder).keys()];
  return remove(folder, [
    ...list.files.filter((file) => !others.has(file)),
    ...links.map((file) => path.relative(folder, file)),
  ]);
}

function linksOfPlace(place: InstallPlace, folder: string): Map<string, string> {
  const environment = environmentFolder(place);
  return environment === null ? new Map() : translatorLinks(environment, folder);
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

/** The files that pepnet kernels with other names in the same place still need. */
async function otherLists(folder: string, name: string): Promise<Set<string>> {
  const kernels = await readdir(path.join(folder, "kernels")).catch(() => []);
  const lists = await Promise.all(kernels.filter((other) => other !== name).map((other) => readList(folder, other)));
  return new Set(lists.flatMap((list) => list?.files ?? []));
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  const before = await readFile(file).catch(() => null);
  if (before?.equals(Buffer.from(content))) return; // megabytes, flushed to the disk, at each `npm run lab`
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileWhole(file, content);
}

/** Removes files, then the folders that became empty. */
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
      await rmdir(current); // fails for a folder that is not empty
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
    message: "not a valid kernel name for Jupyter",
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
    message: "another program installed a kernel with this name",
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
  const fix = "choose a writable folder with `prefix`";
  return new NotebookError({ path: folder, message: "the kernel cannot be installed there", received, fix }, { cause });
}
