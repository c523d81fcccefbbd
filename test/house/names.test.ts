/** Names and idioms of the sources. */
import ts from "typescript";
import { expect, it } from "vitest";
import { files, lineOf, syntaxOf } from "./sources.js";

const sources = files.map((file) => ({ file, syntax: syntaxOf(file) }));

/** Participles and adverbs, which do not say what a value is. Add a name once the sources are without it. */
const emptyNames = new Set([
  "told",
  "said",
  "own",
  "there",
  "known",
  "shown",
  "found",
  "wanted",
  "given",
  "seen",
  "kept",
  "drawn",
]);

it("a value is named by a noun, not by a participle", () => {
  expect(places(emptyName)).toEqual([]);
});

/** Write `values[index]!`, or iterate. */
it("no element is cast to a number", () => {
  expect(places(numberCast)).toEqual([]);
});

/** Write `x` in place of `...(x === undefined ? {} : { x })`: an optional property may be `undefined`. */
it("no optional value is spread under its own name", () => {
  expect(places(optionalSpread)).toEqual([]);
});

it("the search for names finds variables, parameters, functions and private fields", () => {
  const bad =
    "const own = 1; const [there] = []; const { a: known } = b; const f = (told = 1) => told; function found() {} class A { #kept = 1; }";
  expect(breaches(parse(bad), emptyName)).toHaveLength(6);
  const good = "const { own } = a; const b = a.there; const c = { told: b, known() {} };";
  expect(breaches(parse(good), emptyName)).toEqual([]);
});

it("the search for casts finds them in parentheses too", () => {
  expect(breaches(parse("a[0] as number; (a.b[i]) as number;"), numberCast)).toHaveLength(2);
  expect(breaches(parse("a[0]!; a.b as number; a[0] as string; a[0] as number[];"), numberCast)).toEqual([]);
});

it("the search for spreads finds every way to write one", () => {
  const bad = "x = [{ ...(a === undefined ? {} : { a }) }, { ...(a ? { a } : {}) }, { ...(a && { a }) }];";
  expect(breaches(parse(bad), optionalSpread)).toHaveLength(3);
  const good = "x = [{ a }, { ...a }, { ...(a ? {} : { b: a }) }, { ...(a ? { b } : {}) }, [...(a ? [a] : [])]];";
  expect(breaches(parse(good), optionalSpread)).toEqual([]);
});

/** The file, line and text of every breach. */
function places(breach: (node: ts.Node) => boolean): string[] {
  return sources.flatMap(({ file, syntax }) =>
    breaches(syntax, breach).map(
      (node) => `src/${file}:${lineOf(syntax, node.getStart(syntax))}: ${node.getText(syntax)}`,
    ),
  );
}

function breaches(syntax: ts.Node, breach: (node: ts.Node) => boolean): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (breach(node)) nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return nodes;
}

/** A name that a declaration chooses: what is destructured under a property's name is not. */
function emptyName(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isPrivateIdentifier(node)) return ts.isPropertyDeclaration(parent) && emptyNames.has(node.text.slice(1));
  if (!ts.isIdentifier(node) || !emptyNames.has(node.text)) return false;
  if (ts.isBindingElement(parent)) {
    return parent.name === node && (parent.propertyName !== undefined || ts.isArrayBindingPattern(parent.parent));
  }
  const declares = ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isFunctionDeclaration(parent);
  return declares && parent.name === node;
}

function numberCast(node: ts.Node): boolean {
  return (
    ts.isAsExpression(node) &&
    node.type.kind === ts.SyntaxKind.NumberKeyword &&
    ts.isElementAccessExpression(bare(node.expression))
  );
}

/** Spreads `{ x }` or nothing, depending on `x`. */
function optionalSpread(node: ts.Node): boolean {
  if (!ts.isSpreadAssignment(node)) return false;
  const value = bare(node.expression);
  if (ts.isConditionalExpression(value)) {
    const [yes, no] = [bare(value.whenTrue), bare(value.whenFalse)];
    return (isEmpty(no) && isOnly(yes, value.condition)) || (isEmpty(yes) && isOnly(no, value.condition));
  }
  return (
    ts.isBinaryExpression(value) &&
    value.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken &&
    isOnly(bare(value.right), value.left)
  );
}

function isEmpty(value: ts.Expression): boolean {
  return ts.isObjectLiteralExpression(value) && value.properties.length === 0;
}

/** Whether an object is `{ x }`, and the condition names `x`. */
function isOnly(value: ts.Expression, condition: ts.Expression): boolean {
  if (!ts.isObjectLiteralExpression(value) || value.properties.length !== 1) return false;
  const [property] = value.properties;
  if (!ts.isShorthandPropertyAssignment(property!)) return false;
  const { text } = property.name;
  return breaches(condition, (node) => ts.isIdentifier(node) && node.text === text).length > 0;
}

function bare(value: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(value) ? bare(value.expression) : value;
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile("sample.ts", text, ts.ScriptTarget.ES2022, true);
}
