/** Compiles each cell with the types of earlier ones and runs it; variables stay, even if it fails. */

import { existsSync, readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import vm from "node:vm";
import type { ConvertResult, SideOutput } from "tslab/dist/converter";
import type * as ts from "typescript";
import { attempt } from "../../core/util/attempt.js";
import { foldersAbove, packageRoot } from "../../core/util/files/package-root.js";
import { CellChecker, type CellProblem, type CheckedCell, habitAdvice, jsxAdvice } from "../compiler/cell-checker.js";
import { type Completions, completions } from "../compiler/completions.js";
import { type Conversion, convertCell, Declarations } from "../compiler/declarations.js";
import { Library } from "../compiler/library.js";
import {
  awaitingName,
  calledName,
  defineIn,
  defineName,
  metaName,
  type Place,
  resumeName,
} from "../compiler/quick-info.js";
import { type CellCompiler, createCompiler } from "../compiler/typescript.js";
import { lastInBlock } from "../compiler/using-blocks.js";
import { withoutWarnings } from "./bindings.js";
import { displayDeclaration, displayValue } from "./display.js";
import {
  type CellSource,
  cellFile,
  describeAdvice,
  describeDiagnostics,
  describeThrown,
  type Failure,
  Interruption,
} from "./failure.js";
import { LoopBreaker } from "./loop-breaker.js";

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
  const manifests = foldersAbove(path.dirname(file)).map((folder) => path.join(folder, "package.json"));
  const manifest = manifests.find((each) => existsSync(each))!;
  return attempt(() => (require(manifest) as { type?: string }).type === "module", false);
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

function importMeta(file: string): object {
  const filename = path.resolve(file);
  return { filename, dirname: path.dirname(filename), url: pathToFileURL(filename).href };
}

export class Session {
  readonly #compiler: CellCompiler = createCompiler();
  readonly #modules = new CellModules(process.cwd());
  readonly #variables: Record<string, unknown> = {};
  readonly #sources = new Map<string, CellSource>();
  readonly #checker = new CellChecker();
  readonly #library: Library;
  #declarations: Declarations = Declarations.read(displayDeclaration, this.#compiler.typescript);
  #awaiting: Place | null = null;

  /** @param isEnded ends the code at its next `await` @param interruptible resolves once loops can be ended */
  constructor(
    isEnded: () => boolean = () => false,
    private readonly interruptible: Promise<void> = Promise.resolve(),
  ) {
    const resume = <T>(value: T): T => {
      if (isEnded()) throw new Interruption();
      return value;
    };
    const awaiting = <T>(value: T, line: number, column: number): T => {
      this.#awaiting = { line, column };
      return value;
    };
    const door = {
      exports: this.#variables,
      require: this.#modules.require,
      [resumeName]: resume,
      [awaitingName]: awaiting,
      [metaName]: importMeta,
      [defineName]: defineIn(this.#variables),
    };
    const globals = globalThis as Record<string, unknown>;
    globals["__tslab__"] = door;
    globals["__dirname"] = process.cwd(); // declared by Node's types
    this.#library = new Library(this.#modules.require);
    this.#variables["display"] = displayValue;
    this.#variables["prompt"] = Reflect.get(globalThis, "prompt");
  }

  takeLibraryProblem(): string | null {
    return this.#library.takeProblem();
  }

  warmUp(): void {
    this.#compiler.convert(this.#declarations.text, "");
  }

  warmUpLibrary(): void {
    if (this.#library.isLoaded) return;
    this.#addLibrary();
    this.#compiler.convert(this.#declarations.text, "");
  }

  #addLibrary(): void {
    if (this.#library.isLoaded) return;
    this.#library.load(this.#variables, this.#declarations);
    this.#declarations = this.#library.declaredWith(this.#declarations);
  }

  /** Compiles a cell. Never throws: errors are part of the outcome. */
  compile(source: string, count: number): Compiled {
    try {
      const special = this.#addModule(source);
      if (special) return { outcome: special };
      const { converted, declarations } = this.#convert(withoutExports(source, this.typescript));
      this.#addFiles(converted.sideOutputs ?? []);
      if (converted.diagnostics.length > 0) {
        const advice = habitAdvice(source) ?? jsxAdvice(converted.diagnostics, source);
        return failed(advice === null ? describeDiagnostics(converted.diagnostics, source) : describeAdvice(advice));
      }
      return { cell: this.#executable(converted, declarations, source, count) };
    } catch (error) {
      return failed(describeThrown(error, this.#sources));
    }
  }

  #convert(script: string): Conversion {
    const { convert } = this.#compiler;
    if (!this.#library.isLoaded && !this.#library.isMentioned(script)) {
      const conversion = convertCell(this.#declarations, script, convert);
      if (conversion.converted.diagnostics.length === 0) return conversion;
    }
    this.#addLibrary();
    return convertCell(this.#declarations, script, convert);
  }

  /** Runs a compiled cell; never throws. If its loop is terminated it never returns: then call {@link abandon}. */
  async run(cell: ExecutableCell): Promise<Outcome> {
    this.#awaiting = null;
    let last: unknown;
    try {
      await this.interruptible;
      await this.#modules.prepare(cell.javascript);
      if (cell.settled) throw new Interruption();
      const returned: unknown = vm.runInThisContext(cell.javascript, {
        filename: cell.file,
        columnOffset: -cell.headLength,
        breakOnSigint: !LoopBreaker.isPossible,
      });
      if (cell.isAsync) await returned;
      last = cell.settled ? undefined : this.#takeLast(cell.lastName);
      if (types.isPromise(last)) last = await last;
    } catch (error) {
      if (!cell.settled) this.abandon(cell);
      const awaited = this.#awaiting && { file: cell.file, ...(this.#awaiting as Place) };
      return { ok: false, failure: describeThrown(error, this.#sources, awaited) };
    }
    if (cell.settled) return { ok: true, value: undefined };
    cell.settled = true;
    this.#declarations = this.#withLibrary(cell, cell.declarations);
    return { ok: true, value: last };
  }

  #withLibrary({ knowsLibrary }: ExecutableCell, declarations: Declarations): Declarations {
    return knowsLibrary ? declarations : this.#library.declaredWith(declarations);
  }

  abandon(cell: ExecutableCell): Outcome {
    if (!cell.settled) {
      const isAssigned = (name: string): boolean => this.#variables[name] !== undefined;
      this.#declarations = this.#withLibrary(cell, cell.declarations.assigned(isAssigned));
    }
    cell.settled = true;
    return { ok: false, failure: describeThrown(new Interruption(), this.#sources) };
  }

  describe(thrown: unknown): Failure {
    return describeThrown(thrown, this.#sources);
  }

  /** Maps a place in a cell's JavaScript to the cell's lines: `cell 3, line 4, column 10`. */
  locate(file: string, line: number, column: number): string | null {
    const source = this.#sources.get(file);
    const place = source?.mapper?.(line, column) ?? null;
    return source && place ? `${source.name}, line ${place.line}, column ${place.column}` : null;
  }

  /** The value of a variable of the notebook now. */
  value(name: string): unknown {
    return this.#variables[name];
  }

  complete(code: string, position: number): Completions {
    this.#addLibrary();
    const compiled = this.#compiler.complete(this.#declarations.text, code, position);
    return completions(code, position, { compiled, variables: this.#variables, typescript: this.typescript });
  }

  /** Inside call brackets, the information is about the called function. */
  inspect(code: string, position: number): ts.QuickInfo | undefined {
    this.#addLibrary();
    const at = (place: number) => this.#compiler.inspect(this.#declarations.text, code, Math.max(0, place));
    // At the end of a name the compiler looks after it, so try the character before it too.
    const info = at(position) ?? at(position - 1);
    if (info) return info;
    const called = calledName(code, position, this.#compiler.typescript);
    return called === null ? undefined : at(called - 1);
  }

  check(cell: CheckedCell): readonly CellProblem[] {
    this.#addLibrary();
    const executed = new Set([...this.#sources.values()].map(({ source }) => source));
    return this.#checker.check(cell, {
      declarations: this.#declarations,
      hasRun: (code) => executed.has(code),
      convert: (declarations, code) => {
        const conversion = convertCell(declarations, withoutExports(code, this.typescript), this.#compiler.convert);
        this.#addFiles(conversion.converted.sideOutputs ?? []);
        this.#compiler.takeMapper(conversion.converted.output ?? "", "cell");
        return conversion;
      },
    });
  }

  get typescript(): typeof ts {
    return this.#compiler.typescript;
  }

  close(): void {
    this.#compiler.close();
  }

  #addModule(source: string): Outcome | null {
    // Imported only now: it loads TypeScript, which must first be loaded with the code cache.
    const { getCodeMetadata } = require("tslab/dist/metadata") as typeof import("tslab/dist/metadata");
    const metadata = getCodeMetadata(source);
    if (!metadata.module) return null;
    const diagnostics = this.#compiler.addModule(metadata.module, source, metadata);
    if (diagnostics.length === 0) return { ok: true, value: undefined };
    return { ok: false, failure: describeDiagnostics(diagnostics, source) };
  }

  #addFiles(files: readonly SideOutput[]): void {
    this.#modules.addTranslated(files);
    for (const { path: file, data } of files) {
      const typed = [".ts", ".tsx"].map((ending) => file.replace(/\.js$/, ending)).find((name) => existsSync(name));
      const source = typed ? readFileSync(typed, "utf8") : data;
      this.#sources.set(file, {
        name: path.relative(".", typed ?? file),
        source,
        mapper: this.#compiler.takeMapper(data, "file"),
        lines: Number.POSITIVE_INFINITY,
      });
    }
  }

  #executable(converted: ConvertResult, declarations: Declarations, source: string, count: number): ExecutableCell {
    const output = converted.output ?? "";
    const file = cellFile(count);
    this.#sources.set(file, {
      name: `cell ${count}`,
      source,
      mapper: this.#compiler.takeMapper(output, "cell"),
      lines: output.trimEnd().split("\n").length,
    });
    // tslab misses `await (…)` and `for await`; an unneeded async function does no harm.
    const isAsync = converted.hasToplevelAwait || /\bawait\b/.test(output);
    const head = `(${isAsync ? "async " : ""}function(exports, require) { `;
    return {
      file,
      javascript: `${head}${output}\n})(__tslab__.exports, __tslab__.require)`,
      headLength: head.length,
      isAsync,
      declarations,
      knowsLibrary: this.#library.isLoaded,
      lastName: converted.lastExpressionVar ?? (output.includes(`exports.${lastInBlock} = `) ? lastInBlock : undefined),
      settled: false,
    };
  }

  #takeLast(name: string | undefined): unknown {
    if (name === undefined) return undefined;
    const value = this.#variables[name];
    // Not deleted: V8 would make every access to the object, such as in a loop, slow.
    this.#variables[name] = undefined;
    // JavaScript names a function by the variable that it is assigned to.
    if (typeof value === "function" && value.name === name) Object.defineProperty(value, "name", { value: "" });
    return value;
  }
}

function failed(failure: Failure): Compiled {
  return { outcome: { ok: false, failure } };
}

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure };

export interface ExecutableCell {
  readonly file: string;
  readonly javascript: string;
  readonly headLength: number;
  readonly isAsync: boolean;
  readonly declarations: Declarations;
  readonly knowsLibrary: boolean;
  readonly lastName: string | undefined;
  settled: boolean;
}

export type Compiled =
  | { readonly cell: ExecutableCell; readonly outcome?: never }
  | { readonly outcome: Outcome; readonly cell?: never };

function withoutExports(source: string, typescript: typeof ts): string {
  if (!source.includes("export")) return source;
  const file = typescript.createSourceFile("cell.ts", source, typescript.ScriptTarget.ES2022, false);
  const { ExportKeyword, DefaultKeyword } = typescript.SyntaxKind;
  let script = source;
  for (const statement of file.statements) {
    const modifiers = typescript.canHaveModifiers(statement) ? (typescript.getModifiers(statement) ?? []) : [];
    const word = modifiers.find(({ kind }) => kind === ExportKeyword);
    if (!word || modifiers.some(({ kind }) => kind === DefaultKeyword)) continue;
    script = `${script.slice(0, word.end - "export".length)}${" ".repeat("export".length)}${script.slice(word.end)}`;
  }
  return script;
}
