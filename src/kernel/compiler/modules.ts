/**
 * `require` for cells: packages resolve from the notebook's folder, `pepnet` always resolves to this package, local
 * TypeScript files come from the compiler, and ESM-only packages are imported before the cell runs.
 */
import { existsSync } from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { packageRoot } from "../kernelspec.js";
import { withoutWarnings } from "../process/internal-binding.js";

export type CellRequire = (id: string) => unknown;

export class CellModules {
  readonly require: CellRequire;
  readonly #packageRequire = createRequire(path.join(packageRoot, "package.json"));
  readonly #translated = new Map<string, string>();
  readonly #loaded = new Map<string, { exports: unknown }>();
  readonly #esModules = new Map<string, unknown>();

  constructor(private readonly folder: string) {
    this.require = this.#requireFrom(folder, createRequire(path.join(folder, "cell.js")));
  }

  addTranslated(files: readonly { readonly path: string; readonly data: string }[]): void {
    for (const file of files) {
      if (this.#translated.get(file.path) === file.data) continue;
      this.#loaded.delete(file.path);
      this.#translated.set(file.path, file.data);
    }
  }

  async prepare(javascript: string): Promise<void> {
    const requireHere = createRequire(path.join(this.folder, "cell.js"));
    for (const [, id] of javascript.matchAll(/\brequire\("([^"]+)"\)/g)) {
      if (!id || id.startsWith(".") || isOwn(id) || this.#esModules.has(id)) continue;
      // __esModule: makes the compiler's helpers read `default`, as for translated modules.
      if (needsImport(requireHere, id)) this.#esModules.set(id, { ...(await importFromHere(id)), __esModule: true });
    }
  }

  #requireFrom(folder: string, fallback: NodeJS.Require): CellRequire {
    return (id) => {
      if (isOwn(id)) return this.#packageRequire(id);
      if (id === "tslab") return require("tslab");
      if (this.#esModules.has(id)) return this.#esModules.get(id);
      return this.#requireTranslated(folder, id) ?? fallback(id);
    };
  }

  #requireTranslated(folder: string, id: string): unknown {
    if (!id.startsWith(".")) return undefined;
    const base = path.join(folder, id).replaceAll("\\", "/");
    const file = [base, `${base}.js`, `${base}/index.js`].find((name) => this.#translated.has(name));
    if (file === undefined) return undefined;
    const before = this.#loaded.get(file);
    if (before) return before.exports;
    const loaded = new Module(file) as NodeModuleInternals;
    loaded.filename = file;
    loaded.paths = NodeModule._nodeModulePaths(path.dirname(file));
    loaded.require = this.#requireFrom(path.dirname(file), createRequire(file)) as NodeJS.Require;
    this.#loaded.set(file, loaded);
    try {
      loaded._compile(this.#translated.get(file)!, file);
    } catch (error) {
      this.#loaded.delete(file);
      throw error;
    }
    return loaded.exports;
  }
}

interface NodeModuleInternals extends Module {
  _compile(code: string, filename: string): void;
}
const NodeModule = Module as unknown as { _nodeModulePaths(from: string): string[] };

function isOwn(id: string): boolean {
  return id === "pepnet" || id.startsWith("pepnet/");
}

function needsImport(requireHere: NodeJS.Require, id: string): boolean {
  try {
    const file = requireHere.resolve(id);
    return file.endsWith(".mjs") || (existsSync(file) && path.isAbsolute(file) && isEsModule(file));
  } catch (error) {
    return (error as { code?: string }).code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
  }
}

function isEsModule(file: string): boolean {
  if (!file.endsWith(".js")) return false;
  let folder = path.dirname(file);
  while (!existsSync(path.join(folder, "package.json")) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  try {
    return (require(path.join(folder, "package.json")) as { type?: string }).type === "module";
  } catch {
    return false;
  }
}

async function importFromHere(id: string): Promise<object> {
  const { USE_MAIN_CONTEXT_DEFAULT_LOADER } = vm.constants;
  return withoutWarnings(() => {
    const load = vm.runInThisContext("(id) => import(id)", {
      importModuleDynamically: USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    return (load as (id: string) => Promise<object>)(id);
  });
}

export function importMeta(file: string): object {
  const filename = path.resolve(file);
  return { filename, dirname: path.dirname(filename), url: pathToFileURL(filename).href };
}
