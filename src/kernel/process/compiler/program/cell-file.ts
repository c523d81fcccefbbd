/** The file of a cell, or of the declarations before it, that a program of the compiler does not contain. */
import type * as ts from "typescript";

/** A parsed file. */
export interface CellFile {
  readonly file: ts.SourceFile;
  /**
   * Does work during which the file has a name of its own: the type checker collects problems by files' names, and would
   * return those of earlier cells.
   */
  underItsName<T>(work: () => T): T;
}

/** Fields that the compiler does not declare. */
interface Parsed extends ts.SourceFile {
  readonly path: string;
  readonly setExternalModuleIndicator?: (file: ts.SourceFile) => void;
  readonly jsDocParsingMode?: ts.JSDocParsingMode;
  readonly pragmas: ReadonlyMap<string, unknown>;
}

interface Importing {
  forEachDynamicImportOrRequireCall(
    file: ts.SourceFile,
    hasTypes: boolean,
    hasLiteral: boolean,
    visit: (node: ts.Node, name: ts.StringLiteralLike) => void,
  ): void;
  isAnyImportOrReExport(node: ts.Node): boolean;
  getExternalModuleName(node: ts.Node): ts.Expression | undefined;
}

/** Parses a text as another file of the same name was parsed. */
export function parsedLike(like: ts.SourceFile, text: string, number: number, typescript: typeof ts): CellFile {
  const { fileName, languageVersion, impliedNodeFormat, setExternalModuleIndicator, jsDocParsingMode, path } =
    like as Parsed;
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

/**
 * The names of the modules that a bound file imports, or null if it does more than import them: if it refers to other
 * files in comments, or adds to other modules or to global names.
 */
export function importedNames(file: ts.SourceFile, typescript: typeof ts): ts.StringLiteralLike[] | null {
  const { isAnyImportOrReExport, getExternalModuleName, forEachDynamicImportOrRequireCall } =
    typescript as unknown as Importing;
  const references = [file.referencedFiles, file.typeReferenceDirectives, file.libReferenceDirectives];
  if (references.some(({ length }) => length > 0) || (file as Parsed).pragmas.has("jsximportsource")) return null;
  const names: ts.StringLiteralLike[] = [];
  for (const statement of file.statements) {
    if (typescript.isNamespaceExportDeclaration(statement)) return null;
    if (typescript.isModuleDeclaration(statement) && isAugmentation(statement, typescript)) return null;
    const name = isAnyImportOrReExport(statement) ? getExternalModuleName(statement) : undefined;
    if (name && typescript.isStringLiteral(name) && name.text !== "") names.push(name);
  }
  if (/\bimport\b|\brequire\b/.test(file.text))
    forEachDynamicImportOrRequireCall(file, true, true, (_node, name) => names.push(name));
  return names;
}

function isAugmentation({ name, flags }: ts.ModuleDeclaration, typescript: typeof ts): boolean {
  return typescript.isStringLiteral(name) || (flags & typescript.NodeFlags.GlobalAugmentation) !== 0;
}
