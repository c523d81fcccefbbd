/** Finds imported modules, again after some were missing: a watch program would miss `npm install` near the root. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import Module, { createRequire, SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";
import vm from "node:vm";
import type * as ts from "typescript";
import { cacheFolder } from "../../core/util/files/cache-folder.js";
import { packageRoot } from "../../core/util/files/package-root.js";
import { bytesAt, type CacheKind, makeRoom, markUsed, writeCacheFile } from "../../core/util/write-whole.js";
import { foundModule } from "./held-files.js";

const missingModule = new Set([2307, 2306, 2792, 7016]);

export function isMissingModule(diagnostics: readonly { readonly code: number }[]): boolean {
  return diagnostics.some(({ code }) => missingModule.has(code));
}

export class Lookups {
  #isStale = false;
  #clear = (): void => {};

  get isStale(): boolean {
    return this.#isStale;
  }

  follow<T extends ts.BuilderProgram>(
    host: ts.WatchCompilerHost<T>,
    options: ts.CompilerOptions,
    typescript: typeof ts,
  ): void {
    const cache = typescript.createModuleResolutionCache(process.cwd(), (file) => file, options);
    this.#clear = () => cache.clear();
    host.resolveModuleNameLiterals = (names, file, redirected, fileOptions, source) =>
      names.map((name) => {
        const mode = typescript.getModeForUsageLocation(source, name, fileOptions);
        // The user's own files may be moved or removed at any time.
        const searches = isUsers(file) && name.text.startsWith(".") ? undefined : cache;
        const find = () => typescript.resolveModuleName(name.text, file, fileOptions, host, searches, redirected, mode);
        return isUsers(file) ? find() : foundModule(file, `${name.text} ${mode}`, find);
      });
    host.getModuleResolutionCache = () => cache;
    host.hasInvalidatedResolutions = (file) => this.#isStale && isUsers(file);
  }

  anew<T>(work: () => T): T {
    this.#clear();
    this.#isStale = true;
    try {
      return work();
    } finally {
      this.#isStale = false;
    }
  }
}

const packages = `${path.sep}node_modules${path.sep}`;
const dist = path.join(packageRoot, "dist") + path.sep;

export function isUsers(file: string): boolean {
  const native = path.normalize(file);
  return !native.includes(packages) && !native.startsWith(dist);
}

const extension = ".v8-code";
const mark = Buffer.from("pepnet: compiled code\n");
const codeFiles: CacheKind = { extension, isOwn: (file) => bytesAt(file, 0, mark.length) === mark.toString("latin1") };
const monthMillis = 30 * 24 * 3_600_000;
let pending: { readonly script: vm.Script; readonly file: string } | null = null;

/** `require(file)` for a file that Node would compile at each start. */
export function requireCached<T>(file: string): T {
  const loaded = require.cache[file];
  if (loaded) return loaded.exports as T;
  const { size, mtimeMs } = statSync(file);
  const key = [process.version, process.arch, process.versions.v8, file, size, mtimeMs].join("\n");
  const name = createHash("sha256").update(key).digest("hex").slice(0, 24);
  const cached = path.join(cacheFolder(), "code", name + extension);
  const source = Module.wrap(readFileSync(file, "utf8"));
  const cachedData = readCode(cached);
  const script = new vm.Script(source, { filename: file, cachedData });
  if (!cachedData || script.cachedDataRejected) pending = { script, file: cached };
  const module = new Module(file, require.main);
  Object.assign(module, { filename: file, require: createRequire(file) });
  require.cache[file] = module as NodeJS.Module;
  try {
    script.runInThisContext()(module.exports, module.require, module, file, path.dirname(file));
  } catch (error) {
    delete require.cache[file];
    throw error;
  }
  module.loaded = true;
  return module.exports as T;
}

export function keepCompiledCode(): void {
  if (pending === null) return;
  const { script, file } = pending;
  pending = null;
  try {
    const folder = path.dirname(file);
    writeCacheFile(folder, path.basename(file), Buffer.concat([mark, script.createCachedData()]));
    makeRoom(folder, codeFiles, { usedSince: Date.now() - monthMillis, newest: file });
  } catch {
    // such as a full disk or a read-only folder: the next start is as slow as this one
  }
}

function readCode(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    if (!bytes.subarray(0, mark.length).equals(mark)) return undefined;
    markUsed(file);
    return bytes.subarray(mark.length);
  } catch {
    return undefined;
  }
}

/** Finds the line and column (from 1) in the TypeScript for a line and column (from 1) in the JavaScript. */
export type PositionMapper = (line: number, column: number) => { line: number; column: number } | null;

export function splitMap(text: string): { code: string; map: PositionMapper | null } {
  const mark = "//# sourceMappingURL=data:application/json;base64,";
  const at = text.lastIndexOf(mark);
  if (at < 0) return { code: text, map: null };
  const encoded = text.slice(at + mark.length).trim();
  let decoded: SourceMap | null = null;
  const map: PositionMapper = (line, column) => {
    decoded ??= new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as SourceMapPayload);
    const origin = decoded.findEntry(line - 1, column - 1);
    if (!("originalLine" in origin)) return null;
    return { line: origin.originalLine + 1, column: origin.originalColumn + 1 };
  };
  return { code: text.slice(0, at), map };
}

/** Leaves out the line that tslab's converter adds before a cell. */
export function inCell(map: PositionMapper): PositionMapper {
  return (line, column) => {
    const place = map(line, column);
    return place && { ...place, line: place.line - 1 };
  };
}
