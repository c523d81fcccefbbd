/**
 * Injects notebook parameters: a cell tagged `parameters` has the defaults, and an injected cell after it overrides
 * them.
 */

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
 * Returns the notebook's cells with these parameters; removes the injected cell of an earlier execution. Throws a
 * NotebookError if the notebook has no parameters, for every undeclared name and for every value of the wrong kind.
 */
export function withParameters(notebook: Notebook, parameters: Parameters, file: string): NotebookCell[] {
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  if (Object.keys(parameters).length === 0) return cells;
  const cell = injectedCell(notebook, parameters, file);
  const at = cells.findIndex((each) => hasTag(each, "parameters"));
  return [...cells.slice(0, at + 1), cell, ...cells.slice(at + 1)];
}

/** A cell that sets the notebook's parameters to these values. Throws like {@link withParameters}. */
export function injectedCell(notebook: Notebook, parameters: Parameters, file: string): NotebookCell {
  const declared = notebookParameters(notebook, Object.keys(parameters), file);
  const problems = Object.entries(parameters).flatMap(([name, value]) =>
    parameterProblems(name, value, declared, file),
  );
  if (problems.length > 0) throw new NotebookError(problems);
  return injected(parameters, declared);
}

/** The notebook's parameters. Throws a NotebookError if it has none; `names` are those from the caller. */
export function notebookParameters(notebook: Notebook, names: readonly string[], file: string): DeclaredParameter[] {
  const declared = readDeclared(notebook, file);
  if (declared !== null) return declared;
  throw new NotebookError({
    path: file,
    message: "the notebook has no parameters",
    received: names.join(", "),
    expected: "a cell tagged `parameters` with their defaults",
    fix: "add the tag to the cell that declares them (JupyterLab: property inspector, Cell tags)",
  });
}

/** Deeply nested code overflows the stack of TypeScript's parser. */
function readDeclared(notebook: Notebook, file: string): DeclaredParameter[] | null {
  try {
    return declaredParameters(notebook);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new NotebookError(
      {
        path: `${file}: the cell tagged \`parameters\``,
        message: "the code is nested too deeply",
        expected: "variables with plain values",
        fix: "use a plain default for each parameter, such as let gamma = 1;",
      },
      { cause },
    );
  }
}

/** The problem of an undeclared name, with the declared ones. */
export function unknownParameter(name: string, declared: readonly DeclaredParameter[], file: string): Problem {
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

/** Repeats a written type, since later cells were checked against it. */
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

/** A value as code. A `__proto__` key is written as JSON, because a literal would set the prototype. */
function literal(value: Json): string {
  const json = JSON.stringify(value);
  return json.includes("__proto__") ? `JSON.parse(${JSON.stringify(json)})` : json;
}
