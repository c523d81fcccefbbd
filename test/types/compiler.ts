/**
 * Compiles snippets against the declarations that a user gets, under two compilers: TypeScript 6 (editors and notebook
 * cells) and 5.0.4, the oldest supported. The sources are compiled into dist before a run.
 */
import { cpSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
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

/** The folder that the sources are compiled into, whose declarations snippets import by relative paths. */
export const compiledFolder: string = realpathSync(path.join(root, "dist"));

/**
 * Makes the package as an installed one, declarations alone: `node_modules/pepnet` below a cache folder, as the sources
 * were compiled. Snippets in that folder import "pepnet" as a notebook cell does. Gives the folder.
 */
export function installDeclarations(name: string): string {
  const folder = path.join(root, "node_modules/.cache", name);
  const installed = path.join(folder, "node_modules/pepnet");
  rmSync(folder, { recursive: true, force: true });
  cpSync(compiledFolder, path.join(installed, "dist"), {
    recursive: true,
    filter: (file) => file.endsWith(".d.ts") || statSync(file).isDirectory(),
  });
  // A package of its own, since "pepnet" from inside the repository would mean its dist folder.
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "notebook", private: true }));
  cpSync(path.join(root, "package.json"), path.join(installed, "package.json"));
  return realpathSync(folder); // as the compiler names its files, where node_modules is a link
}

/** What a snippet is compiled with. */
export interface SnippetOptions {
  readonly strict: boolean;
  /** Check every declaration that the snippet reaches too, as declarations.test.ts does for the package; or not. */
  readonly libraries?: boolean;
  /** Emit the snippet's own declarations too, as the notebook kernel does to pass types on to the next cell. */
  readonly declaration?: boolean;
}

/** What the compiler says of a snippet placed in `folder`, and of declarations, except TypeScript's own libraries. */
export function diagnose(ts: Compiler, folder: string, snippet: string, options: SnippetOptions): string[] {
  const program = compile(ts, folder, snippet, options);
  const files = program.getSourceFiles().filter((file) => !program.isSourceFileDefaultLibrary(file));
  const all = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...files.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
    ...(options.declaration ? files.flatMap((file) => program.getDeclarationDiagnostics(file)) : []),
  ];
  return ts
    .sortAndDeduplicateDiagnostics(all)
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
}

/** Files parsed before, by compiler and name: the standard library is most of a compilation. */
const parsedFiles = new Map<string, TypeScript.SourceFile>();

/** The last program: another one with its compiler, folder and options finds its modules where that one did. */
let last: { readonly key: string; readonly program: TypeScript.Program } | null = null;

/** The program of a snippet placed in `folder`. */
export function compile(
  ts: Compiler,
  folder: string,
  snippet: string,
  { libraries = false, ...options }: SnippetOptions,
): TypeScript.Program {
  const file = snippetFile(folder);
  const compilerOptions: TypeScript.CompilerOptions = { ...baseOptions(ts), ...options, skipLibCheck: !libraries };
  const host = ts.createCompilerHost(compilerOptions);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => path.resolve(name) === file || fileExists(name);
  host.readFile = (name) => (path.resolve(name) === file ? snippet : readFile(name));
  host.getSourceFile = (name, language, ...rest) => {
    if (path.resolve(name) === file) return ts.createSourceFile(name, snippet, language, true);
    const key = `${ts.version} ${name}`;
    const parsed = parsedFiles.get(key) ?? getSourceFile(name, language, ...rest);
    if (parsed !== undefined) parsedFiles.set(key, parsed);
    return parsed;
  };
  const key = JSON.stringify([ts.version, folder, compilerOptions]);
  const program = ts.createProgram([file], compilerOptions, host, last?.key === key ? last.program : undefined);
  last = { key, program };
  return program;
}

/** What tab offers at `▮` in a snippet placed in `folder`. */
export function completions(ts: Compiler, folder: string, snippet: string, strict: boolean): string[] {
  const key = JSON.stringify([ts.version, folder, strict]);
  if (editor?.key !== key) editor = { key, service: snippetService(ts, folder, strict) };
  editor.service.setText(snippet.replace("▮", ""));
  const offered = editor.service.getCompletionsAtPosition(snippetFile(folder), snippet.indexOf("▮"), undefined);
  return (offered?.entries ?? []).map((entry) => entry.name);
}

/** An editor's service for one file, whose text changes. */
interface SnippetService extends TypeScript.LanguageService {
  setText(text: string): void;
}

/** What services have parsed, by compiler. */
const registries = new Map<Compiler, TypeScript.DocumentRegistry>();

/** The last service, which has checked the libraries. */
let editor: { readonly key: string; readonly service: SnippetService } | null = null;

function snippetService(ts: Compiler, folder: string, strict: boolean): SnippetService {
  const file = snippetFile(folder);
  const isSnippet = (name: string): boolean => path.resolve(name) === file;
  let [text, version] = ["", 0];
  const registry = registries.get(ts) ?? ts.createDocumentRegistry();
  registries.set(ts, registry);
  const host: TypeScript.LanguageServiceHost = {
    getCompilationSettings: () => ({ ...baseOptions(ts), strict }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (isSnippet(name) ? String(version) : "1"),
    getScriptSnapshot: (name) => {
      const content = isSnippet(name) ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (name) => isSnippet(name) || ts.sys.fileExists(name),
    readFile: (name) => (isSnippet(name) ? text : ts.sys.readFile(name)),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: ts.sys.realpath,
  };
  const service = ts.createLanguageService(host, registry);
  const setText = (now: string): void => {
    [text, version] = [now, version + 1];
  };
  return { ...service, setText };
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
