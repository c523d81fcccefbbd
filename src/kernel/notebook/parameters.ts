/** Injects parameters: a cell after the one tagged `parameters`, which has the defaults, overrides them. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import type * as ts from "typescript";
import { NotebookError, type Problem } from "../../core/errors/index.js";
import { attempt } from "../../core/util/attempt.js";
import { jsonLine, shellWord } from "../../core/util/code-text.js";
import { isObject, type Json } from "../../core/util/json.js";
import { didYouMean } from "../../core/util/names.js";
import { readNotebook, refuseOtherLanguage } from "./files.js";
import { hasTag, joinLines, type Notebook, type NotebookCell, splitLines } from "./format.js";

export type Parameters = Readonly<Record<string, Json>>;

/** Throws a NotebookError for an undeclared or repeated name or a wrong kind. @param folder of relative paths */
export async function readParameters(
  notebookPath: string,
  pairs: readonly (readonly [name: string, text: string])[],
  folder: string = process.cwd(),
): Promise<Parameters> {
  if (pairs.length === 0) return {};
  const file = path.resolve(notebookPath);
  const notebook = await readNotebook(file);
  refuseOtherLanguage(notebook, file);
  const names = pairs.map(([name]) => name);
  const repeated = names.find((name, at) => names.indexOf(name) < at);
  if (repeated !== undefined) {
    throw new NotebookError({
      path: `-p ${repeated}`,
      message: "a notebook runs with one value of each parameter",
      received: "more than one",
      fix: "run it once per value; to compare settings of a model over seeds, use `pepnet ablate`",
    });
  }
  const declared = notebookParameters(notebook, names, file);
  const values = pairs.map(([name, text]) => {
    return [name, parseValue(text, declared.find((each) => each.name === name)?.kind ?? any, folder)] as const;
  });
  const parameters = Object.fromEntries(values);
  withParameters(notebook, parameters, file);
  return parameters;
}

/** Replaces the injected cell. Throws a NotebookError for undeclared names and for values of the wrong kind. */
export function withParameters(notebook: Notebook, parameters: Parameters, file: string): NotebookCell[] {
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  if (Object.keys(parameters).length === 0) return cells;
  const cell = injectedCell(notebook, parameters, file);
  const at = cells.findIndex((each) => hasTag(each, "parameters"));
  return [...cells.slice(0, at + 1), cell, ...cells.slice(at + 1)];
}

export function injectedCell(notebook: Notebook, parameters: Parameters, file: string): NotebookCell {
  const declared = notebookParameters(notebook, Object.keys(parameters), file);
  const problems = Object.entries(parameters).flatMap(([name, value]) =>
    parameterProblems(name, value, declared, file),
  );
  if (problems.length > 0) throw new NotebookError(problems);
  const lines = Object.entries(parameters).map(([name, value]) => {
    // A written type is repeated, since later cells were checked against it.
    const type = declared.find((each) => each.name === name)?.type ?? null;
    // A value as code. A `__proto__` key is written as JSON, because a literal would set the prototype.
    const json = jsonLine(value);
    return `let ${name}${type === null ? "" : `: ${type}`} = ${json.includes("__proto__") ? `JSON.parse(${jsonLine(json)})` : json};`;
  });
  return {
    cell_type: "code",
    id: randomUUID().slice(0, 8),
    metadata: { tags: ["injected-parameters"] },
    source: splitLines(["// Parameters", ...lines].join("\n")),
    outputs: [],
    execution_count: null,
  };
}

function notebookParameters(notebook: Notebook, names: readonly string[], file: string): DeclaredParameter[] {
  let declared: DeclaredParameter[] | null;
  try {
    declared = declaredParameters(notebook);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause; // deeply nested code overflows the stack of TypeScript's parser
    throw new NotebookError({
      path: `${file}: the cell tagged \`parameters\``,
      message: "the code is nested too deeply",
      expected: "variables with plain values",
      fix: "use a plain default for each parameter, such as let gamma = 1;",
      cause,
    });
  }
  if (declared !== null) return declared;
  throw new NotebookError({
    path: file,
    message: "the notebook has no parameters",
    received: names.join(", "),
    expected: "a cell tagged `parameters` with their defaults",
    fix: "add the tag to the cell that declares them (JupyterLab: property inspector, Cell tags)",
  });
}

function unknownParameter(name: string, declared: readonly DeclaredParameter[], file: string): Problem {
  const names = declared.map((each) => each.name);
  return {
    path: file,
    message: `the notebook has no parameter "${name}"`,
    expected: names.length === 0 ? "none: its parameters cell declares no variable" : `one of ${names.join(", ")}`,
    fix: didYouMean(name, names) ?? "declare it, with a default, in the cell tagged `parameters`",
  };
}

function parameterProblems(name: string, value: Json, declared: readonly DeclaredParameter[], file: string): Problem[] {
  const parameter = declared.find((each) => each.name === name);
  if (!parameter) return [unknownParameter(name, declared, file)];
  if (accepts(parameter.kind, value)) return [];
  return [
    {
      path: `${file}: parameter "${name}"`,
      message: "the value does not match the declared type",
      received: JSON.stringify(value),
      expected: describeKind(parameter.kind),
      ...(parameter.kind.is === "list" ? { fix: `as JSON, such as ${shellWord(`[${JSON.stringify(value)}]`)}` } : {}),
    },
  ];
}

/** A kind of value. `any` if the declaration does not restrict it, such as `let folder = process.env.DATA`. */
export type Kind =
  | { readonly is: PlainKind }
  | { readonly is: "value"; readonly value: Json }
  | { readonly is: "list"; readonly of: Kind }
  | { readonly is: "union"; readonly of: readonly Kind[] };

type PlainKind = "number" | "text" | "boolean" | "object" | "any";

/** The names of kinds without parts, and what they accept. */
const plainKinds: Readonly<Record<PlainKind, { readonly name: string; accepts(value: Json): boolean }>> = {
  any: { name: "anything", accepts: () => true },
  number: { name: "a number", accepts: (value) => typeof value === "number" },
  text: { name: "text", accepts: (value) => typeof value === "string" },
  boolean: { name: "true or false", accepts: (value) => typeof value === "boolean" },
  object: { name: "an object", accepts: isObject },
};

function accepts(kind: Kind, value: Json): boolean {
  if (kind.is === "value") return value === kind.value;
  if (kind.is === "list") return Array.isArray(value) && value.every((item: Json) => accepts(kind.of, item));
  return kind.is === "union" ? kind.of.some((one) => accepts(one, value)) : plainKinds[kind.is].accepts(value);
}

export function describeKind(kind: Kind): string {
  if (kind.is === "value") return JSON.stringify(kind.value);
  if (kind.is === "union") return kind.of.map(describeKind).join(" or ");
  if (kind.is !== "list") return plainKinds[kind.is].name;
  return kind.of.is === "any" ? "a list" : `a list, each ${describeKind(kind.of)}`;
}

/** Whether text may be a value of the kind, so that a command line's words need no quotes. */
function takesText(kind: Kind): boolean {
  if (kind.is === "union") return kind.of.some(takesText);
  return kind.is === "text" || kind.is === "any" || (kind.is === "value" && typeof kind.value === "string");
}

export interface DeclaredParameter {
  readonly name: string;
  readonly kind: Kind;
  /** Its written type; null if inferred from the default. */
  readonly type: string | null;
}

/** Returns parameters in the order of the cell; null if no cell has the tag. Loads the TypeScript compiler. */
export function declaredParameters(notebook: Pick<Notebook, "cells">): DeclaredParameter[] | null {
  const cell = notebook.cells.find((each) => hasTag(each, "parameters"));
  if (!cell) return null;
  const typescript = require("typescript") as typeof ts;
  const text = joinLines(cell.source);
  const source = typescript.createSourceFile("parameters.ts", text, typescript.ScriptTarget.ES2022, true);
  const reader = kindReader(typescript, source);
  return source.statements
    .filter(typescript.isVariableStatement)
    .flatMap((statement) => statement.declarationList.declarations)
    .flatMap(({ name, type, initializer }): DeclaredParameter[] => {
      if (!typescript.isIdentifier(name)) {
        return boundNames(name, typescript).map((each) => ({ name: each, kind: any, type: null }));
      }
      const kind = type ? reader.ofType(type) : initializer ? reader.ofValue(initializer) : any;
      return [{ name: name.text, kind, type: type ? type.getText(source) : null }];
    });
}

const any: Kind = { is: "any" };

function boundNames(pattern: ts.BindingPattern, typescript: typeof ts): string[] {
  return pattern.elements.flatMap((element) => {
    if (!("name" in element)) return [];
    return typescript.isIdentifier(element.name) ? [element.name.text] : boundNames(element.name, typescript);
  });
}

function kindsBySyntax({ SyntaxKind }: typeof ts): ReadonlyMap<ts.SyntaxKind, Kind> {
  const list = (is: "number" | "text" | "boolean" | "object", ...kinds: ts.SyntaxKind[]) =>
    kinds.map((kind): [ts.SyntaxKind, Kind] => [kind, { is }]);
  const { StringLiteral, NoSubstitutionTemplateLiteral, TemplateExpression } = SyntaxKind;
  return new Map([
    ...list("number", SyntaxKind.NumberKeyword, SyntaxKind.NumericLiteral),
    ...list("text", SyntaxKind.StringKeyword, StringLiteral, NoSubstitutionTemplateLiteral, TemplateExpression),
    ...list("boolean", SyntaxKind.BooleanKeyword, SyntaxKind.TrueKeyword, SyntaxKind.FalseKeyword),
    ...list("object", SyntaxKind.TypeLiteral, SyntaxKind.ObjectLiteralExpression),
  ]);
}

/** Reads kinds without a type checker: a parameters cell has only literals and plain types. */
function kindReader(typescript: typeof ts, source: ts.SourceFile) {
  const byKind = kindsBySyntax(typescript);

  function ofType(type: ts.TypeNode): Kind {
    if (typescript.isParenthesizedTypeNode(type)) return ofType(type.type);
    if (typescript.isUnionTypeNode(type)) return { is: "union", of: type.types.map(ofType) };
    if (typescript.isArrayTypeNode(type)) return { is: "list", of: ofType(type.elementType) };
    if (typescript.isTypeOperatorNode(type)) return ofType(type.type); // readonly
    if (typescript.isLiteralTypeNode(type)) return ofLiteral(type.literal);
    if (typescript.isTypeReferenceNode(type) && /^(Readonly)?Array$/.test(type.typeName.getText(source))) {
      const [item] = type.typeArguments ?? [];
      return { is: "list", of: item ? ofType(item) : any };
    }
    return byKind.get(type.kind) ?? any;
  }

  /** `"mean"` as a type allows only that value; as a default it is text. */
  function ofLiteral(literal: ts.Expression): Kind {
    const text = literal.getText(source);
    if (typescript.isStringLiteralLike(literal)) return { is: "value", value: literal.text };
    const kind = ofValue(literal);
    if (kind.is === "number") return { is: "value", value: Number(text) };
    return text === "null" || text === "true" || text === "false" ? { is: "value", value: JSON.parse(text) } : kind;
  }

  function ofValue(value: ts.Expression): Kind {
    if (typescript.isParenthesizedExpression(value) || typescript.isSatisfiesExpression(value)) {
      return ofValue(value.expression);
    }
    if (typescript.isAsExpression(value)) {
      return value.type.getText(source) === "const" ? ofValue(value.expression) : ofType(value.type);
    }
    if (typescript.isPrefixUnaryExpression(value)) {
      return value.operator === typescript.SyntaxKind.ExclamationToken ? { is: "boolean" } : ofValue(value.operand);
    }
    return typescript.isArrayLiteralExpression(value) ? ofList(value) : (byKind.get(value.kind) ?? any);
  }

  function ofList({ elements }: ts.ArrayLiteralExpression): Kind {
    const kinds = elements.map(ofValue);
    const [first] = kinds;
    const same = first !== undefined && kinds.every((kind) => JSON.stringify(kind) === JSON.stringify(first));
    return { is: "list", of: same ? first : any };
  }

  return { ofType, ofValue };
}

/** Text if it is declared as text, else JSON or text. @param folder of relative paths: the kernel runs elsewhere */
export function parseValue(text: string, kind: Kind, folder: string): Json {
  const parsed = attempt(() => JSON.parse(text) as Json, undefined);
  const isValue = parsed !== undefined && (typeof parsed !== "number" || Number.isFinite(parsed)); // 1e400
  if (isValue && (accepts(kind, parsed) || !takesText(kind))) return parsed;
  const isPath = text !== "" && (/^\.{1,2}([\\/]|$)/.test(text) || existsSync(path.resolve(folder, text)));
  return isPath ? path.resolve(folder, text) : text;
}
