/**
 * Completions of a cell: the compiler's, and in strings what the kernel knows from the live variables: columns of the
 * data set at hand, also in SQL, and paths of files.
 */
import type { CompletionInfo } from "tslab/dist/converter";
import type * as ts from "typescript";
import { isLiveData, liveColumns } from "./live-columns.js";
import { pathCandidates } from "./paths.js";
import { type StringPlace, stringPlace } from "./string-place.js";

/** A text that may be inserted. */
export interface Candidate {
  readonly text: string;
  /** For its icon: `function`, `class`, `variable`, `property`, `column`, `file`, … */
  readonly kind: string;
}

/** Candidates for the code between two positions. */
export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly Candidate[];
}

/** What a cell can refer to. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly typescript: typeof ts;
  /** The compiler's completions. */
  readonly compiled: CompletionInfo;
}

const pathFunctions = new Set(["dataset", "loadRun", "loadModel", "toParquet"]);
const columnFunctions = new Set([
  ...["idFeature", "rawFeature", "comboFeature", "missingFeature", "dateFeature", "ageFeature", "sequenceFeature"],
  ...["label", "labels", "from"],
]);
/** Functions whose first argument is a column. */
const firstColumnFunctions = new Set(["domains"]);
const columnProperties = new Set([
  ...["by", "label", "labels", "domain", "domains", "user", "item", "time", "at", "of", "on", "column", "columns"],
]);
const sqlFunctions = new Set(["sql", "where", "derive", "summarise"]);

/** The completions at a position. */
export function completions(code: string, position: number, around: Surroundings): Completions {
  const place = stringPlace(code, position, around.typescript);
  const { start, end, candidates } = around.compiled;
  const span = place && start === end ? place : { start, end };
  // A type parameter is inferred from the typed text itself; private members complete nothing.
  const isInferred = place !== null && candidates.length === 1 && candidates[0] === code.slice(place.start, place.end);
  const names = isInferred ? [] : candidates.filter((name) => name !== "" && !name.startsWith("#"));
  const live = names.length === 0 && place && inString(code, position, place, around.variables);
  if (live) return live;
  // tslab also offers names that contain the typed letters; they are useful only if no name starts with them.
  const begins = beginning(names, code.slice(span.start, position));
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

/** What the kernel knows of a string. */
function inString(
  code: string,
  position: number,
  place: StringPlace,
  variables: Surroundings["variables"],
): Completions | null {
  const { called, root, start, end } = place;
  const typed = code.slice(start, position);
  if (called === null) return null;
  if (pathFunctions.has(called) && place.argument === 0 && place.properties.length === 0)
    return { start, end, candidates: pathCandidates(typed) };
  const isData = isLiveData(variables, root) || root === "dataset";
  if (isData && sqlFunctions.has(called)) return inSql(code, position, place, liveColumns(variables, code, root));
  if (!isData && !isColumn(place, called)) return null;
  const names = liveColumns(variables, code, root);
  return { start, end, candidates: asColumns(beginning(names, typed)) };
}

function isColumn({ argument, properties }: StringPlace, called: string): boolean {
  if (properties.length > 0) return columnProperties.has(properties[0]!);
  return columnFunctions.has(called) || (firstColumnFunctions.has(called) && argument === 0);
}

/** Columns that continue the word before the position; names that are no words are quoted. */
function inSql(code: string, position: number, place: StringPlace, names: readonly string[]): Completions {
  const [word = ""] = /[\p{L}_][\p{L}\p{N}_]*$/u.exec(code.slice(place.start, position)) ?? [];
  const mark = place.quote === '"' ? '\\"' : '"';
  const quoted = beginning(names, word).map((name) =>
    /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `${mark}${name}${mark}`,
  );
  return { start: position - word.length, end: position, candidates: asColumns(quoted) };
}

/** The names that begin with the typed letters, in any letter case. */
function beginning(names: readonly string[], typed: string): string[] {
  return names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
}

function asColumns(names: readonly string[]): Candidate[] {
  return names.map((text) => ({ text, kind: "column" }));
}

/** The compiler's kind in the terms of JupyterLab's icons; an imported name has the kind of its value. */
function kindName(kind: string | undefined, name: string, variables: Surroundings["variables"]): string {
  switch (kind) {
    case "const":
    case "let":
    case "var":
    case "local var":
    case "parameter":
      return "variable";
    case "getter":
    case "setter":
      return "property";
    case "local function":
      return "function";
    case "alias":
      return typeof variables[name] === "function" ? functionKind(variables[name]) : "variable";
    default:
      return kind === undefined || kind === "" ? "text" : kind;
  }
}

function functionKind(value: unknown): string {
  return /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function";
}
