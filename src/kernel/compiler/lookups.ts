/**
 * Finds imported modules for the compiler. Its watch program would watch every folder in which a missing module may
 * appear, among them a hundred of this package, and yet miss `npm install` in a notebook's folder near the root.
 * Instead, a cell whose modules are missing is compiled a second time, without what earlier searches had found.
 */
import path from "node:path";
import type * as ts from "typescript";
import { packageRoot } from "../kernelspec.js";

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
        return typescript.resolveModuleName(name.text, file, fileOptions, host, searches, redirected, mode);
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
