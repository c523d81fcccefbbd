/**
 * Compiles snippets against the declarations that a user gets, under two compilers: TypeScript 6 (editors and notebook
 * cells) and 5.0.4, the oldest supported. Declarations are emitted from src into a cache folder, once a test file.
 */
import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type * as TypeScript from "typescript";

/** The compiler's module, of whichever version. */
export type Compiler = typeof TypeScript;

const root = path.resolve(__dirname, "../..");
const load = createRequire(__filename);

/** The compilers that users meet, by name. */
export const compilers: Readonly<Record<string, Compiler>> = {
  "TypeScript 6": load("typescript") as Compiler,
  "TypeScript 5.0.4, the oldest supported": load("typescript-oldest") as Compiler,
};

/**
 * Makes the package as an installed one, declarations alone: `node_modules/pepnet` below a cache folder, emitted from
 * src/index.ts. Snippets in that folder import "pepnet" as a notebook cell does. Gives the folder.
 */
export function installDeclarations(name: string): string {
  const folder = path.join(root, "node_modules/.cache", name);
  emitDeclarations(path.join(name, "node_modules/pepnet/dist"), [
    "index.ts",
    "metrics/public.ts",
    "types.ts",
    "widgets/public.ts",
  ]);
  // A package of its own, since "pepnet" from inside the repository would mean its dist folder, as last built.
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "notebook", private: true }));
  cpSync(path.join(root, "package.json"), path.join(folder, "node_modules/pepnet/package.json"));
  return realpathSync(folder); // as the compiler names its files, where node_modules is a link
}

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
  if (result.emitSkipped) throw new Error(`no declarations were emitted (${result.diagnostics.length} problems)`);
  return outDir;
}

/** What a snippet is compiled with. */
export interface SnippetOptions {
  readonly strict: boolean;
  /** Emit the snippet's own declarations too, as the notebook kernel does to pass types on to the next cell. */
  readonly declaration?: boolean;
}

/** What the compiler says of a snippet placed in `folder`; every declaration it reaches is checked too. */
export function diagnose(ts: Compiler, folder: string, snippet: string, options: SnippetOptions): string[] {
  return ts
    .getPreEmitDiagnostics(compile(ts, folder, snippet, options))
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
}

/** Files parsed before, by compiler, strictness and name: the standard library is most of a compilation. */
const parsedFiles = new Map<string, TypeScript.SourceFile>();

/** The program of a snippet placed in `folder`. */
export function compile(ts: Compiler, folder: string, snippet: string, options: SnippetOptions): TypeScript.Program {
  const file = snippetFile(folder);
  const compilerOptions: TypeScript.CompilerOptions = { ...baseOptions(ts), ...options, skipLibCheck: false };
  const host = ts.createCompilerHost(compilerOptions);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => path.resolve(name) === file || fileExists(name);
  host.readFile = (name) => (path.resolve(name) === file ? snippet : readFile(name));
  host.getSourceFile = (name, language, ...rest) => {
    if (path.resolve(name) === file) return ts.createSourceFile(name, snippet, language, true);
    const key = `${ts.version} ${options.strict} ${name}`;
    const parsed = parsedFiles.get(key) ?? getSourceFile(name, language, ...rest);
    if (parsed !== undefined) parsedFiles.set(key, parsed);
    return parsed;
  };
  return ts.createProgram([file], compilerOptions, host);
}

/** What tab offers at `▮` in a snippet placed in `folder`. */
export function completions(ts: Compiler, folder: string, snippet: string, strict: boolean): string[] {
  const file = snippetFile(folder);
  const text = snippet.replace("▮", "");
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...baseOptions(ts), strict }),
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const content = path.resolve(name) === file ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (name) => path.resolve(name) === file || ts.sys.fileExists(name),
    readFile: (name) => (path.resolve(name) === file ? text : ts.sys.readFile(name)),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: ts.sys.realpath,
  });
  const offered = service.getCompletionsAtPosition(file, snippet.indexOf("▮"), undefined);
  return (offered?.entries ?? []).map((entry) => entry.name);
}

function snippetFile(folder: string): string {
  return path.join(folder, "snippet.ts");
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
