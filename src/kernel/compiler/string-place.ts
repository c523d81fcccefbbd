import type * as ts from "typescript";

export interface StringPlace {
  /** The text between the quotes; of an unterminated string, the text before the position. */
  readonly start: number;
  readonly end: number;
  readonly quote: string;
  readonly called: string | null;
  readonly argument: number;
  /** The variable with which the chain of calls begins, such as `data` in `data.where(…).sort("…")`, or null. */
  readonly root: string | null;
  readonly properties: readonly string[];
}

export function stringPlace(code: string, position: number, typescript: typeof ts): StringPlace | null {
  const file = typescript.createSourceFile("cell.ts", code, typescript.ScriptTarget.ES2022, true);
  const find = (node: ts.Node): ts.StringLiteralLike | null => {
    if (position <= node.pos || position > node.end) return null;
    if (!typescript.isStringLiteralLike(node)) return typescript.forEachChild(node, find) ?? null;
    const quote = node.getStart(file);
    if (position <= quote || (position === node.end && isClosed(node, code, quote))) return null;
    return node;
  };
  const literal = find(file);
  if (literal === null) return null;
  const quote = literal.getStart(file);
  const end = isClosed(literal, code, quote) ? literal.end - 1 : position;
  return { start: quote + 1, end, quote: code[quote]!, ...purpose(literal, typescript) };
}

function isClosed(node: ts.Node, code: string, quote: number): boolean {
  return node.end > quote + 1 && code[node.end - 1] === code[quote];
}

type Purpose = Pick<StringPlace, "called" | "argument" | "root" | "properties">;

function purpose(literal: ts.Node, typescript: typeof ts): Purpose {
  const properties: string[] = [];
  let child = literal;
  for (let node = literal.parent; node; child = node, node = node.parent) {
    if (typescript.isCallExpression(node)) {
      const argument = node.arguments.indexOf(child as ts.Expression);
      if (argument < 0) break;
      return { called: calledName(node, typescript), argument, root: rootName(node, typescript), properties };
    }
    if (typescript.isPropertyAssignment(node)) properties.push(node.name.getText().replace(/^["']|["']$/g, ""));
    else if (typescript.isFunctionLike(node) || typescript.isStatement(node)) break;
  }
  return { called: null, argument: -1, root: null, properties };
}

function calledName({ expression }: ts.CallExpression, typescript: typeof ts): string | null {
  if (typescript.isIdentifier(expression)) return expression.text;
  return typescript.isPropertyAccessExpression(expression) ? expression.name.text : null;
}

function rootName(call: ts.Expression, typescript: typeof ts): string | null {
  let node = call;
  while (
    typescript.isCallExpression(node) ||
    typescript.isPropertyAccessExpression(node) ||
    typescript.isAwaitExpression(node) ||
    typescript.isParenthesizedExpression(node)
  ) {
    node = node.expression;
  }
  return typescript.isIdentifier(node) && node.parent !== call ? node.text : null;
}
