/**
 * Loads a large CommonJS file with V8's code cache: TypeScript is 10 MB of JavaScript, and compiling the part that a
 * first cell needs takes 20% of a kernel's start. The compiled code is stored in the user's cache folder once the
 * kernel is warm; a cache that is missing, damaged or from another Node only costs time.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { bytesAt, type CacheKind, makeRoom, markUsed, writeCacheFile } from "../../util/atomic/cache-files.js";
import { cacheFolder } from "../../util/files/cache-folder.js";

const extension = ".v8-code";
const mark = Buffer.from("pepnet: compiled code\n");
const codeFiles: CacheKind = { extension, isOwn: (file) => bytesAt(file, 0, mark.length).equals(mark) };
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
    // removes caches of other versions
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
