/** The language service's information on a name, for an existing program: a service would check cells twice. */
import type * as ts from "typescript";
import type { Typescript } from "./internals.js";

export function quickInfoAt(
  typescript: Typescript,
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
    const { SymbolDisplay } = typescript;
    const { symbolKind: kind, ...parts } = SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker,
      symbol,
      file,
      around,
      node,
    );
    return { kind, kindModifiers: SymbolDisplay.getSymbolModifiers(checker, symbol), textSpan, ...parts };
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

function describedNode(typescript: Typescript, node: ts.Node): ts.Node {
  const { parent, pos } = node;
  if (typescript.isNewExpression(parent) && pos === parent.pos) return parent.expression;
  if (typescript.isNamedTupleMember(parent) && pos === parent.pos) return parent;
  if (typescript.isImportMeta(parent) && (parent as ts.MetaProperty).name === node) return parent;
  return node;
}

function hasType(typescript: Typescript, file: ts.SourceFile, node: ts.Node, position: number): boolean {
  const { SyntaxKind } = typescript;
  const { kind } = node;
  if (kind === SyntaxKind.Identifier)
    return (
      !typescript.isLabelName(node) && !typescript.isTagName(node) && !typescript.isConstTypeReference(node.parent)
    );
  if (kind === SyntaxKind.PropertyAccessExpression || kind === SyntaxKind.QualifiedName)
    return !typescript.isInComment(file, position);
  const typed = [SyntaxKind.ThisKeyword, SyntaxKind.ThisType, SyntaxKind.SuperKeyword, SyntaxKind.NamedTupleMember];
  return typed.includes(kind) || typescript.isImportMeta(node);
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

export const defineName = "define";

export function plainExports(typescript: typeof ts): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  const define = factory.createPropertyAccessExpression(factory.createIdentifier("__tslab__"), defineName);
  const isDefineProperty = (node: ts.Expression): boolean =>
    typescript.isPropertyAccessExpression(node) &&
    node.name.text === "defineProperty" &&
    typescript.isIdentifier(node.expression) &&
    node.expression.text === "Object";
  return (context) => {
    const visit = (node: ts.Node): ts.Node => {
      const visited = typescript.visitEachChild(node, visit, context);
      if (!typescript.isCallExpression(visited) || !isDefineProperty(visited.expression)) return visited;
      return factory.updateCallExpression(visited, define, undefined, visited.arguments);
    };
    return (file) => typescript.visitEachChild(file, visit, context);
  };
}

/** The function: for the object of the notebook's variables it stores values, for others it is the built-in one. */
export function defineIn(variables: object): typeof Object.defineProperty {
  return (target, name, attributes) => {
    if ((target as object) !== variables) return Object.defineProperty(target, name, attributes);
    if (name === "__esModule") return target;
    (target as Record<PropertyKey, unknown>)[name] = attributes.get ? attributes.get() : attributes.value;
    return target;
  };
}

/** `await x` becomes `__tslab__.resume(await x)`, which throws after an interrupt and records what the cell awaits. */
export const resumeName = "resume";
export const awaitingName = "awaiting";
export const metaName = "meta";

export interface Place {
  readonly line: number;
  readonly column: number;
}

export function stoppable(
  typescript: typeof ts,
  locate: (line: number, column: number) => Place | null,
): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  const call = (name: string, values: readonly ts.Expression[]): ts.Expression =>
    factory.createCallExpression(
      factory.createPropertyAccessExpression(factory.createIdentifier("__tslab__"), name),
      undefined,
      values,
    );
  const recorded = (file: ts.SourceFile, { expression }: ts.AwaitExpression, start: number): ts.Expression => {
    const at = file.getLineAndCharacterOfPosition(start);
    const place = locate(at.line + 1, at.character + 1);
    if (place === null) return expression;
    return call(awaitingName, [
      expression,
      factory.createNumericLiteral(place.line),
      factory.createNumericLiteral(place.column),
    ]);
  };
  return (context) => (file) => {
    const visitor = (isTop: boolean) => (node: ts.Node) => {
      const isTopInside = isTop && !typescript.isFunctionLike(node) && !typescript.isClassLike(node);
      const visited = typescript.visitEachChild(node, visitor(isTopInside), context);
      if (typescript.isAwaitExpression(visited)) {
        const expression = isTop ? recorded(file, visited, node.getStart(file)) : visited.expression;
        return call(resumeName, [factory.updateAwaitExpression(visited, expression)]);
      }
      if (typescript.isForOfStatement(visited) && visited.awaitModifier) return checkedLoop(visited);
      if (typescript.isMetaProperty(visited) && visited.keywordToken === typescript.SyntaxKind.ImportKeyword) {
        const here = typescript.factory.createIdentifier("__filename");
        const name = factory.createConditionalExpression(
          factory.createEquality(factory.createTypeOfExpression(here), factory.createStringLiteral("string")),
          undefined,
          here,
          undefined,
          factory.createStringLiteral("cell.ts"),
        );
        return call(metaName, [name]);
      }
      return visited;
    };
    const checkedLoop = ({ awaitModifier, initializer, expression, statement }: ts.ForOfStatement): ts.Node => {
      const body = typescript.isBlock(statement) ? statement.statements : [statement];
      const block = factory.createBlock([factory.createExpressionStatement(call(resumeName, [])), ...body], true);
      return factory.createForOfStatement(awaitModifier, initializer, expression, block);
    };
    return typescript.visitEachChild(file, visitor(true), context);
  };
}
