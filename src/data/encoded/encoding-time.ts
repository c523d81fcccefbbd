/** Estimates the duration of encoding from its first parts. */
import type { ModelSpec } from "../../spec/model.js";
import { type EntryWriter, writePrivateEntry } from "../cache-folder.js";
import { encodeParts } from "../encode/encode.js";
import { planEncoding } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { encodedBytes } from "../row-buffer.js";
import type { Table } from "../table/table.js";
import type { EncodedData } from "./encoded.js";
import { heldBytes } from "./encoded-rows.js";

/** Parts are encoded for this time after the first one. */
const measuredSeconds = 1;

/**
 * Seconds to encode this number of rows like those of a table that fits the spec, and to write them if `encodedRows`
 * would. Opening files and the first part take longer than later parts, so they are counted separately.
 */
export async function encodingSeconds(table: Table, spec: ModelSpec, rows: number): Promise<number> {
  const report = new Report();
  const isNamed = (await table.version()) !== null;
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let first: { readonly rows: number; readonly seconds: number } | null = null;
  let done = 0;
  let file: MeasuredFile | null = null;
  try {
    for await (const part of encodeParts(table, planEncoding(table, spec, {}, report), report)) {
      if (done === 0 && (isNamed || (encodedBytes(part) / part.rows) * rows > heldBytes())) file = new MeasuredFile();
      file?.append(part);
      done += part.rows;
      first ??= { rows: done, seconds: elapsed() };
      if (elapsed() - first.seconds > measuredSeconds) break;
    }
  } finally {
    file?.discard();
  }
  if (first === null || done === 0) return 0;
  if (rows <= first.rows) return (first.seconds * rows) / first.rows;
  const perRow = done > first.rows ? (elapsed() - first.seconds) / (done - first.rows) : first.seconds / first.rows;
  return first.seconds + perRow * (rows - first.rows);
}

/** A temporary file. If it cannot be written, it takes no time, since training does without it, too. */
class MeasuredFile {
  #entry: EntryWriter | null = null;

  constructor() {
    this.#attempt(() => {
      this.#entry = writePrivateEntry();
    });
  }

  append(part: EncodedData): void {
    this.#attempt(() => this.#entry?.writer.append(part));
  }

  discard(): void {
    this.#entry?.discard();
    this.#entry = null;
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch {
      this.discard();
    }
  }
}
