/**
 * Compiles a cell with the program of an earlier cell: a new program with its type checker takes longer than the cell.
 * Cells and the declarations before them are modules. If all that they import is part of the program, and they add no
 * global names, its type checker can check them as further files. Any other cell gets a new program.
 */
import path from "node:path";
import type * as ts from "typescript";
import {
  type Builder,
  type CompiledFile,
  forCells,
  type Resolution,
  type ResolvingProgram,
  type Typescript,
} from "./builder.js";
import type { Lookups } from "./lookups.js";

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
  readonly resolutions: WeakMap<ts.SourceFile, Resolutions>;
  programs: number;
  /** Whether it is working; if it threw, its type checker may be in any state. */
  isWorking: boolean;
}

type Resolutions = ReadonlyMap<string, Resolution>;

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

  #resolve(
    host: WatchHost,
    program: ts.Program,
    file: ts.SourceFile,
    names: readonly ts.StringLiteralLike[],
  ): Resolutions | null {
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
    const getSourceFile = (name: string): ts.SourceFile | undefined =>
      files.get(name) ?? base.program.getSourceFile(name);
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

export function parsedLike(like: ts.SourceFile, text: string, number: number, typescript: Typescript): CellFile {
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
export function importedNames(file: ts.SourceFile, typescript: Typescript): ts.StringLiteralLike[] | null {
  const references = [file.referencedFiles, file.typeReferenceDirectives, file.libReferenceDirectives];
  if (references.some(({ length }) => length > 0) || (file as CompiledFile).pragmas.has("jsximportsource")) return null;
  const names: ts.StringLiteralLike[] = [];
  for (const statement of file.statements) {
    if (typescript.isNamespaceExportDeclaration(statement)) return null;
    if (typescript.isModuleDeclaration(statement) && isAugmentation(statement, typescript)) return null;
    const name = typescript.isAnyImportOrReExport(statement) ? typescript.getExternalModuleName(statement) : undefined;
    if (name && typescript.isStringLiteral(name) && name.text !== "") names.push(name);
  }
  if (/\bimport\b|\brequire\b/.test(file.text))
    typescript.forEachDynamicImportOrRequireCall(file, true, true, (_node, name) => names.push(name));
  return names;
}

function isAugmentation({ name, flags }: ts.ModuleDeclaration, typescript: Typescript): boolean {
  return typescript.isStringLiteral(name) || (flags & typescript.NodeFlags.GlobalAugmentation) !== 0;
}
