/**
 * Adds the library's names to a notebook when a cell first needs them: reading their types takes a third of a kernel's
 * start, and a first cell may do without.
 */
import path from "node:path";
import type * as ts from "typescript";
import { packageRoot } from "../../paths.js";
import type { Declarations } from "./declarations.js";
import { notebookTypes, notebookValues } from "./notebook-names.js";
import { loadPrelude, type Prelude } from "./prelude.js";

const mentioned = new RegExp(`(?<![\\w$])(?:${[...notebookValues, ...notebookTypes].join("|")})(?![\\w$])`);

/** The library of a notebook. */
export class Library {
  #prelude: Prelude | null = null;
  #problem: unknown = null;
  #isLoaded = false;

  constructor(
    private readonly require: (id: string) => unknown,
    private readonly typescript: typeof ts,
  ) {}

  /** Whether its names were added, or cannot be. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Why it could not be loaded, reported once; null if it could. */
  takeProblem(): string | null {
    const problem = this.#problem;
    this.#problem = null;
    if (problem === null) return null;
    return `pepnet could not be loaded, so its names are missing: ${(problem as Error)?.message ?? String(problem)}\n`;
  }

  /** Whether code names the library or one of its names. */
  isMentioned(code: string): boolean {
    return mentioned.test(code);
  }

  /** Loads it and adds its values to the variables; the names of `declarations` keep theirs. */
  load(variables: Record<string, unknown>, { names }: Declarations): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    try {
      this.#prelude = loadPrelude(this.require, path.join(packageRoot, "dist", "index.d.ts"), this.typescript);
      for (const [name, value] of Object.entries(this.#prelude.values)) if (!names.has(name)) variables[name] = value;
    } catch (error) {
      this.#problem = error;
    }
  }

  /** Adds the types of its names, if it was loaded, to declarations that lack them. */
  declaredWith(declarations: Declarations): Declarations {
    return this.#prelude === null ? declarations : declarations.with(this.#prelude.declaration(declarations.names));
  }
}
