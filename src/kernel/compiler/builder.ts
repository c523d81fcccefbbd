/**
 * Programs for tslab's converter without the bookkeeping of incremental builds: which of a thousand files a change
 * affects. A cell asks only about its own file and the local files that it imports.
 */
import type * as ts from "typescript";
import { isUsers } from "./lookups.js";

export type Builder = ts.EmitAndSemanticDiagnosticsBuilderProgram;

export type Resolution = { readonly resolvedModule?: ts.ResolvedModuleFull | undefined } | undefined;

export interface ResolvingProgram extends ts.Program {
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

export function plainProgram(typescript: Typescript): ts.CreateProgram<Builder> {
  const create = typescript.createAbstractBuilder as unknown as ts.CreateProgram<Builder>;
  return (...parameters) => forCells(create(...parameters), typescript);
}

export function forCells(builder: Builder, typescript: Typescript): Builder {
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

/**
 * Restores doc comments on the same line as the bracket before them, as in `class A { /** Says hello. *\/ hello() {}
 * }`: the compiler attaches them to the bracket and drops them. Inspection shows them, and later cells' declarations.
 */
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

export function keepSameLineDocs(typescript: Typescript): ts.TransformerFactory<ts.SourceFile | ts.Bundle> {
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
