/** The last expression of a cell with `using`, which the compiler puts into a `try` block, where no value is looked for. */
import type * as ts from "typescript";

/** The variable of a last expression in such a block. */
export const lastInBlock = "tsLastUsed";

/** Stores the last expression of the block that ends with disposing, if the cell ends with it. */
export function storeLastOfUsing(typescript: typeof ts): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  const stored = (block: ts.Block): ts.Block => {
    const last = block.statements.at(-1);
    if (last === undefined || !typescript.isExpressionStatement(last) || isAssignment(last.expression)) return block;
    const variable = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), lastInBlock);
    const value = factory.createExpressionStatement(factory.createAssignment(variable, last.expression));
    return factory.updateBlock(block, [...block.statements.slice(0, -1), value]);
  };
  /** The compiler turns a declaration of the cell into such an assignment, which has no value to show. */
  const isAssignment = (node: ts.Expression): boolean => {
    if (typescript.isParenthesizedExpression(node)) return isAssignment(node.expression);
    if (!typescript.isBinaryExpression(node)) return false;
    const isEquals = node.operatorToken.kind === typescript.SyntaxKind.EqualsToken;
    return isEquals && !typescript.isPropertyAccessExpression(node.left);
  };
  return () => (file) => {
    const last = file.statements.filter((statement) => !typescript.isExportDeclaration(statement)).at(-1);
    if (last === undefined || !typescript.isTryStatement(last)) return file;
    if (!last.finallyBlock?.getText(file).includes("__disposeResources(")) return file;
    const { tryBlock, catchClause, finallyBlock } = last;
    const stores = factory.updateTryStatement(last, stored(tryBlock), catchClause, finallyBlock);
    return factory.updateSourceFile(
      file,
      file.statements.map((statement) => (statement === last ? stores : statement)),
    );
  };
}
