/** Declaration files of packages that a snapshot holds, parsed and bound, and the modules that these import. */
import { statSync } from "node:fs";
import path from "node:path";
import type * as ts from "typescript";
import { foldersAbove } from "../../util/files/package-root.js";
import { getOrMake } from "../../util/growing.js";

interface ParsedFile extends ts.SourceFile {
  readonly redirectInfo?: unknown;
}

const held = new Map<string, { readonly file: ParsedFile; readonly version: string }>();
const hosts = new WeakSet<ts.CompilerHost>();
let isHolding = false;

/** Whether this process started from a snapshot. */
export function hasHeldFiles(): boolean {
  return held.size > 0;
}

/** Another text whenever the file is written; null without a file. */
export function versionOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.size} ${stats.mtimeMs}` : null;
}

type Found = Pick<ts.ResolvedModuleWithFailedLookupLocations, "resolvedModule">;

/** By importing file and import, with the packages around it. */
const heldModules = new Map<string, Found & { readonly around: string }>();
/** By folder of importing files. */
const surroundings = new Map<string, string>();

/** Holds what programs read during the work. */
export function holdingFiles(work: () => void): void {
  isHolding = true;
  work();
  isHolding = false;
  surroundings.clear();
}

/** A module that a package's file imports, searched again only if packages were added or removed since the snapshot. */
export function foundModule<F extends Found>(file: string, name: string, find: () => F): F | Found {
  const key = `${file} ${name}`;
  const held = heldModules.get(key);
  const around = isHolding || held ? surroundingsOf(path.dirname(file)) : null;
  if (held && held.around === around) return held;
  const result = find();
  if (around !== null && isHolding) heldModules.set(key, { resolvedModule: result.resolvedModule, around });
  return result;
}

/** Another text whenever a package is added or removed where a folder's files find packages. */
function surroundingsOf(folder: string): string {
  return getOrMake(surroundings, folder, () =>
    foldersAbove(folder)
      .flatMap((each) => ["node_modules", "node_modules/@types"].map((name) => versionOf(path.join(each, name))))
      .join(),
  );
}

export function holdFiles(program: ts.Program): void {
  if (!isHolding) return;
  for (const file of program.getSourceFiles() as readonly ParsedFile[]) {
    const version = versionOf(file.fileName);
    const isFixed = file.isDeclarationFile && file.fileName.includes("/node_modules/") && !file.redirectInfo;
    if (isFixed && version !== null) held.set(file.fileName, { file, version });
  }
}

/** Makes a host return held files that have not changed since. */
export function offerHeldFiles(host: ts.CompilerHost): void {
  if (hosts.has(host) || held.size === 0) return;
  hosts.add(host);
  const { getSourceFile, getSourceFileByPath } = host;
  const find = (name: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined => {
    const { file, version } = held.get(name) ?? {};
    const { languageVersion, impliedNodeFormat = undefined } =
      typeof options === "object" ? options : { languageVersion: options };
    if (file?.languageVersion !== languageVersion || file.impliedNodeFormat !== impliedNodeFormat) return undefined;
    return versionOf(name) === version ? file : undefined;
  };
  host.getSourceFile = (name, options, ...rest) => find(name, options) ?? getSourceFile(name, options, ...rest);
  host.getSourceFileByPath = (name, path, options, ...rest) =>
    find(name, options) ?? getSourceFileByPath?.(name, path, options, ...rest);
}
