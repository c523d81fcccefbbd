/**
 * Runs cells one after another in this process: compiles each with the types of the cells before, runs it, and keeps
 * its variables, also those of a cell that failed or was interrupted half way.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import type * as ts from "@tslab/typescript-for-tslab";
import type { CompletionInfo, ConvertResult, SideOutput } from "tslab/dist/converter";
import { getCodeMetadata } from "tslab/dist/metadata";
import { packageRoot } from "../paths.js";
import {
  type CellSource,
  cellFile,
  describeDiagnostics,
  describeThrown,
  type Failure,
  Interruption,
} from "./failure.js";
import { CellModules } from "./modules.js";
import { loadPrelude } from "./prelude.js";
import { type CellCompiler, createCompiler } from "./typescript.js";

/** How a cell ended. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure };

/** The state of a notebook: its variables, their types, and the modules it loaded. */
export class Session {
  readonly #compiler: CellCompiler = createCompiler();
  readonly #modules = new CellModules(process.cwd());
  readonly #variables: Record<string, unknown> = variables();
  readonly #sources = new Map<string, CellSource>();
  #declarations = "";
  #preludeProblem: unknown = null;
  #interrupt: (() => void) | null = null;

  constructor() {
    (globalThis as Record<string, unknown>)["__tslab__"] = { exports: this.#variables, require: this.#modules.require };
    try {
      const declarations = path.join(packageRoot, "dist", "index.d.ts");
      const prelude = loadPrelude(this.#modules.require, declarations, this.#compiler.typescript);
      Object.assign(this.#variables, prelude.values);
      this.#declarations = prelude.declaration;
    } catch (error) {
      this.#preludeProblem = error;
    }
  }

  /** Why the library's names are missing, told once; null where they are there. */
  takePreludeProblem(): string | null {
    const problem = this.#preludeProblem;
    this.#preludeProblem = null;
    if (problem === null) return null;
    return `pepnet could not be loaded, so its names are missing: ${(problem as Error)?.message ?? String(problem)}\n`;
  }

  /** Lets the compiler read its libraries, so that the first cell need not. */
  warmUp(): void {
    this.#compiler.convert(this.#declarations, "");
  }

  /** Compiles and runs a cell. Never throws: what the cell throws is its outcome. */
  async execute(source: string, count: number): Promise<Outcome> {
    let converted: ConvertResult;
    try {
      const special = this.#addModule(source);
      if (special) return special;
      converted = this.#compiler.convert(this.#declarations, source);
    } catch (error) {
      return { ok: false, failure: describeThrown(error, this.#sources) };
    }
    this.#addFiles(converted.sideOutputs ?? []);
    if (converted.diagnostics.length > 0) {
      return { ok: false, failure: describeDiagnostics(converted.diagnostics, source) };
    }
    return this.#run(converted, source, count);
  }

  /** Ends the running cell where it awaits; its code may go on unheard. (A loop is ended by the signal itself.) */
  interrupt(): void {
    this.#interrupt?.();
  }

  /** Thrown values outside any cell (a timer, a rejected promise) in the words of {@link execute}. */
  describe(thrown: unknown): Failure {
    return describeThrown(thrown, this.#sources);
  }

  /** A place in a cell's JavaScript as the cell's reader knows it: `cell 3, line 4, column 10`. */
  locate(file: string, line: number, column: number): string | null {
    const source = this.#sources.get(file);
    const place = source?.mapper?.(line, column) ?? null;
    return source && place ? `${source.name}, line ${place.line}, column ${place.column}` : null;
  }

  /** The compiler's completions at a position of a cell. */
  complete(code: string, position: number): CompletionInfo {
    return this.#compiler.complete(this.#declarations, code, position);
  }

  /** The compiler's knowledge of the name at a position of a cell. */
  inspect(code: string, position: number): ts.QuickInfo | undefined {
    return this.#compiler.inspect(this.#declarations, code, position);
  }

  /** The compiler's module, for those who parse. */
  get typescript(): typeof ts {
    return this.#compiler.typescript;
  }

  /** Closes the compiler. */
  close(): void {
    this.#compiler.close();
  }

  /** A cell that is a module (tslab's `@module` comment) is stored, not run. */
  #addModule(source: string): Outcome | null {
    const metadata = getCodeMetadata(source);
    if (!metadata.module) return null;
    const diagnostics = this.#compiler.addModule(metadata.module, source, metadata);
    if (diagnostics.length === 0) return { ok: true, value: undefined };
    return { ok: false, failure: describeDiagnostics(diagnostics, source) };
  }

  /** Files beside the notebook that the cell imports. */
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

  async #run(converted: ConvertResult, source: string, count: number): Promise<Outcome> {
    const output = converted.output ?? "";
    const file = cellFile(count);
    this.#sources.set(file, {
      name: `cell ${count}`,
      source,
      mapper: this.#compiler.takeMapper(output, "cell"),
      lines: output.trimEnd().split("\n").length,
    });
    // tslab misses `await (…)` and `for await`; that a cell runs as async without need does no harm.
    const isAsync = converted.hasToplevelAwait || /\bawait\b/.test(output);
    const head = `(${isAsync ? "async " : ""}function(exports, require) { `;
    const code = `${head}${output}\n})(__tslab__.exports, __tslab__.require)`;
    try {
      await this.#untilInterrupted(this.#modules.prepare(output));
      const returned: unknown = vm.runInThisContext(code, {
        filename: file,
        columnOffset: -head.length,
        breakOnSigint: true,
      });
      if (isAsync) await this.#untilInterrupted(returned);
    } catch (error) {
      this.#declarations = this.#assignedOnly(converted.declOutput ?? "");
      return { ok: false, failure: describeThrown(error, this.#sources) };
    }
    this.#declarations = converted.declOutput ?? "";
    return { ok: true, value: this.#takeLast(converted.lastExpressionVar) };
  }

  #takeLast(name: string | undefined): unknown {
    if (name === undefined) return undefined;
    const value = this.#variables[name];
    delete this.#variables[name];
    return value;
  }

  async #untilInterrupted(work: unknown): Promise<void> {
    const interrupted = new Promise<never>((_, reject) => {
      this.#interrupt = () => reject(new Interruption());
    });
    interrupted.catch(() => {}); // an interrupt after the work is done has no listener
    try {
      await Promise.race([work, interrupted]);
    } finally {
      this.#interrupt = null;
    }
  }

  /** Declarations without the variables that a failed cell did not come to. */
  #assignedOnly(declarations: string): string {
    const typescript = this.#compiler.typescript;
    const file = typescript.createSourceFile("cell.d.ts", declarations, typescript.ScriptTarget.ES2022, true);
    const isAssigned = (name: string): boolean => this.#variables[name] !== undefined;
    const kept = file.statements.filter((statement) => {
      if (typescript.isVariableStatement(statement)) {
        return statement.declarationList.declarations.every(({ name }) => isAssigned(name.getText(file)));
      }
      return !typescript.isClassDeclaration(statement) || isAssigned(statement.name?.text ?? "");
    });
    return kept.map((statement) => statement.getFullText(file)).join("");
  }
}

/**
 * The object that holds the notebook's variables. Compiled cells define imported names by getters on `exports`; these
 * become plain values, so that a later cell may assign or redeclare the name.
 */
function variables(): Record<string, unknown> {
  return new Proxy<Record<string, unknown>>(
    {},
    {
      defineProperty(target, name, attributes) {
        if (name === "__esModule") return true;
        const value: unknown = attributes.get ? attributes.get() : attributes.value;
        const plain = { value, writable: true, configurable: true, enumerable: true };
        return Reflect.defineProperty(target, name, plain);
      },
    },
  );
}
