/**
 * Compiles snippets against the declarations that a user gets, under both compilers: TypeScript 6 (editors) and 5.0.4
 * (the one inside the notebook kernel). Declarations are emitted from src into a cache folder, once a test file.
 */
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type * as TypeScript from "typescript";

type Compiler = typeof TypeScript;

const root = path.resolve(__dirname, "../..");
const load = createRequire(__filename);

/** The compilers that users meet, by name. */
export const compilers: Readonly<Record<string, Compiler>> = {
  "TypeScript 6": load("typescript") as Compiler,
  "TypeScript 5.0.4 of the kernel": load("@tslab/typescript-for-tslab") as Compiler,
};

/** Emits the declarations of some source files (relative to src) into `node_modules/.cache/<name>`; gives the folder. */
export function emitDeclarations(name: string, entries: readonly string[]): string {
  const ts = compilers["TypeScript 6"] as Compiler;
  const outDir = path.join(root, "node_modules/.cache", name);
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const program = ts.createProgram(
    entries.map((entry) => path.join(root, "src", entry)),
    {
      ...baseOptions(ts),
      strict: true,
      declaration: true,
      emitDeclarationOnly: true,
      skipLibCheck: true,
      rootDir: path.join(root, "src"),
      outDir,
    },
  );
  const result = program.emit();
  if (result.emitSkipped) throw new Error(`no declarations were emitted: ${JSON.stringify(result.diagnostics.length)}`);
  return outDir;
}

/** What the compiler says of a snippet placed in `folder`; every declaration it reaches is checked too. */
export function diagnose(ts: Compiler, folder: string, snippet: string, strict: boolean): string[] {
  const file = path.join(folder, "snippet.ts");
  const options: TypeScript.CompilerOptions = { ...baseOptions(ts), strict, noEmit: true, skipLibCheck: false };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => path.resolve(name) === file || fileExists(name);
  host.readFile = (name) => (path.resolve(name) === file ? snippet : readFile(name));
  host.getSourceFile = (name, language, ...rest) =>
    path.resolve(name) === file
      ? ts.createSourceFile(name, snippet, language, true)
      : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
}

function baseOptions(ts: Compiler): TypeScript.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ["node"],
  };
}
