/**
 * A run on disk: a folder with `run.json`, `spec.json`, `history.json`, `weights.safetensors`, and if there are any
 * `gates.json` and `floor.safetensors`. Format version 1 has no checksums and can still be read.
 */

import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Weights } from "../../engine/engine.js";
import { CheckpointError } from "../../errors/index.js";
import type { Evaluation } from "../../metrics/types.js";
import type { ModelSpec } from "../../spec/model.js";
import { deepFreeze } from "../../util/random.js";
import { parseJson } from "../../util/text.js";
import type { History } from "../loop/recorder.js";
import { type FolderFiles, type FolderKind, readFolder, writeFolder } from "./folder.js";
import { decodeSafetensors, safetensorsPieces } from "./safetensors.js";
import { assertShape, gatesShape, historyShape, runShape, valueText } from "./shape.js";
import { checkedSpec } from "./spec-shape.js";

/** The content of a saved run. */
export interface SavedRun {
  readonly spec: ModelSpec;
  /** The weights for predictions, by TorchEasyRec's parameter names. */
  readonly weights: Weights;
  readonly history: History;
  readonly evaluation: Evaluation | null;
  /** The gate reports of `src/gates` at each evaluation; empty if gates were not followed. */
  readonly gatesHistory: readonly unknown[];
  /** The logistic regression of evaluations (`floorWeights`); `null`: none. */
  readonly floor?: Weights | null;
}

const format = "pepnet-run";
const formatVersion = 2;
export const runFiles: readonly string[] = ["run.json", "spec.json", "history.json", "weights.safetensors"];
export const gatesFile = "gates.json";
export const floorFile = "floor.safetensors";
export const checkpointFiles: readonly string[] = ["training.json", "optimizer.safetensors", "best.safetensors"];

export const runKind: FolderKind = {
  files: [...runFiles, gatesFile, floorFile, ...checkpointFiles],
  identity: "run.json",
  format,
  version: "formatVersion",
  unlistedVersion: 1,
  called: "the run",
  writer: "run.save() or a training",
};

/** Replaces an earlier run atomically. @throws CheckpointError if the folder has other files or is not writable. */
export async function saveRun(folder: string, run: SavedRun): Promise<void> {
  const place = path.resolve(folder);
  await refuseTraining(place);
  await writeFolder(place, runContents(run), runKind);
}

export function runContents(run: SavedRun): FolderFiles {
  const { spec, weights, history, evaluation, gatesHistory, floor } = run;
  return {
    "run.json": jsonText({ format, formatVersion, evaluation }),
    "spec.json": jsonText(spec),
    "history.json": jsonText(history),
    "weights.safetensors": safetensorsPieces(weights),
    ...(gatesHistory.length > 0 ? { [gatesFile]: statisticsText(gatesHistory) } : {}),
    ...(floor == null ? {} : { [floorFile]: safetensorsPieces(floor) }),
  };
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** JSON in which non-finite numbers are `{ "number": "NaN" }`, because a domain may be named NaN. */
function statisticsText(values: readonly unknown[]): string {
  const writable = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
  return `${JSON.stringify(values, writable)}\n`;
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "number" && typeof entries[0][1] === "string")
    return Number(entries[0][1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, revived(inner)]));
}

/** @param also further files to read @throws CheckpointError if the folder is missing, not a run, or damaged */
export async function readRun(
  folder: string,
  also: readonly string[] = [],
): Promise<SavedRun & { readonly files: ReadonlyMap<string, Uint8Array> }> {
  const place = path.resolve(folder);
  const files = await readFolder(place, runKind, runFiles, [gatesFile, floorFile, ...also]);
  return {
    ...runFacts(folder, files),
    gatesHistory: files.has(gatesFile) ? readGates(folder, files) : [],
    weights: decodeSafetensors(files.get("weights.safetensors")!, path.join(folder, "weights.safetensors")),
    floor: files.has(floorFile) ? decodeSafetensors(files.get(floorFile)!, path.join(folder, floorFile)) : null,
    files,
  };
}

/** What a run's JSON files contain. @throws CheckpointError if they are of another version, or damaged */
export function runFacts(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Pick<SavedRun, "spec" | "history" | "evaluation"> {
  const file = path.join(folder, "run.json");
  const run = parsedJson(folder, files, "run.json");
  assertFormat(file, run, {
    ...{ format, formatVersion, called: "the run" },
    fix: "save it again with the version that wrote it, or update pepnet",
  });
  const history = parsedJson(folder, files, "history.json");
  assertShape(file, run, runShape);
  assertShape(path.join(folder, "history.json"), history, historyShape);
  return {
    spec: deepFreeze(checkedSpec(path.join(folder, "spec.json"), parsedJson(folder, files, "spec.json"))),
    history,
    evaluation: run.evaluation ?? null,
  };
}

function readGates(folder: string, files: ReadonlyMap<string, Uint8Array>): readonly unknown[] {
  const gates = revived(parsedJson(folder, files, gatesFile));
  assertShape(path.join(folder, gatesFile), gates, gatesShape);
  return gates;
}

export function assertFormat(
  path: string,
  file: unknown,
  reader: { readonly format: string; readonly formatVersion: number; readonly called: string; readonly fix: string },
): void {
  const { format, formatVersion } = (file ?? {}) as { readonly format?: unknown; readonly formatVersion?: unknown };
  if (format === reader.format && (formatVersion as number) <= reader.formatVersion) return;
  const declaration = (value: unknown): string => (typeof value === "string" ? value : valueText(value));
  throw new CheckpointError({
    path,
    message: `this version cannot read ${reader.called}`,
    received: `${declaration(format)} version ${declaration(formatVersion)}`,
    expected: `${reader.format} version ${reader.formatVersion} or older`,
    fix: reader.fix,
  });
}

export function parsedJson(folder: string, files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  try {
    return parseJson(new TextDecoder().decode(files.get(name)));
  } catch (cause) {
    throw new CheckpointError(
      {
        path: path.join(folder, name),
        message: "the file is damaged: invalid JSON",
        received: String((cause as Error).message),
        fix: "use an earlier checkpoint, or a copy of this one",
      },
      { cause },
    );
  }
}

async function refuseTraining(place: string): Promise<void> {
  const names = await readdir(place).catch(() => [] as string[]);
  const checkpoints = names.filter((name) => /^checkpoint-\d+$/.test(name));
  if (checkpoints.length === 0) return;
  throw new CheckpointError({
    path: place,
    message: "the folder contains the checkpoints of a training; nothing was overwritten",
    received: checkpoints.slice(0, 5).join(", "),
    expected: "a new folder, or one written by run.save()",
    fix: "choose another folder",
  });
}
