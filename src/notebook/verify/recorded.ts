/**
 * What a notebook says it ran with. `pepnet notebook run` writes one record; where another client executed it
 * (JupyterLab, VS Code, nbclient, papermill), the kernel's description of its language, which every client saves, holds
 * the surroundings, and outputs hold what was drawn and opened by then.
 */

import type { DataRecord, Provenance, Surroundings, Used } from "../../kernel/index.js";
import type { Notebook } from "../format.js";

/** Null where it says nothing. */
export function recordedProvenance(notebook: Pick<Notebook, "cells" | "metadata">): Provenance | null {
  const { pepnet, language_info: language } = notebook.metadata as {
    readonly pepnet?: unknown;
    readonly language_info?: { readonly pepnet?: unknown };
  };
  const around = language?.pepnet;
  const used = notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => ("metadata" in output ? (output.metadata as { pepnet?: Partial<Used> }).pepnet : undefined))
    .filter((record) => record !== undefined);
  // Outputs say it only where another client executed the notebook after `pepnet notebook run` did.
  if (isSurroundings(pepnet) && used.length === 0) {
    return { ...pepnet, seeds: [], data: [], ...(pepnet as Partial<Used>) };
  }
  if (!isSurroundings(around)) return null;
  return {
    ...around,
    seeds: once(used.flatMap((record) => record.seeds ?? [])),
    data: latest(used.flatMap((record) => record.data ?? [])),
  };
}

function isSurroundings(value: unknown): value is Surroundings {
  return typeof value === "object" && value !== null && "versions" in value && "machine" in value;
}

function once<T extends object>(records: readonly T[]): T[] {
  return [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
}

/** Of a record without its hash only where none with it follows. */
function latest(records: readonly DataRecord[]): DataRecord[] {
  const all = once(records);
  const isKnown = ({ name, bytes }: DataRecord): boolean =>
    all.some((other) => other.sha256 !== undefined && other.name === name && other.bytes === bytes);
  return all.filter((record) => record.sha256 !== undefined || !isKnown(record));
}
