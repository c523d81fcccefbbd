/** Names and idioms of the sources. What still breaks a rule is counted by room. */
import ts from "typescript";
import { expect, it } from "vitest";
import { files, lineOf, roomOf, syntaxOf } from "./sources.js";

const sources = files.map((file) => ({ file, syntax: syntaxOf(file) }));

/** Numbers by room. */
type Counts = Readonly<Record<string, number>>;

/** Participles and adverbs, which do not say what a value is. Add a name once most rooms are without it. */
const emptyNames = new Set([
  ...["told", "said", "own", "there", "known"],
  ...["shown", "found", "wanted", "given", "seen", "kept", "drawn"],
]);

/** Values with such a name, by room. Fix one and lower its room's number; never raise a number. */
const emptyNamesLeft: Counts = {
  data: 137,
};

/** Casts `values[index] as number`, by room. Write `values[index]!`, or iterate. */
const castsLeft: Counts = {};

/** Spreads `...(x === undefined ? {} : { x })`, by room. Write `x`: an optional property may be `undefined`. */
const spreadsLeft: Counts = {
  config: 1,
  data: 2,
  serve: 1,
  train: 3,
};

it("a value is named by a noun, not by a participle", () => {
  expect(changes(emptyName, emptyNamesLeft)).toEqual([]);
});

it("no element is cast to a number", () => {
  expect(changes(numberCast, castsLeft)).toEqual([]);
});

it("no optional value is spread under its own name", () => {
  expect(changes(optionalSpread, spreadsLeft)).toEqual([]);
});

it("the search for names finds variables, parameters and private functions", () => {
  const bad =
    "const own = 1; const [there] = []; const { a: known } = b; const f = (told = 1) => told; function found() {}";
  expect(breaches(parse(bad), emptyName)).toHaveLength(5);
  const good = "const { own } = a; export function found() {} const b = a.there; const c = { told: b, known() {} };";
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

/** Rooms whose number of breaches is not the listed one: more, with their places, or fewer. */
function changes(breach: (node: ts.Node) => boolean, left: Counts): string[] {
  const places = new Map<string, string[]>(Object.keys(left).map((room) => [room, []]));
  for (const { file, syntax } of sources) {
    const room = roomOf(file);
    for (const node of breaches(syntax, breach)) {
      const place = `src/${file}:${lineOf(syntax, node.getStart(syntax))}: ${node.getText(syntax)}`;
      places.set(room, [...(places.get(room) ?? []), place]);
    }
  }
  return [...places].flatMap(([room, lines]) => {
    const allowed = left[room] ?? 0;
    if (lines.length === allowed) return [];
    if (lines.length < allowed) return [`${room}: ${lines.length} left; lower its number from ${allowed}`];
    return [`${room}: ${lines.length} in all, ${allowed} allowed`, ...lines];
  });
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
  if (!ts.isIdentifier(node) || !emptyNames.has(node.text)) return false;
  const { parent } = node;
  if (ts.isBindingElement(parent)) {
    return parent.name === node && (parent.propertyName !== undefined || ts.isArrayBindingPattern(parent.parent));
  }
  if (ts.isFunctionDeclaration(parent)) {
    return !parent.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  }
  return (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) && parent.name === node;
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
