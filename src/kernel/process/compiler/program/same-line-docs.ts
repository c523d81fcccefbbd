/**
 * Restores doc comments on the same line as the bracket before them, as in `class A { /** Says hello. *\/ hello() {}
 * }`. The compiler attaches such a comment to the bracket and drops it. Members get it back for inspection in the same
 * cell and, through declarations, in later cells.
 */
import type * as ts from "typescript";

interface ParsingDocs {
  parseIsolatedJSDocComment(text: string, start: number, length: number): { jsDoc: ts.JSDoc } | undefined;
}

/** Adds the comments that the parser missed to the members of a parsed file. */
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

/** Writes those comments into declarations, each on a separate line. */
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
