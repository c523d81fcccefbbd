/** The text of an inspection (shift-tab) of a name: its type, its doc comment, and the comment's tags. */
import type * as ts from "typescript";

/** The text that a client shows. */
export function quickInfoText({ displayParts = [], documentation = [], tags = [] }: ts.QuickInfo): string {
  const text = (parts: readonly ts.SymbolDisplayPart[]): string => parts.map((part) => part.text).join("");
  // Drop the "import" line of an imported name: it does not help the reader.
  const type = text(displayParts)
    .replace(/^\(alias\) /, "")
    .replace(/\nimport [^\n]*$/, "");
  const tagTexts = tags.map(({ name, text: parts = [] }) => {
    const words = text(parts);
    return `@${name}${words.includes("\n") ? "\n" : " "}${words}`.trimEnd();
  });
  return [type, text(documentation), tagTexts.join("\n")].filter((part) => part !== "").join("\n\n");
}

/** The end of the function or class name whose call brackets surround a position, or null. */
export function calledName(code: string, position: number, typescript: typeof ts): number | null {
  const file = typescript.createSourceFile("cell.ts", code, typescript.ScriptTarget.ES2022, false);
  const behind = code.slice(0, position).trimEnd().length;
  const find = (node: ts.Node): number | null => {
    if (behind <= node.pos || behind > node.end) return null;
    const within = typescript.forEachChild(node, (child) => find(child) ?? undefined);
    if (within !== undefined) return within;
    if (!typescript.isCallExpression(node) && !typescript.isNewExpression(node)) return null;
    const isClosed = code[node.end - 1] === ")" && position >= node.end;
    return behind > node.expression.end && !isClosed ? node.expression.end : null;
  };
  return find(file);
}
