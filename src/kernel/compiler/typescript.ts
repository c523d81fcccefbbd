/** tslab's converter for cells, with a copy of the current compiler and our options: it brings an old one. */

import { existsSync, realpathSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import type { Converter } from "tslab/dist/converter";
import type * as ts from "typescript";
import { attempt } from "../../core/util/attempt.js";
import { foldersAbove, packageEntries, packageRoot } from "../../core/util/files/package-root.js";
import { getOrMake } from "../../core/util/growing.js";
import { attachSameLineDocs, type Builder, CellPrograms, plainProgram } from "./cell-programs.js";
import type { Typescript } from "./internals.js";
import { inCell, isMissingModule, isUsers, Lookups, type PositionMapper, requireCached, splitMap } from "./lookups.js";
import { plainModule } from "./plain-modules.js";
import { plainExports, quickInfoAt, stoppable } from "./quick-info.js";
import { storeLastOfUsing } from "./using-blocks.js";

const asksStandard = /^\s*\/\/\s*@experimentalDecorators:\s*false\b/;

export interface WatchingConverter extends Converter {
  anew<T>(work: () => T): T;
  readonly suggestsNames: boolean;
  /** Called before each use, since converters share a compiler. */
  activate?(): void;
}

/** A converter for each kind of decorators, replaced if it fails after the compiler threw; no variable is lost. */
export function recovering(create: (hasStandardDecorators: boolean) => WatchingConverter): Converter {
  const converters = new Map([[false, create(false)]]);
  const modules = new Map<string, Parameters<Converter["addModule"]>>();
  const use = <T>(source: string, work: (converter: WatchingConverter) => T): T => {
    const isStandard = asksStandard.test(source);
    const converter = getOrMake(converters, isStandard, () => create(isStandard));
    converter.activate?.();
    try {
      return work(converter);
    } catch (error) {
      if (attempt(() => converter.convert("", "const probe = 1;").diagnostics.length === 0, false)) throw error;
      attempt(() => converter.close(), undefined);
      const fresh = create(isStandard);
      converters.set(isStandard, fresh);
      for (const module of modules.values())
        if (asksStandard.test(module[1]) === isStandard) fresh.addModule(...module);
      return work(fresh);
    }
  };
  return {
    convert: (declarations, source) => use(source, (it) => convertLookingTwice(it, declarations, source)),
    inspect: (declarations, source, position) => use(source, (it) => it.inspect(declarations, source, position)),
    complete: (declarations, source, position) => use(source, (it) => it.complete(declarations, source, position)),
    addModule: (name, content, metadata) => {
      modules.set(name, [name, content, metadata]);
      return use(content, (it) => it.addModule(name, content, metadata));
    },
    close: () => {
      for (const converter of converters.values()) converter.close();
    },
  };
}

function convertLookingTwice(converter: WatchingConverter, ...parameters: Parameters<Converter["convert"]>) {
  const first = converter.convert(...parameters);
  const isNameMissing = first.diagnostics.some(({ code }) => missingName.has(code));
  if (!isMissingModule(first.diagnostics) && (!isNameMissing || converter.suggestsNames)) return first;
  return converter.anew(() => converter.convert(...parameters));
}

/** TypeScript's error codes for names and namespaces that it does not find, without a suggestion. */
const missingName = new Set([2304, 2503]);

export interface CellCompiler extends Converter {
  takeMapper(javascript: string, of: "cell" | "file"): PositionMapper | null;
  readonly typescript: typeof ts;
}

const compilerModule = require.resolve("typescript");

const forkModule = require.resolve("@tslab/typescript-for-tslab", {
  paths: [path.dirname(require.resolve("tslab/package.json"))],
});

const earlierCellsFile = "__prev__.d.ts";

const mappers = new Map<string, PositionMapper>();
let activeState: ProgramState | null = null;
let loaded: ReturnType<typeof loadConverter> | null = null;

/** Loads tslab's converter with the current compiler. A snapshot holds both. */
function loadConverter() {
  if (require.cache[require.resolve("tslab/dist/converter")]) throw new Error("tslab's compiler is loaded already");
  const original = withForkNames(requireCached<Typescript>(compilerModule));
  watchUsersFilesOnly(original);
  const typescript = customise(original, () => activeState!);
  // Loaded only after this, since it reads the compiler from require's cache.
  require.cache[forkModule] = Object.assign(new Module(forkModule), { exports: typescript, loaded: true });
  const { createConverter } = require("tslab/dist/converter") as typeof import("tslab/dist/converter");
  return { original, typescript, createConverter };
}

export function createCompiler(): CellCompiler {
  loaded ??= loadConverter();
  const { original, typescript, createConverter } = loaded;
  const converter = recovering((hasStandardDecorators) => {
    const lookups = new Lookups();
    const state = { lookups, programs: new CellPrograms(lookups, original), hasStandardDecorators };
    const activate = (): void => {
      activeState = state;
    };
    activate();
    return {
      ...createConverter({}),
      anew: (work) => lookups.anew(work),
      get suggestsNames() {
        return state.programs.suggestsNames;
      },
      activate,
    };
  });
  return {
    ...converter,
    typescript,
    takeMapper(javascript, of) {
      const mapper = mappers.get(javascript);
      mappers.delete(javascript);
      if (mapper === undefined) return null;
      return of === "cell" ? inCell(mapper) : mapper;
    },
  };
}

/** The compiler's libraries, installed packages and this package do not change while a notebook runs. */
function watchUsersFilesOnly({ sys }: typeof ts): void {
  const { watchFile } = sys;
  const unwatched: ts.FileWatcher = { close: () => {} };
  sys.watchFile = (file, ...parameters) => (isUsers(file) ? watchFile!(file, ...parameters) : unwatched);
  // Only for packages of types: it would watch each folder below `node_modules`.
  sys.watchDirectory = () => unwatched;
}

function customise(original: Typescript, state: () => ProgramState): typeof ts {
  const createWatchCompilerHost = original.createWatchCompilerHost as (...args: unknown[]) => WatchHost;
  const { getQuickInfoAtPosition } = original as unknown as {
    getQuickInfoAtPosition(file: ts.SourceFile, ...rest: unknown[]): ts.QuickInfo | undefined;
  };
  const copy = { ...original } as typeof ts;
  let transpile: Transpile | null = null;
  return Object.assign(copy, {
    createWatchProgram: (host: WatchHost) => state().programs.watch(host, original.createWatchProgram),
    getQuickInfoAtPosition(file: ts.SourceFile, ...rest: unknown[]) {
      attachSameLineDocs(file, original);
      return getQuickInfoAtPosition(file, ...rest);
    },
    visitEachChild: (node: ts.Node, visit: ts.Visitor, context: ts.TransformationContext) => {
      const { checker } = state().programs;
      const expanded = checker ? shorthandOfEarlierCell(node, original, checker) : null;
      return expanded ?? original.visitEachChild(node, visit, context);
    },
    createWatchCompilerHost: (
      roots: unknown,
      options: ts.CompilerOptions,
      system: unknown,
      _program: unknown,
      ...reporters: unknown[]
    ) => {
      const experimentalDecorators = !state().hasStandardDecorators;
      const cellOptions = { ...supported(options), ...ourOptions(original), experimentalDecorators };
      const host = createWatchCompilerHost(roots, cellOptions, system, plainProgram(original), ...reporters);
      state().lookups.follow(host, cellOptions, original);
      return host;
    },
    transpileModule(javascript: string, options: ts.TranspileOptions): Pick<ts.TranspileOutput, "outputText"> {
      const first = splitMap(javascript);
      const plain = plainModule(first.code);
      if (plain !== null) return mapped(plain.code, first.map, plain.origin);
      const compilerOptions = { ...supported(options.compilerOptions ?? {}), inlineSourceMap: true };
      transpile ??= transpiler(options.fileName ?? "cell.js", compilerOptions, original);
      const place = first.map && inCell(first.map);
      const second = splitMap(
        transpile(first.code, {
          before: [storeLastOfUsing(original), stoppable(original, (line, column) => place?.(line, column) ?? null)],
          after: [plainExports(original)],
        }),
      );
      return mapped(second.code, first.map, second.map);
    },
  });
}

/** The output of two steps, each with the map to its input. */
function mapped(outputText: string, first: PositionMapper | null, second: PositionMapper | null) {
  if (first && second) {
    mappers.set(outputText, (line, column) => {
      const between = second(line, column);
      return between && first(between.line, between.column);
    });
  }
  return { outputText };
}

type WatchHost = ts.WatchCompilerHostOfFilesAndCompilerOptions<Builder>;

interface ProgramState {
  readonly lookups: Lookups;
  readonly programs: CellPrograms;
  readonly hasStandardDecorators: boolean;
}

/** Expands `{ model }` if an earlier cell declared `model`: tslab does not rewrite shorthand properties. */
function shorthandOfEarlierCell(node: ts.Node, typescript: typeof ts, checker: ts.TypeChecker): ts.Node | null {
  if (!typescript.isShorthandPropertyAssignment(node)) return null;
  const parsed = typescript.getParseTreeNode(node);
  const symbol = parsed && checker.getShorthandAssignmentValueSymbol(parsed);
  const isEarlier = symbol?.declarations?.some((declaration) => {
    return path.basename(declaration.getSourceFile().fileName) === earlierCellsFile;
  });
  if (!isEarlier) return null;
  const { factory } = typescript;
  const variable = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), node.name.text);
  const fallback = node.objectAssignmentInitializer;
  const value = fallback ? factory.createAssignment(variable, fallback) : variable;
  return factory.createPropertyAssignment(node.name.text, value);
}

function supported(options: ts.CompilerOptions): ts.CompilerOptions {
  const { noImplicitUseStrict: _strict, disableTopLevelAwait: _await, ...rest } = options;
  return rest;
}

function nodeLibraries(): string[] {
  const major = Number.parseInt(process.versions.node, 10);
  if (major >= 24) return ["lib.es2025.d.ts", "lib.esnext.disposable.d.ts", "lib.esnext.error.d.ts"];
  if (major >= 22)
    return ["lib.es2024.d.ts", "lib.es2025.collection.d.ts", "lib.es2025.iterator.d.ts", "lib.esnext.array.d.ts"];
  return ["lib.es2023.d.ts"];
}

function ourOptions(typescript: typeof ts): ts.CompilerOptions {
  // The project's types of Node, or this package's; `assets/start.sh` finds the same.
  const types = typeRootsAbove(process.cwd(), {}).find((each) => existsSync(path.join(each, "node", "package.json")));
  return {
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    lib: nodeLibraries(),
    strict: false,
    types: ["node"],
    typeRoots: [realpathSync(types ?? path.resolve(require.resolve("@types/node/package.json"), "..", ".."))],
    paths: {
      ...Object.fromEntries([...packageEntries()].map(([name, file]) => [name, [file]])),
      // So a cell can keep a part of a result whose type no entry exports: the compiler names its file.
      "pepnet/*": [path.join(packageRoot, "dist", "*")],
    },
    inlineSourceMap: true,
  };
}

function withForkNames(original: Typescript): Typescript {
  return {
    ...original,
    getNullTransformationContext: () => original.nullTransformationContext,
    getDefaultTypeRoots: typeRootsAbove,
    getPreEmitDiagnosticsOfFiles: (program: ts.Program, files: readonly ts.SourceFile[]) =>
      original.sortAndDeduplicateDiagnostics(diagnosticsOfFiles(program, files)),
    getQuickInfoAtPosition: (file: ts.SourceFile, checker: ts.TypeChecker, _token: unknown, position: number) =>
      quickInfoAt(original, file, checker, position),
    Completions: {
      ...original.Completions,
      getCompletionsAtPositionForTslab: (...parameters: CompletionParameters) => completionsAt(original, parameters),
    },
  } as Typescript;
}

type CompletionParameters = [host: unknown, ts.Program, log: unknown, ts.SourceFile, ...rest: unknown[]];

/** With the files of the disk, which names of modules complete from. */
function completionsAt(
  { sys, Completions }: Typescript,
  [, program, log, file, ...rest]: CompletionParameters,
): ts.CompletionInfo | undefined {
  const host = {
    ...sys,
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => program.getCompilerOptions(),
  };
  return Completions.getCompletionsAtPosition(host, program, log, file, ...rest, undefined);
}

function typeRootsAbove(folder: string, { directoryExists = (_: string): boolean => true } = {}): string[] {
  return foldersAbove(folder)
    .map((each) => path.join(each, "node_modules", "@types"))
    .filter((types) => directoryExists(types));
}

function diagnosticsOfFiles(program: ts.Program, files: readonly ts.SourceFile[]): ts.Diagnostic[] {
  const { declaration } = program.getCompilerOptions();
  return files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
    ...(declaration === true ? program.getDeclarationDiagnostics(file) : []),
  ]);
}

function transpiler(fileName: string, base: ts.CompilerOptions, typescript: Typescript): Transpile {
  const options: ts.CompilerOptions = { ...base, suppressOutputPathCheck: true, allowNonTsExtensions: true };
  for (const { name, transpileOptionValue } of typescript.transpileOptionValueCompilerOptions)
    options[name] = transpileOptionValue;
  const parse = (text: string): ts.SourceFile =>
    typescript.createSourceFile(fileName, text, options.target ?? typescript.ScriptTarget.ES2022);
  const empty = parse("");
  const program = typescript.createProgram([fileName], options, {
    getSourceFile: (name) => (name === fileName ? empty : undefined),
    writeFile: () => {},
    getDefaultLibFileName: () => "lib.d.ts",
    useCaseSensitiveFileNames: () => true,
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => "",
    getNewLine: () => "\n",
    fileExists: (name) => name === fileName,
    readFile: () => "",
  });
  return (text, transformers) => {
    const file = parse(text);
    Object.assign(file, { path: fileName, resolvedPath: fileName, originalFileName: fileName, imports: [] });
    typescript.bindSourceFile(file, options);
    let output = "";
    program.emit(file, (_name, written) => (output = written), undefined, false, transformers);
    return output;
  };
}

type Transpile = (text: string, transformers: ts.CustomTransformers) => string;
