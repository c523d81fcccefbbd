/**
 * Reads the provenance record of a notebook. `pepnet notebook run` writes one record. For other clients (JupyterLab, VS
 * Code, nbclient, papermill), the saved language info contains the environment, and outputs contain seeds and data.
 */

import type { DataRecord, Provenance, Surroundings, Used } from "../../kernel/index.js";
import { isObject } from "../../util/json.js";
import type { Notebook } from "../format.js";

/** Null if there is no record, or it is not valid. */
export function recordedProvenance(notebook: Pick<Notebook, "cells" | "metadata">): Provenance | null {
  const { pepnet, language_info: language } = notebook.metadata as {
    readonly pepnet?: unknown;
    readonly language_info?: { readonly pepnet?: unknown } | null;
  };
  const around = language?.pepnet;
  const used = notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => ("metadata" in output ? (output.metadata as { pepnet?: unknown }).pepnet : undefined))
    .filter((record) => record !== undefined);
  if (!used.every(isUsed)) return null;
  // Outputs have records only if another client executed the notebook after `pepnet notebook run`.
  if (isSurroundings(pepnet) && used.length === 0) {
    return isUsed(pepnet) ? { ...pepnet, seeds: pepnet.seeds ?? [], data: pepnet.data ?? [] } : null;
  }
  if (!isSurroundings(around)) return null;
  return {
    ...around,
    seeds: once(used.flatMap((record) => record.seeds ?? [])),
    data: latest(used.flatMap((record) => record.data ?? [])),
  };
}

function isSurroundings(value: unknown): value is Surroundings {
  if (!isObject(value)) return false;
  const { versions, machine, git } = value;
  const isGit = git === undefined || (isObject(git) && typeof git["commit"] === "string");
  return isObject(versions) && isObject(machine) && isGit && allText(versions) && allText(machine);
}

function isUsed(value: unknown): value is Partial<Used> {
  if (!isObject(value)) return false;
  const { seeds = [], data = [] } = value;
  const isSeed = (item: unknown): boolean => isObject(item) && typeof item["use"] === "string" && "seed" in item;
  const isData = (item: unknown): boolean => isObject(item) && typeof item["name"] === "string";
  return Array.isArray(seeds) && seeds.every(isSeed) && Array.isArray(data) && data.every(isData);
}

function allText(record: Record<string, unknown>): boolean {
  return Object.values(record).every((item) => typeof item === "string" || typeof item === "number");
}

function once<T extends object>(records: readonly T[]): T[] {
  return [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
}

/** Keeps a record without a hash only if no later one has it. */
function latest(records: readonly DataRecord[]): DataRecord[] {
  const all = once(records);
  const isKnown = ({ name, bytes }: DataRecord): boolean =>
    all.some((other) => other.sha256 !== undefined && other.name === name && other.bytes === bytes);
  return all.filter((record) => record.sha256 !== undefined || !isKnown(record));
}
