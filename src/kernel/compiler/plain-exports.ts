/**
 * Makes the JavaScript of cells define names through the kernel: `Object.defineProperty(exports, …)` becomes
 * `__tslab__.define(exports, …)`. The compiler defines an imported name by a getter that cannot be replaced; the kernel
 * stores its value, so that a later cell may assign or redeclare the name.
 */
import type * as ts from "typescript";

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
