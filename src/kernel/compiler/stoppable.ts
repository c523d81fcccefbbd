/**
 * Changes the `await`s of a cell. `await x` becomes `__tslab__.resume(await x)`, which throws if the cell was
 * interrupted: otherwise a loop that awaits would continue in the background of later cells. Outside functions, the
 * cell also records what it awaits, since the stack of a rejection often does not reach the cell. And `import.meta`,
 * which only modules have, becomes an object of the kernel.
 */
import type * as ts from "typescript";

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
    const visitor =
      (isTop: boolean) =>
      (node: ts.Node): ts.Node => {
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
