/** Compiles a cell with the program of an earlier one if its imports are there and it adds no global names: faster. */
import { realpathSync } from "node:fs";
import path from "node:path";
import type * as ts from "typescript";
import { attempt } from "../../core/util/attempt.js";
import { areHeldFilesCurrent, holdFiles, offerHeldFiles } from "./held-files.js";
import { type CompiledFile, parsedLike, type Resolution, type ResolvingProgram, type Typescript } from "./internals.js";
import { isUsers, type Lookups } from "./lookups.js";

export type Builder = ts.EmitAndSemanticDiagnosticsBuilderProgram;

/** A slot for one timer; setting a second one throws. The owner decides when the timer runs. */
export interface TimerSlot {
  setTimeout(callback: () => void): unknown;
}

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

/** The checker keeps its knowledge of earlier cells, so it is replaced after this number of programs. */
const mostPrograms = 500;

const misspelt = "export {}; const misspelt = 1; mispelt;";
const suggestedName = 2552;

type WatchHost = ts.WatchCompilerHostOfFilesAndCompilerOptions<Builder>;
type Watch = Pick<ts.WatchOfFilesAndCompilerOptions<Builder>, "close" | "updateRootFileNames">;

interface AmbientChecker extends ts.TypeChecker {
  tryFindAmbientModule(name: string): ts.Symbol | undefined;
}

interface Base {
  readonly program: ResolvingProgram;
  /** The declarations of earlier cells, and the cell. */
  readonly files: readonly [ts.SourceFile, ts.SourceFile];
  readonly resolutions: WeakMap<ts.SourceFile, ReadonlyMap<string, Resolution>>;
  programs: number;
  /** Whether it is working; if it threw, its type checker may be in any state. */
  isWorking: boolean;
}

/** The program in a snapshot: cells of any folder share it. */
let held: { readonly base: Base; readonly options: string } | null = null;

/** Files that share a type checker need different paths. */
let count = 0;

export class CellPrograms {
  readonly #changes = new Map<string, () => void>();
  /** Names of the modules so far: a root file imports them, so that programs of cells without them keep their files. */
  readonly #modules = new Set<string>();
  #base: Base | null = null;
  #latest: ts.Program | null = null;
  #declarations: CellFile | null = null;

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
    const { file, underItsName } = cellLike(base.files[1], base.files[1].fileName, misspelt, this.typescript);
    this.#join(base, file, []);
    return underItsName(() => base.program.getSemanticDiagnostics(file)).some(({ code }) => code === suggestedName);
  }

  /** Like the compiler's function, with a further root file, which imports all modules so far. */
  watch(host: WatchHost, create: (host: WatchHost) => Watch): Watch {
    const roots = host.rootFiles;
    const modules = this.#importModules(host, roots[0]!);
    const { watchFile, setTimeout: takeSlot, afterProgramCreate } = host;
    let watch: Watch | null = null;
    const watched = (): Watch => (watch ??= create(host));
    const timers = new RebuildTimers({ setTimeout: (run) => takeSlot!(run, 0) }, () => {
      if (timers.isEmpty && !this.lookups.isStale && this.#share(host, roots, afterProgramCreate!)) return;
      if (watch === null) watched();
      else for (const change of this.#changes.values()) change();
    });
    const { setTimeout, clearTimeout } = timers;
    Object.assign(host, { setTimeout, clearTimeout });
    host.watchFile = (file, changed, ...more) => {
      if (!roots.includes(file) && file !== modules) return watchFile(file, changed, ...more);
      this.#changes.set(file, () => changed(file, this.typescript.FileWatcherEventKind.Changed));
      return watchFile(file, () => timers.schedule(), ...more);
    };
    host.afterProgramCreate = (builder) => {
      this.#setBase(builder, host);
      afterProgramCreate?.(builder);
    };
    if (this.#takeHeld(host, roots[0]!) && this.#share(host, roots, afterProgramCreate!))
      for (const root of roots) watchFile(root, () => timers.schedule());
    else watched();
    return {
      close: () => watch?.close(),
      updateRootFileNames: (files) => watched().updateRootFileNames([...files, modules]),
    };
  }

  #takeHeld(host: WatchHost, file: string): boolean {
    if (held === null || held.options !== sharedOptions(host) || !isUsers(file) || !areHeldFilesCurrent()) return false;
    const { base } = held;
    held = null;
    const folder = path.posix.join(path.posix.dirname(file), "/");
    this.#base = base;
    this.#latest = Object.assign(base.program, { getCommonSourceDirectory: () => folder });
    return true;
  }

  #importModules(host: WatchHost, beside: string): string {
    const name = path.posix.join(path.posix.dirname(beside), "__modules__.d.ts");
    const { readFile, fileExists } = host;
    const text = () => [...this.#modules].map((module) => `import ${JSON.stringify(module)};\n`).join("");
    host.rootFiles = [...host.rootFiles, name];
    host.readFile = (file, ...more) => (file === name ? `export {};\n${text()}` : readFile(file, ...more));
    host.fileExists = (file) => file === name || fileExists(file);
    return name;
  }

  #setBase(builder: Builder, host: WatchHost): void {
    const program = builder.getProgram() as ResolvingProgram;
    const files = host.rootFiles.map((root) => program.getSourceFile(root));
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
    const [declarations, cell] = files as [ts.SourceFile, ts.SourceFile];
    const base: Base = {
      program,
      files: [declarations, cell],
      resolutions: new WeakMap(),
      programs: 0,
      isWorking: false,
    };
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
    if (holdFiles(program, host.rootFiles)) held = { base, options: sharedOptions(host) };
  }

  /** Gives the converter a program that shares the files of the latest one. Returns false if that is not possible. */
  #share(host: WatchHost, [first, second]: readonly string[], give: (builder: Builder) => void): boolean {
    const base = this.#base;
    if (base === null || first === undefined || second === undefined || base.isWorking) return false;
    if (base.programs >= mostPrograms) return false;
    const [declarations, cell] = working(base, () => [
      this.#declarationsFile(host, base, first),
      this.#parse(host, base, base.files[1], second),
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
    this.#declarations = this.#parse(host, base, base.files[0], name);
    return this.#declarations;
  }

  #parse(host: WatchHost, base: Base, like: ts.SourceFile, name: string): CellFile | null {
    const { program, resolutions } = base;
    const parsed = cellLike(like, name, host.readFile(name) ?? "", this.typescript);
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

/** What cells of different folders have in common if they can share a program. */
function sharedOptions({ options }: WatchHost): string {
  const [types = ""] = options.typeRoots ?? [];
  return JSON.stringify({
    ...options,
    rootDir: "",
    typeRoots: attempt(() => realpathSync(path.join(types, "node")), ""),
  });
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

function cellLike(like: ts.SourceFile, fileName: string, text: string, typescript: Typescript): CellFile {
  const file = parsedLike(like, fileName, text, typescript);
  // Programs cache a file's problems by its path.
  const itsPath = fileName.replace(/(\.d)?\.ts$/, `.${++count}$&`);
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
    if (host) offerHeldFiles(host, options!, typescript);
    return forCells(create(roots, options, host, ...more), typescript);
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
