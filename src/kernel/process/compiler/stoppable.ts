/**
 * Makes an interrupted cell's code stop at its next `await`: `await x` becomes `__tslab__.resume(await x)`, which then
 * throws. Otherwise a loop that awaits would continue in the background of later cells.
 */
import type * as ts from "typescript";

/** The function's name on `__tslab__`. */
export const resumeName = "resume";

/** The transformation for the JavaScript of cells and of local files. */
export function stoppable(typescript: typeof ts): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  const resume = (values: readonly ts.Expression[]): ts.Expression =>
    factory.createCallExpression(
      factory.createPropertyAccessExpression(factory.createIdentifier("__tslab__"), resumeName),
      undefined,
      values,
    );
  return (context) => {
    const visit = (node: ts.Node): ts.Node => {
      const visited = typescript.visitEachChild(node, visit, context);
      if (typescript.isAwaitExpression(visited)) return resume([visited]);
      if (typescript.isForOfStatement(visited) && visited.awaitModifier) return checkedLoop(visited);
      return visited;
    };
    const checkedLoop = ({ awaitModifier, initializer, expression, statement }: ts.ForOfStatement): ts.Node => {
      const body = typescript.isBlock(statement) ? statement.statements : [statement];
      const block = factory.createBlock([factory.createExpressionStatement(resume([])), ...body], true);
      return factory.createForOfStatement(awaitModifier, initializer, expression, block);
    };
    return (file) => typescript.visitEachChild(file, visit, context);
  };
}
