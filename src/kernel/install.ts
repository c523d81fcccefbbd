/** Installs and removes the Jupyter kernel without Python. A list of checksums shows which files are ours. */

import { existsSync, lstatSync } from "node:fs";
import { readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../core/errors/index.js";
import { sha256 } from "../core/util/files/checksums.js";
import { makeFolders } from "../core/util/files/make-folders.js";
import { writeFileWhole } from "../core/util/write-whole.js";
import { type InstallFiles, type InstallPlace, installFiles, locate, translatorLinks } from "./doctor.js";
import {
  isOurDisplayName,
  isOurSpec,
  kernelDisplayName,
  kernelMain,
  kernelSpecName,
  parseSpec,
  specText,
} from "./kernel-spec.js";

const listName = "pepnet-install.json";

/** Contents that are ours, as SHA-256 by path below the data folder; null for lists of versions that wrote none. */
type KnownFiles = ReadonlyMap<string, readonly string[] | null>;

/** Returns absolute paths; keeps files that were changed as `NAME.changed`. Throws a NotebookError before it writes. */
export async function installKernel(place: InstallPlace = {}): Promise<string[]> {
  const name = checkName(place.name ?? kernelSpecName);
  const { folder, environment } = locate(place);
  if (!existsSync(kernelMain)) {
    throw new NotebookError({
      path: kernelMain,
      message: "the kernel is not compiled",
      expected: "the package's compiled files",
      fix: "in a clone of the repository: npm start",
    });
  }
  const before = await readList(folder, name);
  const lists = await allLists(folder);
  const files = await installFiles(name);
  const changed: string[] = [];
  for (const [file, content] of files) {
    const full = path.join(folder, file);
    const bytes = await readExisting(full);
    if (bytes === null) continue;
    const spec = file === specPath(name) ? parseSpec(bytes) : null;
    if (isOurSpec(spec)) files.set(file, specText(name, spec, bytes));
    else if (spec !== null && !isOurDisplayName(spec["display_name"])) throw foreignKernel(full, name);
    else if (!isOurs(file, bytes, lists, content)) {
      if (!lists.has(file)) throw file === specPath(name) ? foreignKernel(full, name) : foreignFile(full);
      if (lists.get(file) !== null) changed.push(full);
    }
  }
  const links = environment === null ? new Map<string, string>() : translatorLinks(environment, folder);
  for (const [file, content] of links) {
    const bytes = await readExisting(file);
    if (bytes !== null && !bytes.equals(Buffer.from(content))) throw foreignFile(file);
  }
  const list = path.join(folder, listPath(name));
  const hashes = new Map([...files].map(([file, content]) => [file, [sha256(content)]]));
  const old = [...(before ?? [])].filter(([file]) => !files.has(file) && isOurPath(file, name));
  try {
    // The list is first, with the contents before and after, so that an interrupted installation is known to be ours.
    const during = [...hashes].map(([file, hash]) => [file, [...new Set([...hash, ...(before?.get(file) ?? [])])]]);
    await write(list, listText(new Map([...during, ...old] as [string, string[] | null][])));
    for (const file of changed) await setAside(file);
    for (const [file, content] of files) await write(path.join(folder, file), content);
    for (const [file, content] of links) await write(file, content);
    const oldPaths = old.map(([file]) => file);
    await removeFiles(folder, await ourFiles(folder, oldPaths, lists, new Map()));
    await write(list, listText(hashes));
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
  return [...[...files.keys(), listPath(name)].map((file) => path.join(folder, file)), ...links.keys()];
}

/** Removes the unchanged files that {@link installKernel} wrote in the place; returns their paths, or an empty list. */
export async function uninstallKernel(place: InstallPlace = {}): Promise<string[]> {
  const name = checkName(place.name ?? kernelSpecName);
  const { folder, environment } = locate(place);
  const list = await readList(folder, name);
  const spec = await readExisting(path.join(folder, specPath(name)));
  // Versions that wrote the list last may have been interrupted before it.
  if (list === null && (spec === null || !isOurSpec(parseSpec(spec)))) return [];
  const others = await allLists(folder, name);
  const current = await installFiles(name);
  const files = [...new Set([...(list?.keys() ?? []), ...current.keys()])].filter((file) => !others.has(file));
  const links = others.size > 0 || environment === null ? [] : [...translatorLinks(environment, folder)];
  const candidates = files.filter((file) => isOurPath(file, name));
  const removable = await ourFiles(folder, candidates, list ?? new Map(), current);
  for (const [file, content] of links) {
    if ((await readExisting(file))?.equals(Buffer.from(content))) removable.push(path.relative(folder, file));
  }
  // The list is last, so that an interrupted removal can be repeated.
  return removeFiles(folder, [...removable, ...(list === null ? [] : [listPath(name)])]);
}

function specPath(name: string): string {
  return `kernels/${name}/kernel.json`;
}

function listPath(name: string): string {
  return `kernels/${name}/${listName}`;
}

function isOurPath(file: string, name: string): boolean {
  if (path.posix.normalize(file) !== file) return false;
  return path.posix.dirname(file) === `kernels/${name}` || /^(?:labextensions\/pepnet-plotly|pepnet)\//.test(file);
}

function listText(hashes: KnownFiles): string {
  return `${JSON.stringify({ files: [...hashes.keys()], sha256: Object.fromEntries(hashes) }, null, 2)}\n`;
}

async function readList(folder: string, name: string): Promise<KnownFiles | null> {
  try {
    const { files, sha256: hashes = {} } = JSON.parse(await readFile(path.join(folder, listPath(name)), "utf8")) as {
      readonly files: readonly string[];
      readonly sha256?: Readonly<Record<string, readonly string[] | null>>;
    };
    return new Map(files.map((file) => [file, hashes[file] ?? null]));
  } catch {
    return null;
  }
}

async function allLists(folder: string, except?: string): Promise<KnownFiles> {
  const kernels = await readdir(path.join(folder, "kernels")).catch(() => []);
  const lists = new Map<string, readonly string[] | null>();
  for (const name of kernels.filter((each) => each !== except)) {
    for (const [file, hashes] of (await readList(folder, name)) ?? []) {
      if (isOurPath(file, name)) lists.set(file, hashes && [...(lists.get(file) ?? []), ...hashes]);
    }
  }
  return lists;
}

function isOurs(file: string, bytes: Buffer, lists: KnownFiles, content: string | Uint8Array | undefined): boolean {
  if (content !== undefined && bytes.equals(Buffer.from(content))) return true;
  return lists.get(file)?.includes(sha256(bytes)) ?? false;
}

async function ourFiles(folder: string, files: string[], lists: KnownFiles, current: InstallFiles): Promise<string[]> {
  const ours: string[] = [];
  for (const file of files) {
    const bytes = await readExisting(path.join(folder, file)).catch(() => null);
    if (bytes === null) continue;
    const isSpec = path.posix.basename(file) === "kernel.json" && isOurSpec(parseSpec(bytes));
    if (isSpec || isOurs(file, bytes, lists, current.get(file))) ours.push(file);
  }
  return ours;
}

/** A file's bytes, or null if nothing has its path. @throws NotebookError if what has it cannot be read */
async function readExisting(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return null;
    if (code === "ENOENT" && lstatSync(file, { throwIfNoEntry: false }) === undefined) return null;
    throw code === "EACCES" || code === "EPERM"
      ? cannotWrite(path.dirname(file), error)
      : foreignFile(file, String(code));
  }
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  const before = await readFile(file).catch(() => null);
  if (before?.equals(Buffer.from(content))) return; // megabytes, flushed to the disk, at each `npm run lab`
  makeFolders(path.dirname(file));
  await writeFileWhole(file, content);
}

async function setAside(file: string): Promise<void> {
  let target = `${file}.changed`;
  for (let number = 2; lstatSync(target, { throwIfNoEntry: false }); number++) target = `${file}.changed-${number}`;
  await rename(file, target);
}

async function removeFiles(folder: string, files: readonly string[]): Promise<string[]> {
  const removed = files.map((file) => path.join(folder, file));
  for (const full of removed) await rm(full, { force: true });
  for (const full of removed) {
    for (let current = path.dirname(full); current.startsWith(folder + path.sep); current = path.dirname(current)) {
      const isEmpty = await rmdir(current).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === "ENOENT",
      );
      if (!isEmpty) break;
    }
  }
  return removed;
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

function foreignKernel(file: string, name: string): NotebookError {
  return new NotebookError({
    path: file,
    message: "another program installed a kernel with this name",
    expected: `no kernel, or "${kernelDisplayName}"`,
    fix: `remove that kernel (jupyter kernelspec remove ${name}), or install in another folder with --prefix`,
  });
}

function foreignFile(file: string, received = "a file that pepnet did not write"): NotebookError {
  return new NotebookError({
    path: file,
    message: "another program's file is in the way",
    received,
    expected: "no file, or one that pepnet wrote",
    fix: "move or remove it, then install again",
  });
}

function cannotWrite(folder: string, cause: unknown): NotebookError {
  const received = (cause as Error).message;
  const fix = "choose a writable folder with `prefix`";
  return new NotebookError({ path: folder, message: "the kernel cannot be installed there", received, fix }, { cause });
}
