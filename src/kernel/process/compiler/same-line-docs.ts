/**
 * Doc comments that stand on the line of the bracket before them, as in `class A { /** Says hello. *\/ hello() {} }`.
 * The compiler takes such a comment for the bracket's and forgets it; here members get theirs back, for inspection in
 * the same cell and, in the declarations handed on, in later ones.
 */
import type * as ts from "@tslab/typescript-for-tslab";

interface ParsingDocs {
  parseIsolatedJSDocComment(text: string, start: number, length: number): { jsDoc: ts.JSDoc } | undefined;
}

/** Gives the members of a parsed file the comments that the parser missed. */
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

/** Writes those comments into declarations, each on a line of its own. */
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
