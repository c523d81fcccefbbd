/**
 * What tslab's converter gets instead of the compiler's builders: programs without the bookkeeping of incremental
 * builds. The compiler's watch mode would list, for each program, which of a thousand files refers to which, to find the
 * files that a change affects; a cell asks only about its own file and the local files that it imports.
 */
import type * as ts from "typescript";
import { isUsers } from "./lookups.js";

export type Builder = ts.EmitAndSemanticDiagnosticsBuilderProgram;

export interface Binder {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
}

export type Resolution = { readonly resolvedModule?: ts.ResolvedModuleFull | undefined } | undefined;

export interface ResolvingProgram extends ts.Program {
  getResolvedModule(file: ts.SourceFile, name: string, mode: ts.ResolutionMode): Resolution;
  getResolvedModuleFromModuleSpecifier(name: ts.StringLiteralLike, file: ts.SourceFile): Resolution;
}

export interface ImportingFile extends ts.SourceFile {
  imports?: readonly ts.StringLiteralLike[];
}

export function plainProgram(typescript: typeof ts): ts.CreateProgram<Builder> {
  const create = typescript.createAbstractBuilder as unknown as ts.CreateProgram<Builder>;
  return (...parameters) => forCells(create(...parameters), typescript);
}

export function forCells(builder: Builder, typescript: typeof ts): Builder {
  const { bindSourceFile } = typescript as unknown as Binder;
  const program = builder.getProgram() as ResolvingProgram;
  const { getSourceFile, emit } = builder;
  const changes: Partial<Builder> = {
    getAllDependencies: (file) => usersDependencies(program, file),
    getSourceFile(name) {
      const file = getSourceFile(name);
      // A type checker binds all files; before there is one, tslab's converter reads the names of a cell's variables.
      if (file && isUsers(name)) bindSourceFile(file, program.getCompilerOptions());
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
  const files = new Set<ImportingFile>([file]);
  for (const source of files) {
    for (const specifier of source.imports ?? []) {
      const resolved = program.getResolvedModuleFromModuleSpecifier(specifier, source)?.resolvedModule;
      const imported = resolved && program.getSourceFile(resolved.resolvedFileName);
      if (imported && !imported.isDeclarationFile && isUsers(imported.fileName)) files.add(imported);
    }
  }
  return [...files].map(({ fileName }) => fileName);
}

/** The compiler stores `__name` as `___name`, which tslab would export. */
function withPlainNames(file: ts.SourceFile | undefined, typescript: typeof ts): ts.SourceFile | undefined {
  const { locals } = (file ?? {}) as { locals?: Map<ts.__String, ts.Symbol> };
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
 * }`. The compiler attaches such a comment to the bracket and drops it. Members get it back for inspection in the same
 * cell and, through declarations, in later cells.
 */

interface ParsingDocs {
  parseIsolatedJSDocComment(text: string, start: number, length: number): { jsDoc: ts.JSDoc } | undefined;
}

export function attachSameLineDocs(file: ts.SourceFile, typescript: typeof ts): void {
  const visit = (node: ts.Node): void => {
    const member = node as ts.Node & { jsDoc?: ts.JSDoc[] };
    const range = member.jsDoc ? null : sameLineDoc(node, file, typescript);
    if (range) {
      const { parseIsolatedJSDocComment } = typescript as typeof ts & ParsingDocs;
      const parsed = parseIsolatedJSDocComment(file.text, range.pos, range.end - range.pos);
      if (parsed) member.jsDoc = [Object.assign(parsed.jsDoc, { parent: node })];
    }
    typescript.forEachChild(node, visit);
  };
  visit(file);
}

export function keepSameLineDocs(typescript: typeof ts): ts.TransformerFactory<ts.SourceFile | ts.Bundle> {
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

function sameLineDoc(node: ts.Node, file: ts.SourceFile, typescript: typeof ts): ts.CommentRange | null {
  if (!typescript.isClassElement(node) && !typescript.isTypeElement(node) && !typescript.isObjectLiteralElement(node)) {
    return null;
  }
  const ranges = typescript.getTrailingCommentRanges(file.text, node.pos) ?? [];
  const isDoc = ({ pos, end }: ts.CommentRange): boolean => /^\/\*\*[^/]/.test(file.text.slice(pos, end));
  return ranges.filter(isDoc).pop() ?? null;
}
