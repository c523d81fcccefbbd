/** Compiles a cell with the program of an earlier one if its imports are there and it adds no global names: faster. */
import path from "node:path";
import type * as ts from "typescript";
import { holdFiles, offerHeldFiles } from "./held-files.js";
import { isUsers, type Lookups } from "./lookups.js";

export type Builder = ts.EmitAndSemanticDiagnosticsBuilderProgram;

type Resolution = { readonly resolvedModule?: ts.ResolvedModuleFull | undefined } | undefined;

interface ResolvingProgram extends ts.Program {
  getResolvedModule(file: ts.SourceFile, name: string, mode: ts.ResolutionMode): Resolution;
  getResolvedModuleFromModuleSpecifier(name: ts.StringLiteralLike, file: ts.SourceFile): Resolution;
}

export interface CompiledFile extends ts.SourceFile {
  readonly path: string;
  readonly pragmas: ReadonlyMap<string, unknown>;
  readonly imports?: readonly ts.StringLiteralLike[];
  readonly locals?: Map<ts.__String, ts.Symbol>;
  readonly parseDiagnostics: readonly ts.Diagnostic[];
  readonly setExternalModuleIndicator?: (file: ts.SourceFile) => void;
  readonly jsDocParsingMode?: ts.JSDocParsingMode;
}

/** TypeScript with the functions that it does not document. */
export type Typescript = typeof ts & {
  readonly nullTransformationContext: ts.TransformationContext;
  readonly transpileOptionValueCompilerOptions: readonly {
    readonly name: string;
    readonly transpileOptionValue: never;
  }[];
  readonly Completions: { getCompletionsAtPosition(...parameters: unknown[]): unknown };
  readonly SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: ts.TypeChecker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      around: ts.Node | undefined,
      node: ts.Node,
    ): Pick<ts.QuickInfo, "displayParts" | "documentation" | "tags"> & { symbolKind: ts.ScriptElementKind };
    getSymbolModifiers(checker: ts.TypeChecker, symbol: ts.Symbol): string;
  };
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  parseIsolatedJSDocComment(text: string, start: number, length: number): { jsDoc: ts.JSDoc } | undefined;
  forEachDynamicImportOrRequireCall(
    file: ts.SourceFile,
    hasTypes: boolean,
    hasLiteral: boolean,
    visit: (node: ts.Node, name: ts.StringLiteralLike) => void,
  ): void;
  isAnyImportOrReExport(node: ts.Node): boolean;
  getExternalModuleName(node: ts.Node): ts.Expression | undefined;
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  getContainerNode(node: ts.Node): ts.Node | undefined;
  isInComment(file: ts.SourceFile, position: number): unknown;
  isTagName(node: ts.Node): boolean;
  isLabelName(node: ts.Node): boolean;
  isImportMeta(node: ts.Node): boolean;
  typeToDisplayParts(checker: ts.TypeChecker, type: ts.Type, around?: ts.Node): ts.SymbolDisplayPart[];
  createTextSpanFromNode(node: ts.Node, file: ts.SourceFile): ts.TextSpan;
};

/** A slot for one timer; setting a second one throws. The owner decides when the timer runs. */
export type TimerSlot = { setTimeout(callback: () => void): unknown };

export class RebuildTimers {
  readonly #pending = new Map<object, () => void>();
  #isSlotTaken = false;

  constructor(
    private readonly slot: TimerSlot,
    private readonly prepare: () => void = () => {},
  ) {}

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** Like the global function, but without a clock: the timer runs with the next rebuild. */
  readonly setTimeout = (callback: (...args: unknown[]) => void, _ms: number, ...args: unknown[]): object => {
    const timer = {};
    this.#pending.set(timer, () => callback(...args));
    this.schedule();
    return timer;
  };

  readonly clearTimeout = (timer: object): void => {
    this.#pending.delete(timer);
  };

  schedule(): void {
    if (this.#isSlotTaken) return;
    this.#isSlotTaken = true;
    this.slot.setTimeout(() => this.#runAll());
  }

  /** If a timer throws, the others stay pending and the slot stays occupied, as the owner keeps that timer. */
  #runAll(): void {
    this.prepare();
    for (const [timer, run] of this.#pending) {
      this.#pending.delete(timer);
      run();
    }
    this.#isSlotTaken = false;
  }
}

/** The checker keeps what it knows about earlier cells, so it is replaced after this number of programs. */
const mostPrograms = 500;

const misspelt = "export {}; const misspelt = 1; mispelt;";
const suggestedName = 2552;

type WatchHost = ts.WatchCompilerHost<Builder>;

interface AmbientChecker extends ts.TypeChecker {
  tryFindAmbientModule(name: string): ts.Symbol | undefined;
}

interface Base {
  readonly program: ResolvingProgram;
  readonly cell: ts.SourceFile;
  readonly resolutions: WeakMap<ts.SourceFile, ReadonlyMap<string, Resolution>>;
  programs: number;
  /** Whether it is working; if it threw, its type checker may be in any state. */
  isWorking: boolean;
}

export class CellPrograms {
  readonly #changes = new Map<string, () => void>();
  /** Names of the modules so far: a root file imports them, so that programs of cells without them keep their files. */
  readonly #modules = new Set<string>();
  #base: Base | null = null;
  #latest: ts.Program | null = null;
  #declarations: CellFile | null = null;
  #count = 0;

  constructor(
    private readonly lookups: Lookups,
    private readonly typescript: Typescript,
  ) {}

  get checker(): ts.TypeChecker | undefined {
    return this.#latest?.getTypeChecker();
  }

  /** Whether names get suggestions: a checker makes ten in its life, so a misspelt name tests one that is shared. */
  get suggestsNames(): boolean {
    const base = this.#base;
    if (base === null || base.programs === 0) return true;
    const { file, underItsName } = parsedLike(base.cell, misspelt, ++this.#count, this.typescript);
    this.#join(base, file, []);
    return underItsName(() => base.program.getSemanticDiagnostics(file)).some(({ code }) => code === suggestedName);
  }

  /** Returns the name of a further root file for a watch host, which imports all modules so far. */
  follow(host: WatchHost & { rootFiles: readonly string[] }): string {
    const roots = host.rootFiles;
    const modules = this.#importModules(host, roots[0]!);
    const { watchFile, setTimeout: takeSlot, afterProgramCreate } = host;
    const timers = new RebuildTimers({ setTimeout: (run) => takeSlot!(run, 0) }, () => {
      if (timers.isEmpty && !this.lookups.isStale && this.#share(host, roots, afterProgramCreate!)) return;
      for (const change of this.#changes.values()) change();
    });
    const { setTimeout, clearTimeout } = timers;
    Object.assign(host, { setTimeout, clearTimeout });
    host.watchFile = (file, changed, ...more) => {
      if (!roots.includes(file) && file !== modules) return watchFile(file, changed, ...more);
      this.#changes.set(file, () => changed(file, this.typescript.FileWatcherEventKind.Changed));
      return watchFile(file, () => timers.schedule(), ...more);
    };
    host.afterProgramCreate = (builder) => {
      this.#setBase(builder, roots);
      afterProgramCreate?.(builder);
    };
    return modules;
  }

  #importModules(host: WatchHost & { rootFiles: readonly string[] }, beside: string): string {
    const name = path.posix.join(path.posix.dirname(beside), "__modules__.d.ts");
    const { readFile, fileExists } = host;
    const text = () => [...this.#modules].map((module) => `import ${JSON.stringify(module)};\n`).join("");
    host.rootFiles = [...host.rootFiles, name];
    host.readFile = (file, ...more) => (file === name ? `export {};\n${text()}` : readFile(file, ...more));
    host.fileExists = (file) => file === name || fileExists(file);
    return name;
  }

  #setBase(builder: Builder, roots: readonly string[]): void {
    const program = builder.getProgram() as ResolvingProgram;
    const files = roots.map((root) => program.getSourceFile(root));
    const isClosed = files.every((file) => file !== undefined && importedNames(file, this.typescript) !== null);
    this.#latest = program;
    for (const file of files) {
      for (const specifier of (file as CompiledFile | undefined)?.imports ?? []) {
        if (program.getResolvedModuleFromModuleSpecifier(specifier, file!)?.resolvedModule !== undefined)
          this.#modules.add(specifier.text);
      }
    }
    this.#declarations = null;
    this.#base = null;
    if (!isClosed) return;
    const base: Base = { program, cell: files[1]!, resolutions: new WeakMap(), programs: 0, isWorking: false };
    const find = (file: ts.SourceFile, name: string): Resolution => base.resolutions.get(file)?.get(name);
    const { getResolvedModule, getResolvedModuleFromModuleSpecifier, getSemanticDiagnostics, emit } = program;
    const changes: Partial<ResolvingProgram> = {
      getResolvedModule: (file, name, mode) => find(file, name) ?? getResolvedModule(file, name, mode),
      getResolvedModuleFromModuleSpecifier: (name, file) =>
        find(file, name.text) ?? getResolvedModuleFromModuleSpecifier(name, file),
      getSemanticDiagnostics: (...parameters) => working(base, () => getSemanticDiagnostics(...parameters)),
      emit: (...parameters) => working(base, () => emit(...parameters)),
    };
    Object.assign(program, changes);
    this.#base = base;
  }

  /** Gives the converter a program that shares the files of the latest one. Returns false if that is not possible. */
  #share(host: WatchHost, [first, second]: readonly string[], give: (builder: Builder) => void): boolean {
    const base = this.#base;
    if (base === null || first === undefined || second === undefined || base.isWorking) return false;
    if (base.programs >= mostPrograms) return false;
    const [declarations, cell] = working(base, () => [
      this.#declarationsFile(host, base, first),
      this.#parse(host, base, second),
    ]);
    if (declarations === null || cell === null) return false;
    base.programs++;
    give(forCells(this.#builder(base, declarations, cell), this.typescript));
    return true;
  }

  /** tslab's converter changes the file when it emits; until then it can serve several programs. */
  #declarationsFile(host: WatchHost, base: Base, name: string): CellFile | null {
    const text = host.readFile(name) ?? "";
    if (this.#declarations?.file.text === text) return this.#declarations;
    this.#declarations = this.#parse(host, base, name);
    return this.#declarations;
  }

  #parse(host: WatchHost, base: Base, name: string): CellFile | null {
    const { program, resolutions } = base;
    const parsed = parsedLike(program.getSourceFile(name)!, host.readFile(name) ?? "", ++this.#count, this.typescript);
    const { file } = parsed;
    const names = importedNames(file, this.typescript);
    if (names === null) return null;
    this.#join(base, file, names);
    const modules = this.#resolve(host, program, file, names);
    if (modules === null) return null;
    resolutions.set(file, modules);
    return parsed;
  }

  #join({ program }: Base, file: ts.SourceFile, imports: readonly ts.StringLiteralLike[]): void {
    this.typescript.bindSourceFile(file, program.getCompilerOptions());
    Object.assign(file, { imports, moduleAugmentations: [], ambientModuleNames: [] });
  }

  #resolve(host: WatchHost, program: ts.Program, file: ts.SourceFile, names: readonly ts.StringLiteralLike[]) {
    if (names.length === 0) return new Map();
    const options = program.getCompilerOptions();
    const results = host.resolveModuleNameLiterals!(names, file.fileName, undefined, options, file, undefined);
    const checker = program.getTypeChecker() as AmbientChecker;
    const isPart = (name: string, { resolvedModule }: ts.ResolvedModuleWithFailedLookupLocations): boolean => {
      if (resolvedModule === undefined) return checker.tryFindAmbientModule(name) !== undefined;
      const { resolvedFileName, extension } = resolvedModule as ts.ResolvedModuleFull;
      return program.getSourceFile(resolvedFileName) !== undefined || /^\.[cm]?jsx?$/.test(extension);
    };
    if (!names.every(({ text }, at) => isPart(text, results[at]!))) return null;
    return new Map(names.map(({ text }, at): [string, Resolution] => [text, results[at]]));
  }

  #builder(base: Base, declarations: CellFile, cell: CellFile): Builder {
    const files = new Map<string, ts.SourceFile>([declarations, cell].map(({ file }) => [file.fileName, file]));
    const getSourceFile = (name: string) => files.get(name) ?? base.program.getSourceFile(name);
    const program: ts.Program = Object.assign(Object.create(base.program), {
      getSourceFile,
      getSemanticDiagnostics(file: ts.SourceFile) {
        const check = (): readonly ts.Diagnostic[] => base.program.getSemanticDiagnostics(file);
        return file === cell.file ? cell.underItsName(check) : check();
      },
    });
    const builder: Pick<Builder, "getProgram" | "getSourceFile" | "emit"> = {
      getProgram: () => program,
      getSourceFile,
      emit: (...parameters) => {
        this.#declarations = null;
        return base.program.emit(...parameters);
      },
    };
    return builder as Builder;
  }
}

function working<T>(base: Base, work: () => T): T {
  base.isWorking = true;
  const result = work();
  base.isWorking = false;
  return result;
}

export interface CellFile {
  readonly file: ts.SourceFile;
  /** The type checker collects problems by file name, so the file has its own name during the work. */
  underItsName<T>(work: () => T): T;
}

function parsedLike(like: ts.SourceFile, text: string, number: number, typescript: Typescript): CellFile {
  const { fileName, languageVersion, impliedNodeFormat, setExternalModuleIndicator, jsDocParsingMode, path } =
    like as CompiledFile;
  const options = { languageVersion, impliedNodeFormat, setExternalModuleIndicator, jsDocParsingMode };
  const file = typescript.createSourceFile(fileName, text, options as ts.CreateSourceFileOptions);
  // Programs cache a file's problems by its path.
  const itsPath = path.replace(/(\.d)?\.ts$/, `.${number}$&`);
  Object.assign(file, { path: itsPath, resolvedPath: itsPath, originalFileName: fileName });
  return {
    file,
    underItsName(work) {
      file.fileName = itsPath;
      try {
        return work();
      } finally {
        file.fileName = fileName;
      }
    },
  };
}

/** The imported modules of a bound file; null if it also refers to files in comments or adds global names. */
function importedNames(file: ts.SourceFile, typescript: Typescript): ts.StringLiteralLike[] | null {
  const references = [file.referencedFiles, file.typeReferenceDirectives, file.libReferenceDirectives];
  if (references.some(({ length }) => length > 0) || (file as CompiledFile).pragmas.has("jsximportsource")) return null;
  const names: ts.StringLiteralLike[] = [];
  for (const statement of file.statements) {
    if (typescript.isNamespaceExportDeclaration(statement)) return null;
    const isAugmentation =
      typescript.isModuleDeclaration(statement) &&
      (typescript.isStringLiteral(statement.name) || statement.flags & typescript.NodeFlags.GlobalAugmentation);
    if (isAugmentation) return null;
    const name = typescript.isAnyImportOrReExport(statement) ? typescript.getExternalModuleName(statement) : undefined;
    if (name && typescript.isStringLiteral(name) && name.text !== "") names.push(name);
  }
  if (/\bimport\b|\brequire\b/.test(file.text))
    typescript.forEachDynamicImportOrRequireCall(file, true, true, (_node, name) => names.push(name));
  return names;
}

/** Programs for tslab's converter that do not track which of a thousand files a change affects. */
export function plainProgram(typescript: Typescript): ts.CreateProgram<Builder> {
  const create = typescript.createAbstractBuilder as unknown as ts.CreateProgram<Builder>;
  return (roots, options, host, ...more) => {
    if (host) offerHeldFiles(host);
    const builder = forCells(create(roots, options, host, ...more), typescript);
    holdFiles(builder.getProgram());
    return builder;
  };
}

function forCells(builder: Builder, typescript: Typescript): Builder {
  const program = builder.getProgram() as ResolvingProgram;
  const { getSourceFile, emit } = builder;
  const changes: Partial<Builder> = {
    getAllDependencies: (file) => usersDependencies(program, file),
    getSourceFile(name) {
      const file = getSourceFile(name);
      // A type checker binds all files; before there is one, tslab's converter reads the names of a cell's variables.
      if (file && isUsers(name)) typescript.bindSourceFile(file, program.getCompilerOptions());
      return withPlainNames(file, typescript);
    },
    emit(file, write, token, declarationsOnly, transformers) {
      const afterDeclarations = [keepSameLineDocs(typescript), ...(transformers?.afterDeclarations ?? [])];
      return emit(file, write, token, declarationsOnly, { ...transformers, afterDeclarations });
    },
  };
  return Object.assign(builder, changes);
}

function usersDependencies(program: ResolvingProgram, file: ts.SourceFile): string[] {
  const files = new Set<ts.SourceFile>([file]);
  for (const source of files) {
    for (const specifier of (source as CompiledFile).imports ?? []) {
      const resolved = program.getResolvedModuleFromModuleSpecifier(specifier, source)?.resolvedModule;
      const imported = resolved && program.getSourceFile(resolved.resolvedFileName);
      if (imported && !imported.isDeclarationFile && isUsers(imported.fileName)) files.add(imported);
    }
  }
  return [...files].map(({ fileName }) => fileName);
}

/** The compiler stores `__name` as `___name`, which tslab would export. */
function withPlainNames(file: ts.SourceFile | undefined, typescript: Typescript): ts.SourceFile | undefined {
  const locals = (file as CompiledFile | undefined)?.locals;
  if (
    !locals ||
    file?.isDeclarationFile ||
    Object.hasOwn(locals, "forEach") ||
    ![...locals.keys()].some((name) => /^___/.test(String(name)))
  ) {
    return file;
  }
  locals.forEach = (visit) => {
    for (const [name, symbol] of locals)
      visit(symbol, typescript.unescapeLeadingUnderscores(name) as ts.__String, locals);
  };
  return file;
}

/** Restores doc comments on the line of the bracket before them, which the compiler drops: inspection shows them. */
export function attachSameLineDocs(file: ts.SourceFile, typescript: Typescript): void {
  const visit = (node: ts.Node): void => {
    const member = node as ts.Node & { jsDoc?: ts.JSDoc[] };
    const range = member.jsDoc ? null : sameLineDoc(node, file, typescript);
    if (range) {
      const parsed = typescript.parseIsolatedJSDocComment(file.text, range.pos, range.end - range.pos);
      if (parsed) member.jsDoc = [Object.assign(parsed.jsDoc, { parent: node })];
    }
    typescript.forEachChild(node, visit);
  };
  visit(file);
}

function keepSameLineDocs(typescript: Typescript): ts.TransformerFactory<ts.SourceFile | ts.Bundle> {
  return (context) => {
    const visit = (node: ts.Node): ts.Node => {
      const parsed = typescript.getParseTreeNode(node);
      const file = parsed?.getSourceFile();
      const range = parsed && file ? sameLineDoc(parsed, file, typescript) : null;
      if (range && file) {
        const text = file.text.slice(range.pos + 2, range.end - 2);
        typescript.addSyntheticLeadingComment(node, typescript.SyntaxKind.MultiLineCommentTrivia, text, true);
      }
      return typescript.visitEachChild(node, visit, context);
    };
    return (file) => typescript.visitEachChild(file, visit, context);
  };
}

function sameLineDoc(node: ts.Node, file: ts.SourceFile, typescript: Typescript): ts.CommentRange | null {
  if (!typescript.isClassElement(node) && !typescript.isTypeElement(node) && !typescript.isObjectLiteralElement(node)) {
    return null;
  }
  const ranges = typescript.getTrailingCommentRanges(file.text, node.pos) ?? [];
  const isDoc = ({ pos, end }: ts.CommentRange): boolean => /^\/\*\*[^/]/.test(file.text.slice(pos, end));
  return ranges.filter(isDoc).pop() ?? null;
}
