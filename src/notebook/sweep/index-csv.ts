/** Writes the runs of a sweep as CSV in full precision, for programs and notebooks. */
import type { Json } from "../../util/json.js";
import { numberColumns, parameterColumns } from "./columns.js";
import type { SweepRun } from "./sweep-run.js";

/** Returns a header and one line per run. */
export function indexCsv(runs: readonly SweepRun[]): string {
  const [parameters, numbers] = [parameterColumns(runs), numberColumns(runs)];
  const lines = runs.map((run) => [
    `${run.name}.ipynb`,
    ...parameters.map((name) => run.parameters[name]),
    run.outcome,
    run.seconds.toFixed(1),
    ...numbers.map((name) => run.numbers[name]),
    run.error,
  ]);
  return [["notebook", ...parameters, "outcome", "seconds", ...numbers, "error"], ...lines].map(line).join("");
}

function line(cells: readonly (Json | undefined)[]): string {
  return `${cells.map((cell) => field(cell)).join(",")}\n`;
}

function field(cell: Json | undefined): string {
  if (cell === undefined) return "";
  const text = typeof cell === "string" ? cell : JSON.stringify(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
