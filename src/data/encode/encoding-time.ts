/** How long encoding takes, from its first parts. */
import type { ModelSpec } from "../../spec/index.js";
import type { Table } from "../table/table.js";
import { encodeParts } from "./encode.js";
import { planEncoding } from "./plan.js";
import { Report } from "./report.js";

/** Parts are encoded for so long, after the first one. */
const measuredSeconds = 1;

/**
 * Seconds of encoding so many rows like those of a table that fits the spec. Opening files and the first part take longer
 * than those after it, so they are counted apart.
 */
export async function encodingSeconds(table: Table, spec: ModelSpec, rows: number): Promise<number> {
  const report = new Report();
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let first: { readonly rows: number; readonly seconds: number } | null = null;
  let done = 0;
  for await (const part of encodeParts(table, planEncoding(table, spec, {}, report), report)) {
    done += part.rows;
    first ??= { rows: done, seconds: elapsed() };
    if (elapsed() - first.seconds > measuredSeconds) break;
  }
  if (first === null || done === 0) return 0;
  if (rows <= first.rows) return (first.seconds * rows) / first.rows;
  const perRow = done > first.rows ? (elapsed() - first.seconds) / (done - first.rows) : first.seconds / first.rows;
  return first.seconds + perRow * (rows - first.rows);
}
