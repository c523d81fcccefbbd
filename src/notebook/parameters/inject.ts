/** Parameters of a notebook: a cell tagged `parameters` holds the defaults, a cell injected after it overrides them. */

import { randomUUID } from "node:crypto";
import { NotebookError, type Problem } from "../../errors/index.js";
import type { Json } from "../../util/json.js";
import { shellWord } from "../../util/text/code-text.js";
import { didYouMean } from "../../util/text/near.js";
import { hasTag, type Notebook, type NotebookCell, splitLines } from "../format.js";
import { type DeclaredParameter, declaredParameters } from "./declared.js";
import { accepts, describeKind } from "./kind.js";

/** Values by name. */
export type Parameters = Readonly<Record<string, Json>>;

/**
 * The notebook's cells with the given parameters in force; those of an earlier execution are taken out. Throws a
 * NotebookError where the notebook takes no parameters, and for every name that it does not declare and every value
 * that is not of the declared kind.
 */
export function withParameters(notebook: Notebook, parameters: Parameters, file: string): NotebookCell[] {
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  if (Object.keys(parameters).length === 0) return cells;
  const cell = injectedCell(notebook, parameters, file);
  const at = cells.findIndex((each) => hasTag(each, "parameters"));
  return [...cells.slice(0, at + 1), cell, ...cells.slice(at + 1)];
}

/** A cell that gives the notebook's parameters these values. Throws as {@link withParameters} does. */
export function injectedCell(notebook: Notebook, parameters: Parameters, file: string): NotebookCell {
  const declared = parametersOf(notebook, Object.keys(parameters), file);
  const problems = Object.entries(parameters).flatMap(([name, value]) => problemsOf(name, value, declared, file));
  if (problems.length > 0) throw new NotebookError(problems);
  return injected(parameters, declared);
}

/** The notebook's parameters. Throws a NotebookError where it takes none; `wanted` are the names that somebody gave. */
export function parametersOf(notebook: Notebook, wanted: readonly string[], file: string): DeclaredParameter[] {
  const declared = readDeclared(notebook, file);
  if (declared !== null) return declared;
  throw new NotebookError({
    path: file,
    message: "the notebook takes no parameters",
    received: wanted.join(", "),
    expected: "a cell tagged `parameters` that gives each its default",
    fix: "add the tag to the cell that declares them (JupyterLab: property inspector, Cell tags)",
  });
}

/** Code that nests deeply ends the stack of TypeScript's parser. */
function readDeclared(notebook: Notebook, file: string): DeclaredParameter[] | null {
  try {
    return declaredParameters(notebook);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new NotebookError(
      {
        path: `${file}: the cell tagged \`parameters\``,
        message: "the code is nested too deeply to be read",
        expected: "variables with plain values",
        fix: "give each parameter a plain default, such as let gamma = 1;",
      },
      { cause },
    );
  }
}

/** Says what the notebook takes where it does not declare the name. */
export function unknownParameter(name: string, declared: readonly DeclaredParameter[], file: string): Problem {
  const names = declared.map((each) => each.name);
  return {
    path: file,
    message: `the notebook has no parameter "${name}"`,
    expected: names.length === 0 ? "none: its parameters cell declares no variable" : `one of ${names.join(", ")}`,
    fix: didYouMean(name, names) ?? "declare it, with a default, in the cell tagged `parameters`",
  };
}

function problemsOf(name: string, value: Json, declared: readonly DeclaredParameter[], file: string): Problem[] {
  const parameter = declared.find((each) => each.name === name);
  if (!parameter) return [unknownParameter(name, declared, file)];
  if (accepts(parameter.kind, value)) return [];
  return [
    {
      path: `${file}: parameter "${name}"`,
      message: "the value is not of the kind that the notebook declares",
      received: JSON.stringify(value),
      expected: describeKind(parameter.kind),
      ...(parameter.kind.is === "list" ? { fix: `as JSON, such as ${shellWord(`[${JSON.stringify(value)}]`)}` } : {}),
    },
  ];
}

/** A type that is written is written again: the cells after it were checked against that type. */
function injected(parameters: Parameters, declared: readonly DeclaredParameter[]): NotebookCell {
  const lines = Object.entries(parameters).map(([name, value]) => {
    const type = declared.find((each) => each.name === name)?.type ?? null;
    return `let ${name}${type === null ? "" : `: ${type}`} = ${literal(value)};`;
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

/** A value as code. A key that a literal would take for the prototype is one of JSON's. */
function literal(value: Json): string {
  const json = JSON.stringify(value);
  return json.includes("__proto__") ? `JSON.parse(${JSON.stringify(json)})` : json;
}
