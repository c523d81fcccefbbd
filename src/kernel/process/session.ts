/**
 * Runs cells one after another in this process: compiles each with the types of earlier cells, runs it, and keeps its
 * variables, even if the cell fails or is interrupted.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import type { ConvertResult, SideOutput } from "tslab/dist/converter";
import type * as ts from "typescript";
import { packageRoot } from "../paths.js";
import { displayDeclaration, displayValue } from "./cell/display.js";
import { withoutExports } from "./cell/exported.js";
import {
  type AwaitedPlace,
  type CellSource,
  cellFile,
  describeAdvice,
  describeDiagnostics,
  describeThrown,
  type Failure,
  Interruption,
} from "./cell/failure.js";
import { type Completions, completions } from "./code/completions.js";
import { habitAdvice } from "./code/habits.js";
import { CellModules } from "./code/modules.js";
import { loadPrelude } from "./code/prelude.js";
import { calledName } from "./code/quick-info.js";
import { defineIn, defineName } from "./compiler/plain-exports.js";
import { awaitingName, metaName, type Place, resumeName } from "./compiler/stoppable.js";
import { type CellCompiler, createCompiler } from "./compiler/typescript.js";
import { LoopBreaker } from "./interrupt/loop-breaker.js";

/** How a cell ended. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure };

/** A compiled cell that has not run yet. */
export interface ExecutableCell {
  readonly file: string;
  readonly javascript: string;
  /** Number of characters before the cell's code in its first line. */
  readonly headLength: number;
  readonly isAsync: boolean;
  /** The declarations of all variables after it has run. */
  readonly declarations: string;
  /** The variable that receives its last value. */
  readonly lastName: string | undefined;
  /** Whether its declarations were added to the session's. */
  settled: boolean;
}

/** A cell that can run, or its outcome if it cannot. */
export type Compiled =
  | { readonly cell: ExecutableCell; readonly outcome?: never }
  | { readonly outcome: Outcome; readonly cell?: never };

/** The state of a notebook: its variables, their types, and the modules it loaded. */
export class Session {
  readonly #compiler: CellCompiler = createCompiler();
  readonly #modules = new CellModules(process.cwd());
  readonly #variables: Record<string, unknown> = {};
  readonly #sources = new Map<string, CellSource>();
  #declarations = "";
  #awaiting: Place | null = null;
  #preludeProblem: unknown = null;

  /** @param isEnded whether the calling cell was ended; its code is stopped at the next `await`. */
  constructor(isEnded: () => boolean = () => false) {
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
    try {
      const declarations = path.join(packageRoot, "dist", "index.d.ts");
      const prelude = loadPrelude(this.#modules.require, declarations, this.#compiler.typescript);
      Object.assign(this.#variables, prelude.values);
      this.#declarations = prelude.declaration;
    } catch (error) {
      this.#preludeProblem = error;
    }
    this.#variables["display"] = displayValue;
    this.#declarations += displayDeclaration;
  }

  /** Why the library's names are missing, reported once; null if they are available. */
  takePreludeProblem(): string | null {
    const problem = this.#preludeProblem;
    this.#preludeProblem = null;
    if (problem === null) return null;
    return `pepnet could not be loaded, so its names are missing: ${(problem as Error)?.message ?? String(problem)}\n`;
  }

  /** Makes the compiler read its libraries before the first cell. */
  warmUp(): void {
    this.#compiler.convert(this.#declarations, "");
  }

  /** Compiles a cell. Never throws: errors are part of the outcome. */
  compile(source: string, count: number): Compiled {
    try {
      const special = this.#addModule(source);
      if (special) return { outcome: special };
      const converted = this.#compiler.convert(this.#declarations, withoutExports(source, this.#compiler.typescript));
      this.#addFiles(converted.sideOutputs ?? []);
      if (converted.diagnostics.length > 0) return failed(describeUncompiled(converted.diagnostics, source));
      return { cell: this.#executable(converted, source, count) };
    } catch (error) {
      return failed(describeThrown(error, this.#sources));
    }
  }

  /**
   * Runs a compiled cell. Never throws: the cell's error is part of the outcome. A cell whose loop is terminated never
   * returns; then, or to stop waiting for a cell, call {@link abandon}.
   */
  async run(cell: ExecutableCell): Promise<Outcome> {
    this.#awaiting = null;
    try {
      await this.#modules.prepare(cell.javascript);
      const returned: unknown = vm.runInThisContext(cell.javascript, {
        filename: cell.file,
        columnOffset: -cell.headLength,
        breakOnSigint: !LoopBreaker.isPossible,
      });
      if (cell.isAsync) await returned;
    } catch (error) {
      if (!cell.settled) this.abandon(cell);
      return { ok: false, failure: describeThrown(error, this.#sources, this.#awaitedIn(cell)) };
    }
    if (cell.settled) return { ok: true, value: undefined };
    cell.settled = true;
    this.#declarations = cell.declarations;
    return { ok: true, value: this.#takeLast(cell.lastName) };
  }

  #awaitedIn({ file }: ExecutableCell): AwaitedPlace | null {
    return this.#awaiting && { file, ...this.#awaiting };
  }

  /** Keeps the variables that a cell assigned before it ended. */
  abandon(cell: ExecutableCell): Outcome {
    if (!cell.settled) this.#declarations = this.#assignedOnly(cell.declarations);
    cell.settled = true;
    return { ok: false, failure: describeThrown(new Interruption(), this.#sources) };
  }

  /** Formats values thrown outside any cell (in a timer or a promise) like {@link execute}. */
  describe(thrown: unknown): Failure {
    return describeThrown(thrown, this.#sources);
  }

  /** Maps a place in a cell's JavaScript to the cell's lines: `cell 3, line 4, column 10`. */
  locate(file: string, line: number, column: number): string | null {
    const source = this.#sources.get(file);
    const place = source?.mapper?.(line, column) ?? null;
    return source && place ? `${source.name}, line ${place.line}, column ${place.column}` : null;
  }

  /** The completions at a position of a cell. */
  complete(code: string, position: number): Completions {
    const compiled = this.#compiler.complete(this.#declarations, code, position);
    return completions(code, position, { compiled, variables: this.#variables, typescript: this.typescript });
  }

  /**
   * The compiler's information about the name at a position of a cell; inside call brackets, about the called function.
   */
  inspect(code: string, position: number): ts.QuickInfo | undefined {
    const at = (place: number): ts.QuickInfo | undefined =>
      this.#compiler.inspect(this.#declarations, code, Math.max(0, place));
    // At the end of a name the compiler looks after it, so try the character before it too.
    const info = at(position) ?? at(position - 1);
    if (info) return info;
    const called = calledName(code, position, this.#compiler.typescript);
    return called === null ? undefined : at(called - 1);
  }

  /** The compiler's module, for parsing. */
  get typescript(): typeof ts {
    return this.#compiler.typescript;
  }

  /** Closes the compiler. */
  close(): void {
    this.#compiler.close();
  }

  /** A cell that is a module (tslab's `@module` comment) is stored, not run. */
  #addModule(source: string): Outcome | null {
    // Imported only now: it loads TypeScript, which must first be loaded with the code cache.
    const { getCodeMetadata } = require("tslab/dist/metadata") as typeof import("tslab/dist/metadata");
    const metadata = getCodeMetadata(source);
    if (!metadata.module) return null;
    const diagnostics = this.#compiler.addModule(metadata.module, source, metadata);
    if (diagnostics.length === 0) return { ok: true, value: undefined };
    return { ok: false, failure: describeDiagnostics(diagnostics, source) };
  }

  /** Local files that the cell imports. */
  #addFiles(files: readonly SideOutput[]): void {
    this.#modules.addTranslated(files);
    for (const { path: file, data } of files) {
      const typed = [".ts", ".tsx"].map((ending) => file.replace(/\.js$/, ending)).find((name) => existsSync(name));
      const source = typed ? readFileSync(typed, "utf8") : data;
      const mapper = this.#compiler.takeMapper(data, "file");
      this.#sources.set(file, {
        name: path.relative(".", typed ?? file),
        source,
        mapper,
        lines: Number.POSITIVE_INFINITY,
      });
    }
  }

  #executable(converted: ConvertResult, source: string, count: number): ExecutableCell {
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
      declarations: converted.declOutput ?? "",
      lastName: converted.lastExpressionVar,
      settled: false,
    };
  }

  #takeLast(name: string | undefined): unknown {
    if (name === undefined) return undefined;
    const value = this.#variables[name];
    // Not deleted: V8 would make every access to the object, such as in a loop, slow.
    this.#variables[name] = undefined;
    return value;
  }

  /** Declarations without the variables that a failed cell did not assign. */
  #assignedOnly(declarations: string): string {
    const typescript = this.#compiler.typescript;
    const file = typescript.createSourceFile("cell.d.ts", declarations, typescript.ScriptTarget.ES2022, true);
    const isAssigned = (name: string): boolean => this.#variables[name] !== undefined;
    const statements = file.statements.filter((statement) => {
      if (typescript.isVariableStatement(statement)) {
        return statement.declarationList.declarations.every(({ name }) => isAssigned(name.getText(file)));
      }
      return !typescript.isClassDeclaration(statement) || isAssigned(statement.name?.text ?? "");
    });
    return statements.map((statement) => statement.getFullText(file)).join("");
  }
}

/** The commands of other kernels, which do not compile, have a simpler explanation. */
function describeUncompiled(diagnostics: ConvertResult["diagnostics"], source: string): Failure {
  const advice = habitAdvice(source);
  return advice === null ? describeDiagnostics(diagnostics, source) : describeAdvice(advice);
}

/** `import.meta` of a cell or of a local file. */
function importMeta(file: string): object {
  const filename = path.resolve(file);
  return { filename, dirname: path.dirname(filename), url: pathToFileURL(filename).href };
}

function failed(failure: Failure): Compiled {
  return { outcome: { ok: false, failure } };
}
