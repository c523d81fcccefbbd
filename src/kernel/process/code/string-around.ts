/** Finds the string literal around a position, whose text a completion replaces. */
import type * as ts from "typescript";

/** The text between the quotes around a position, or null; of an unterminated string, the text before the position. */
export function stringAround(
  code: string,
  position: number,
  typescript: typeof ts,
): { readonly start: number; readonly end: number } | null {
  const file = typescript.createSourceFile("cell.ts", code, typescript.ScriptTarget.ES2022, false);
  const find = (node: ts.Node): { start: number; end: number } | null => {
    if (position <= node.pos || position > node.end) return null;
    if (!typescript.isStringLiteralLike(node)) return typescript.forEachChild(node, find) ?? null;
    const quote = node.getStart(file);
    if (position <= quote) return null;
    const isClosed = node.end > quote + 1 && code[node.end - 1] === code[quote];
    if (isClosed && position === node.end) return null;
    return { start: quote + 1, end: isClosed ? node.end - 1 : position };
  };
  return find(file);
}
