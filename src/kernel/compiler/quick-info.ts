/**
 * The information about the name at a position. TypeScript offers it only through a language service, which would check
 * the cells a second time in a program of its own; this is the same function for an existing program.
 */
import type * as ts from "typescript";

export interface Internals {
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  getContainerNode(node: ts.Node): ts.Node | undefined;
  isInComment(file: ts.SourceFile, position: number): unknown;
  isTagName(node: ts.Node): boolean;
  isLabelName(node: ts.Node): boolean;
  isImportMeta(node: ts.Node): boolean;
  typeToDisplayParts(checker: ts.TypeChecker, type: ts.Type, around?: ts.Node): ts.SymbolDisplayPart[];
  createTextSpanFromNode(node: ts.Node, file: ts.SourceFile): ts.TextSpan;
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
}

export function quickInfoAt(
  typescript: typeof ts & Internals,
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  position: number,
): ts.QuickInfo | undefined {
  const touched = typescript.getTouchingPropertyName(file, position);
  if (touched === file) return undefined;
  const node = describedNode(typescript, touched);
  const textSpan = typescript.createTextSpanFromNode(node, file);
  const around = typescript.getContainerNode(node);
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol && symbol.name !== "unknown") {
    const { getSymbolDisplayPartsDocumentationAndSymbolKind, getSymbolModifiers } = typescript.SymbolDisplay;
    const { symbolKind, displayParts, documentation, tags } = getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker,
      symbol,
      file,
      around,
      node,
    );
    return {
      kind: symbolKind,
      kindModifiers: getSymbolModifiers(checker, symbol),
      textSpan,
      displayParts,
      documentation,
      tags,
    };
  }
  if (!hasType(typescript, file, node, position)) return undefined;
  const type = checker.getTypeAtLocation(node);
  return {
    kind: "" as ts.ScriptElementKind,
    kindModifiers: "",
    textSpan,
    displayParts: typescript.typeToDisplayParts(checker, type, around),
    documentation: type.symbol?.getDocumentationComment(checker),
    tags: type.symbol?.getJsDocTags(checker),
  };
}

function describedNode(typescript: typeof ts & Internals, node: ts.Node): ts.Node {
  const { parent, pos } = node;
  if (typescript.isNewExpression(parent) && pos === parent.pos) return parent.expression;
  if (typescript.isNamedTupleMember(parent) && pos === parent.pos) return parent;
  if (typescript.isImportMeta(parent) && (parent as ts.MetaProperty).name === node) return parent;
  return node;
}

function hasType(typescript: typeof ts & Internals, file: ts.SourceFile, node: ts.Node, position: number): boolean {
  const { SyntaxKind } = typescript;
  switch (node.kind) {
    case SyntaxKind.Identifier:
      return (
        !typescript.isLabelName(node) && !typescript.isTagName(node) && !typescript.isConstTypeReference(node.parent)
      );
    case SyntaxKind.PropertyAccessExpression:
    case SyntaxKind.QualifiedName:
      return !typescript.isInComment(file, position);
    case SyntaxKind.ThisKeyword:
    case SyntaxKind.ThisType:
    case SyntaxKind.SuperKeyword:
    case SyntaxKind.NamedTupleMember:
      return true;
    default:
      return typescript.isImportMeta(node);
  }
}

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
