/** Declaration files of packages that a snapshot holds, parsed and bound: the compiler's library and `@types/node`. */
import { statSync } from "node:fs";
import type * as ts from "typescript";

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

/** Holds what programs read during the work. */
export function holdingFiles(work: () => void): void {
  isHolding = true;
  work();
  isHolding = false;
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
