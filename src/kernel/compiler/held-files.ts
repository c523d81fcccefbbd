/**
 * Declaration files of packages that a snapshot holds, parsed and bound, and the modules that these import. The contents of
 * modules that they declare, three quarters of all, are parsed again when they are first needed.
 */
import { statSync } from "node:fs";
import path from "node:path";
import type * as ts from "typescript";
import { foldersAbove } from "../../core/util/files/package-root.js";
import { getOrMake } from "../../core/util/growing.js";
import { type CompiledFile, parsedLike, type Typescript } from "./internals.js";

const held = new Map<string, { readonly file: ts.SourceFile; readonly version: string }>();
const hosts = new WeakSet<ts.CompilerHost>();
let isHolding = false;

/** Whether this process started from a snapshot. */
export function hasHeldFiles(): boolean {
  return held.size > 0;
}

/** Another text whenever the file is written; null without a file. */
export function versionOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.size} ${stats.mtimeMs}` : null;
}

type Found = Pick<ts.ResolvedModuleWithFailedLookupLocations, "resolvedModule">;

/** Keyed by importing file and import. */
const heldModules = new Map<string, Found>();
/** The packages around each folder of importing files: of the snapshot, and of now. */
const heldSurroundings = new Map<string, string>();
const surroundings = new Map<string, string>();

/** Holds what programs read during the work. */
export function holdingFiles(work: () => void): void {
  isHolding = true;
  work();
  isHolding = false;
  surroundings.clear();
}

/** A module that a package's file imports, searched again only if packages were added or removed since the snapshot. */
export function foundModule<F extends Found>(file: string, name: string, find: () => F): F | Found {
  const key = `${file} ${name}`;
  const folder = path.dirname(file);
  if (isHolding) heldSurroundings.set(folder, surroundingsOf(folder));
  const held = heldModules.get(key);
  if (held && heldSurroundings.get(folder) === getOrMake(surroundings, folder, () => surroundingsOf(folder)))
    return held;
  const result = find();
  if (isHolding) heldModules.set(key, { resolvedModule: result.resolvedModule });
  return result;
}

/** Another text whenever a package is added or removed where a folder's files find packages. */
function surroundingsOf(folder: string): string {
  return foldersAbove(folder)
    .flatMap((each) => ["node_modules", "node_modules/@types"].map((name) => versionOf(path.join(each, name))))
    .join();
}

/** Holds a program's files if they are a package's, except for its own ones. Returns whether it holds all of them. */
export function holdFiles(program: ts.Program, roots: readonly string[]): boolean {
  if (!isHolding) return false;
  const files = program.getSourceFiles().filter((file) => !roots.includes(file.fileName));
  for (const file of files) {
    const version = versionOf(file.fileName);
    const isFixed =
      file.isDeclarationFile &&
      file.fileName.includes("/node_modules/") &&
      !(file as Partial<CompiledFile>).redirectInfo;
    if (isFixed && version !== null) held.set(file.fileName, { file, version });
  }
  return files.every(({ fileName }) => held.has(fileName));
}

/** Whether the files in a snapshot are the ones that programs would find and read now. */
export function areHeldFilesCurrent(): boolean {
  return (
    [...held].every(([name, { version }]) => versionOf(name) === version) &&
    [...heldSurroundings].every(([folder, around]) => surroundingsOf(folder) === around)
  );
}

/** Makes a host return held files that have not changed since. */
export function offerHeldFiles(host: ts.CompilerHost, options: ts.CompilerOptions, typescript: Typescript): void {
  if (hosts.has(host) || !(isHolding || held.size > 0)) return;
  hosts.add(host);
  const { getSourceFile, getSourceFileByPath } = host;
  const find = (name: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined => {
    const { file, version } = held.get(name) ?? {};
    const { languageVersion, impliedNodeFormat = undefined } =
      typeof options === "object" ? options : { languageVersion: options };
    if (file?.languageVersion !== languageVersion || file.impliedNodeFormat !== impliedNodeFormat) return undefined;
    return versionOf(name) === version ? file : undefined;
  };
  const deferred = (file: ts.SourceFile | undefined): ts.SourceFile | undefined => {
    if (isHolding && file) deferContents(file as CompiledFile, options, typescript);
    return file;
  };
  host.getSourceFile = (name, options, ...rest) =>
    find(name, options) ?? deferred(getSourceFile(name, options, ...rest));
  host.getSourceFileByPath = (name, path, options, ...rest) =>
    find(name, options) ?? deferred(getSourceFileByPath?.(name, path, options, ...rest));
}

type Block = ts.SourceFile | ts.ModuleBlock;

/** Removes the exports of the modules that a file declares, or is: the compiler reads them when it asks a module for them. */
function deferContents(file: CompiledFile, options: ts.CompilerOptions, typescript: Typescript): void {
  const isBound = file.locals !== undefined;
  const blocks = isBound || !file.fileName.includes("/node_modules/") ? null : contentsOf(file, typescript);
  if (blocks === null) return;
  const imports: ts.Node[] = [];
  // Programs look for these where the text has the word, and go up from there.
  typescript.forEachDynamicImportOrRequireCall(file, true, true, (node) => {
    imports.push(Object.assign(node, { parent: blocks[0] }));
  });
  for (const block of blocks) {
    const statements = block.statements as unknown as ts.Node[];
    const rest = block.statements.filter(
      (each) => isGlobal(each, typescript) || typescript.isAnyImportOrReExport(each),
    );
    statements.splice(0, statements.length, ...rest, ...imports.splice(0));
  }
  typescript.bindSourceFile(file, options);
  for (const module of modulesOf(file).values()) {
    const define = (property: PropertyDescriptor) => Object.defineProperty(module, "exports", property);
    const get = (): unknown => {
      fill(file, options, typescript);
      return module.exports;
    };
    define({ get, set: (value: unknown) => define({ value, writable: true }), configurable: true });
  }
}

/** The blocks of a file that only declares modules, or the file if it is one. Null for others. */
function contentsOf(file: ts.SourceFile, typescript: Typescript): readonly Block[] | null {
  const references = [file.referencedFiles, file.typeReferenceDirectives, file.libReferenceDirectives];
  if (!file.isDeclarationFile || references.some(({ length }) => length > 0)) return null;
  const blocks = file.statements.flatMap((each) =>
    typescript.isModuleDeclaration(each) && typescript.isStringLiteral(each.name) ? [each.body as ts.ModuleBlock] : [],
  );
  const isModule = typescript.isExternalModule(file);
  if (blocks.length !== (isModule ? 0 : file.statements.length)) return null;
  const contents = isModule ? [file] : blocks;
  return contents.length > 0 && contents.every((each) => !hides(each, typescript)) ? contents : null;
}

/** Whether global declarations beside others may use names that are not exported. */
function hides(block: Block | undefined, typescript: Typescript): boolean {
  if (block === undefined) return true; // `declare module "name";`
  const isList = (each: ts.Statement): boolean =>
    typescript.isExportAssignment(each) || (typescript.isExportDeclaration(each) && !each.moduleSpecifier);
  const isOpen = !typescript.isSourceFile(block) && !block.statements.some(isList);
  return !isOpen && block.statements.some((each) => isGlobal(each, typescript));
}

function isGlobal({ flags }: ts.Statement, typescript: Typescript): boolean {
  return (flags & typescript.NodeFlags.GlobalAugmentation) !== 0;
}

function modulesOf({ symbol, locals }: CompiledFile): ReadonlyMap<unknown, ts.Symbol> {
  return symbol ? new Map([["", symbol]]) : locals!;
}

/** Gives the modules, which type checkers already hold, the exports of the whole file. */
function fill(file: CompiledFile, options: ts.CompilerOptions, typescript: Typescript): void {
  const whole: CompiledFile = parsedLike(file, file.fileName, file.text, typescript);
  typescript.bindSourceFile(whole, options);
  for (const [name, module] of modulesOf(file)) {
    const full = modulesOf(whole).get(name) as ts.Symbol;
    const { exports, declarations = [], valueDeclaration } = full;
    for (const symbol of exports!.values() as Iterable<ts.Symbol & { parent?: ts.Symbol }>)
      if (symbol.parent === full) symbol.parent = module;
    Object.assign(module, { exports }, file.symbol ? {} : { declarations, valueDeclaration });
    for (const declaration of declarations) Object.assign(declaration, { symbol: module });
  }
  const { statements, endOfFileToken, externalModuleIndicator } = whole;
  for (const node of [...statements, endOfFileToken]) Object.assign(node, { parent: file });
  Object.assign(file, { statements, endOfFileToken, externalModuleIndicator });
  if (file.symbol) Object.assign(file, { locals: whole.locals });
}
