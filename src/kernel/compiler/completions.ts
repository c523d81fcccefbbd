/** Completions of a cell, in strings also of columns and paths, which come from the live variables. */

import { readdirSync } from "node:fs";
import path from "node:path";
import type { CompletionInfo } from "tslab/dist/converter";
import type * as ts from "typescript";
import { attempt } from "../../core/util/attempt.js";
import { timeParts } from "../../core/util/epoch.js";

export interface Candidate {
  readonly text: string;
  /** For its icon: `function`, `class`, `variable`, `property`, `column`, `file`, … */
  readonly kind: string;
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly Candidate[];
}

export interface Surroundings {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly typescript: typeof ts;
  readonly compiled: CompletionInfo;
}

const pathFunctions = new Set(["dataset", "loadRun", "loadModel", "toParquet"]);
const columnFunctions = new Set([
  "idFeature",
  "rawFeature",
  "comboFeature",
  "missingFeature",
  "dateFeature",
  "ageFeature",
  "sequenceFeature",
  "label",
  "labels",
  "from",
]);
const firstColumnFunctions = new Set(["domains"]);
const columnProperties = new Set([
  "by",
  "label",
  "labels",
  "domain",
  "domains",
  "user",
  "item",
  "time",
  "at",
  "of",
  "on",
  "column",
  "columns",
]);
/** The possible results of a group's rows in `summarise`. */
const aggregates = ["count(*)", "avg(", "sum(", "min(", "max(", "median(", "count(distinct "];
const sqlFunctions = new Set(["sql", "where", "derive", "summarise"]);
const groupFunctions = new Set(["groupBy", "valueCounts", "pivot"]);

export function completions(code: string, position: number, around: Surroundings): Completions {
  const place = stringPlace(code, position, around.typescript);
  const { start, end, candidates } = around.compiled;
  const part = place === null ? null : modulePart(code.slice(place.start, position), around.compiled);
  const span =
    place && part !== null ? { ...place, start: place.start + part } : place && start === end ? place : { start, end };
  // A type parameter is inferred from the typed text itself; private members complete nothing.
  const isInferred = place !== null && candidates.length === 1 && candidates[0] === code.slice(place.start, place.end);
  const names = isInferred ? [] : candidates.filter((name) => name !== "" && !name.startsWith("#"));
  const live = names.length === 0 && place && inString(code, position, place, around.variables);
  if (live) return live;
  const first = place === null ? inLiteral(code.slice(0, position), around.variables) : [];
  // tslab also offers names that contain the typed letters; they are useful only if no name starts with them.
  const typed = code.slice(span.start, position);
  const begins = [...new Set([...beginning(first, typed), ...beginning(names, typed)])];
  const kinds = new Map(around.compiled.original?.entries.map(({ name, kind }) => [name, kind]));
  return {
    start: span.start,
    end: span.end,
    candidates: (begins.length > 0 ? begins : names).map((text) => ({
      text,
      kind: kindName(kinds.get(text), text, around.variables),
    })),
  };
}

const moduleKinds = new Set(["script", "directory", "external module name"]);

/** Where names of modules and files begin in a typed path: most after its last `/`; `null`: other names. */
function modulePart(typed: string, { candidates, original }: CompletionInfo): number | null {
  const entries = original?.entries ?? [];
  if (entries.length === 0 || !entries.every(({ kind }) => moduleKinds.has(kind))) return null;
  return candidates.some((name) => name.startsWith(typed)) ? 0 : /[^/]*$/.exec(typed)!.index;
}

const interventions = ["swapDomain", "freezeGate", "moduleOff", "everyDomain"];

/** What comes first in a literal: columns as names in `data.where({ … })`, calls in `{ changes: [ … ] }`. */
function inLiteral(before: string, variables: Surroundings["variables"]): readonly string[] {
  const [, root = null] = /([\w$]+)(?:\.\w+\([^()]*\))*\.where\(\{(?:[^{}]*,)?\s*[\w$]*$/.exec(before) ?? [];
  if (!isLiveData(variables, root)) return /\bchanges:\s*\[(?:[^\]]*,)?\s*[\w$]*$/.test(before) ? interventions : [];
  return liveColumns(variables, before, root).map((name) => (isName(name) ? name : JSON.stringify(name)));
}

function isName(column: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(column);
}

function inString(code: string, position: number, place: StringPlace, variables: Surroundings["variables"]) {
  const { called, root, start, end } = place;
  const typed = code.slice(start, position);
  if (called === null) return null;
  if (pathFunctions.has(called) && place.argument === 0 && place.properties.length === 0)
    return { start, end, candidates: pathCandidates(typed) };
  const isData = isLiveData(variables, root) || root === "dataset";
  const columns = liveColumns(variables, code, root);
  if (isData && (sqlFunctions.has(called) || isCell(place))) return inSql(code, position, place, columns);
  if (!isData && !isColumn(place, called)) return null;
  const parts = isData && groupFunctions.has(called) ? timeParts : []; // in groups, they need no column
  return { start, end, candidates: asColumns(beginning([...new Set([...columns, ...parts])], typed)) };
}

/** Whether it is the expression that a pivot computes for each cell. */
function isCell({ called, argument }: StringPlace): boolean {
  return called === "pivot" && argument === 2;
}

function isColumn({ argument, properties }: StringPlace, called: string): boolean {
  if (properties.length > 0) return called === "plot" || columnProperties.has(properties[0]!);
  return columnFunctions.has(called) || (firstColumnFunctions.has(called) && argument === 0);
}

function inSql(code: string, position: number, place: StringPlace, names: readonly string[]): Completions {
  const [word = ""] = /[\p{L}_][\p{L}\p{N}_]*$/u.exec(code.slice(place.start, position)) ?? [];
  const mark = place.quote === '"' ? '\\"' : '"';
  const quoted = beginning(names, word).map((name) => (isName(name) ? name : `${mark}${name}${mark}`));
  const computed = place.called === "summarise" || isCell(place) ? beginning(aggregates, word) : [];
  const candidates = [...computed.map((text) => ({ text, kind: "function" })), ...asColumns(quoted)];
  return { start: position - word.length, end: position, candidates };
}

function beginning(names: readonly string[], typed: string): string[] {
  return names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
}

function asColumns(names: readonly string[]): Candidate[] {
  return names.map((text) => ({ text, kind: "column" }));
}

const kindNames: Readonly<Record<string, string>> = {
  const: "variable",
  let: "variable",
  var: "variable",
  "local var": "variable",
  parameter: "variable",
  getter: "property",
  setter: "property",
  "local function": "function",
  "": "text",
};

function kindName(kind: string | undefined, name: string, variables: Surroundings["variables"]): string {
  const value = variables[name];
  if (kind === "alias") return isClass(value) ? "class" : typeof value === "function" ? "function" : "variable";
  return kindNames[kind ?? ""] ?? kind ?? "text";
}

export function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

function columnNames(value: unknown): readonly string[] | null {
  if (typeof value !== "object" || value === null) return null;
  const { columns, table } = value as { columns?: unknown; table?: { columns?: unknown } | null };
  const list = Array.isArray(columns) ? columns : table?.columns;
  if (!Array.isArray(list)) return null;
  const names = list.map((column: unknown) => (column as { name?: unknown } | null)?.name ?? column);
  return names.length > 0 && names.every((name) => typeof name === "string") ? (names as string[]) : null;
}

/** Columns of the variable `root`, else of data sets that the code mentions, else of all, newest first. */
function liveColumns(variables: Readonly<Record<string, unknown>>, code: string, root: string | null) {
  const rootColumns = root === null ? null : columnNames(read(variables, root));
  if (rootColumns) return rootColumns;
  const all = Object.keys(variables)
    .reverse()
    .flatMap((name) => {
      const names = columnNames(read(variables, name));
      return names ? [{ name, names }] : [];
    });
  const words = new Set(code.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
  const mentioned = all.filter(({ name }) => words.has(name));
  return [...new Set((mentioned.length > 0 ? mentioned : all).flatMap(({ names }) => names))];
}

function isLiveData(variables: Readonly<Record<string, unknown>>, name: string | null): boolean {
  return name !== null && columnNames(read(variables, name)) !== null;
}

function read(variables: Readonly<Record<string, unknown>>, name: string): unknown {
  return attempt(() => variables[name], undefined);
}

const mostNames = 500;

/** The entries of a folder that continue a typed path; folders end in `/`. Hidden files only if a dot was typed. */
function pathCandidates(typed: string): readonly { readonly text: string; readonly kind: "folder" | "file" }[] {
  const { folder, begin } = cutTyped(typed);
  try {
    return readdirSync(path.resolve(folder.replaceAll("\\\\", "\\")), { withFileTypes: true })
      .filter(({ name }) => name.startsWith(begin) && (begin !== "" || !name.startsWith(".")))
      .slice(0, mostNames)
      .map((entry) => {
        const isFolder = entry.isDirectory();
        return { text: `${folder}${entry.name}${isFolder ? "/" : ""}`, kind: isFolder ? "folder" : "file" };
      });
  } catch {
    return []; // no such folder
  }
}

/** Cuts typed text after its last folder; on Windows `\\` ends one too. @param paths of another system, in tests */
export function cutTyped(
  typed: string,
  paths: path.PlatformPath = path,
): { readonly folder: string; readonly begin: string } {
  const [folder = ""] = (paths.sep === "/" ? /^.*\//s : /^.*(?:\/|\\\\)/s).exec(typed) ?? [];
  return { folder, begin: typed.slice(folder.length) };
}

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

function stringPlace(code: string, position: number, typescript: typeof ts): StringPlace | null {
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
      const [data = node] = argument === 0 ? [] : node.arguments; // `plot(data, { x: "…" })`
      const root = rootName(node, typescript) ?? rootName(data, typescript);
      return { called: calledName(node, typescript), argument, root, properties };
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
