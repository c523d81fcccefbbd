/**
 * Estimates the duration of encoding from its first parts.
 */
import type { ModelSpec } from "../../spec/index.js";
import type { Table } from "../table/table.js";
import { encodeParts } from "./encode.js";
import { planEncoding } from "./plan.js";
import { Report } from "./report.js";

/** Parts are encoded for this time after the first one. */
const measuredSeconds = 1;

/**
 * Seconds to encode this number of rows like those of a table that fits the spec. Opening files and the first part
 * take longer than later parts, so they are counted separately.
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
