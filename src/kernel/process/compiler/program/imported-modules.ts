/**
 * Keeps modules in the programs. A cell is compiled with the declarations that it needs, so a new program for a cell
 * that does without the library would drop the library's files, and the next one would read them again. A root file of
 * each program therefore imports all modules so far.
 */
import path from "node:path";
import type * as ts from "typescript";
import type { Builder, ImportingFile, ResolvingProgram } from "./builder.js";

/** The modules of one converter. */
export class ImportedModules {
  readonly #names = new Set<string>();

  /** Adds the root file beside another one. Returns its name. */
  follow(host: ts.WatchCompilerHost<Builder> & { rootFiles: readonly string[] }, beside: string): string {
    const name = path.posix.join(path.posix.dirname(beside), "__modules__.d.ts");
    const { readFile, fileExists } = host;
    host.rootFiles = [...host.rootFiles, name];
    host.readFile = (file, ...more) => (file === name ? this.#text : readFile(file, ...more));
    host.fileExists = (file) => file === name || fileExists(file);
    return name;
  }

  /** Adds the modules that files of a program import. */
  add(program: ResolvingProgram, files: readonly (ImportingFile | undefined)[]): void {
    for (const file of files) {
      for (const specifier of file?.imports ?? []) {
        const isResolved = program.getResolvedModuleFromModuleSpecifier(specifier, file!)?.resolvedModule !== undefined;
        if (isResolved) this.#names.add(specifier.text);
      }
    }
  }

  get #text(): string {
    return `export {};\n${[...this.#names].map((name) => `import ${JSON.stringify(name)};\n`).join("")}`;
  }
}
