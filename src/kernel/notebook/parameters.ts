/** Parameters of a notebook: a cell tagged `parameters` holds the defaults, a cell injected after it overrides them. */
import { randomUUID } from "node:crypto";
import { NotebookError } from "../../errors/index.js";
import type { Json } from "../../util/json.js";
import { type Notebook, type NotebookCell, splitLines } from "./format.js";

/** Values by name. */
export type Parameters = Readonly<Record<string, Json>>;

/** The notebook's cells with the given parameters in force. Throws a NotebookError where the notebook takes none. */
export function withParameters(notebook: Notebook, parameters: Parameters, file: string): NotebookCell[] {
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  if (Object.keys(parameters).length === 0) return cells;
  const at = cells.findIndex((cell) => hasTag(cell, "parameters"));
  if (at < 0) {
    throw new NotebookError({
      path: file,
      message: "the notebook takes no parameters",
      received: Object.keys(parameters).join(", "),
      expected: "a cell tagged `parameters` that gives each its default",
      fix: "add the tag to the cell that declares them (JupyterLab: property inspector, Cell tags)",
    });
  }
  return [...cells.slice(0, at + 1), injected(parameters), ...cells.slice(at + 1)];
}

function hasTag(cell: NotebookCell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}

function injected(parameters: Parameters): NotebookCell {
  const lines = Object.entries(parameters).map(([name, value]) => `let ${name} = ${JSON.stringify(value)};`);
  return {
    cell_type: "code",
    id: randomUUID().slice(0, 8),
    metadata: { tags: ["injected-parameters"] },
    source: splitLines(["// Parameters", ...lines].join("\n")),
    outputs: [],
    execution_count: null,
  };
}
