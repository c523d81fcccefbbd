/**
 * Reads the provenance record of a notebook, and describes how the environment of a new run differs from it. `pepnet
 * notebook run` writes one record. For other clients (JupyterLab, VS Code, nbclient, papermill), the saved language info
 * contains the environment, and outputs contain seeds and data.
 */
import type { DataRecord, Provenance, Surroundings, Used } from "../kernel/index.js";
import { isObject } from "../util/json.js";
import type { Notebook } from "./format.js";

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

/** How the environments differ; empty if they are the same. */
export function environmentDifferences(recorded: Provenance | null, now: Provenance): string[] {
  if (recorded === null) {
    return [
      "the notebook has no valid record of its environment: another kernel or version executed it, or the record was changed",
    ];
  }
  return [
    ...changes("", recorded.versions, now.versions),
    ...gitChanges(recorded.git, now.git),
    ...changes("machine: ", recorded.machine, now.machine),
    ...seedChanges(recorded.seeds, now.seeds),
    ...dataChanges(recorded.data, now.data),
  ];
}

function changes(what: string, recorded: object, now: object): string[] {
  const [old, fresh] = [recorded, now] as Record<string, unknown>[] as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .filter((key) => old[key] !== fresh[key])
    .map((key) => `${what}${key} ${old[key] ?? "not recorded"} → ${fresh[key] ?? "missing"}`);
}

/** Changed files count only if known: the kernel does not check them in JupyterLab. */
function gitChanges(recorded: Provenance["git"], now: Provenance["git"]): string[] {
  const isSame = recorded?.commit === now?.commit && (recorded?.dirty ?? false) === (now?.dirty ?? false);
  return isSame ? [] : [`git: ${gitName(recorded)} → ${gitName(now)}`];
}

function gitName(git: Provenance["git"]): string {
  if (git === undefined) return "no repository";
  return `${git.commit.slice(0, 10)}${git.dirty ? " with changes" : ""}`;
}

function seedChanges(recorded: Provenance["seeds"], now: Provenance["seeds"]): string[] {
  const list = (seeds: Provenance["seeds"]): string =>
    seeds.map(({ use, seed }) => `${use} ${seed}`).join(", ") || "none";
  return list(recorded) === list(now) ? [] : [`seeds: ${list(recorded)} → ${list(now)}`];
}

/** Compared by the last part of the name, since folders differ between machines. */
function dataChanges(recorded: readonly DataRecord[], now: readonly DataRecord[]): string[] {
  const key = ({ name }: DataRecord): string => name.split("/").at(-1)!;
  const isSame = (a: DataRecord, b: DataRecord): boolean =>
    a.sha256 === undefined || b.sha256 === undefined ? key(a) === key(b) && a.bytes === b.bytes : a.sha256 === b.sha256;
  const has = (records: readonly DataRecord[], record: DataRecord): boolean =>
    records.some((other) => isSame(other, record));
  const gone = recorded.filter((record) => !has(now, record));
  const fresh = now.filter((record) => !has(recorded, record));
  return [
    ...gone.map((record) => {
      const other = fresh.find((each) => key(each) === key(record));
      return other ? `data: ${record.name} has other contents` : `data: ${record.name} was not opened`;
    }),
    ...fresh
      .filter((each) => !gone.some((record) => key(record) === key(each)))
      .map(({ name }) => `data: ${name} is new`),
  ];
}
