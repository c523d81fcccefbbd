/**
 * A run on disk: a folder with `run.json`, `spec.json`, `history.json`, `weights.safetensors` (TorchEasyRec's
 * parameter names), and `gates.json` where gates were followed. Form 1 of it had no checksums and is still read.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Weights } from "../../engine/engine.js";
import { CheckpointError } from "../../errors/index.js";
import type { Evaluation } from "../../metrics/types.js";
import type { ModelSpec } from "../../spec/index.js";
import { deepFreeze } from "../../util/freeze.js";
import type { History } from "../loop/history.js";
import { type FileContent, isWhole, readFolder, writeFolder } from "./folder.js";
import { decodeSafetensors, safetensorsPieces } from "./safetensors.js";

/** What a saved run holds. */
export interface SavedRun {
  /** The model. */
  readonly spec: ModelSpec;
  /** By TorchEasyRec's parameter names: what the run predicts with. */
  readonly weights: Weights;
  /** Losses and evaluations of its training. */
  readonly history: History;
  /** Of these weights; `null` where they were not evaluated. */
  readonly evaluation: Evaluation | null;
  /** What `src/gates` said at each evaluation; empty where gates were not followed. */
  readonly gatesHistory: readonly unknown[];
}

/** `run.json`. */
export interface RunFile {
  readonly format: string;
  readonly formatVersion: number;
  readonly evaluation: Evaluation | null;
}

const format = "pepnet-run";
const formatVersion = 2;
/** The files of a run. */
export const runFiles: readonly string[] = ["run.json", "spec.json", "history.json", "weights.safetensors"];
/** A file that not every run has. */
export const gatesFile = "gates.json";

/**
 * Writes a run into a folder; an earlier run there is replaced as a whole.
 *
 * @throws CheckpointError where the folder holds something that is not a run, or cannot be written.
 */
export async function saveRun(folder: string, run: SavedRun): Promise<void> {
  const place = path.resolve(folder);
  await assertReplaceable(place);
  await writeFolder(place, runContents(run));
}

/** The files of a run. */
export function runContents(run: SavedRun): Record<string, FileContent> {
  const { spec, weights, history, evaluation, gatesHistory } = run;
  const file: RunFile = { format, formatVersion, evaluation };
  const contents: Record<string, FileContent> = {
    "run.json": jsonText(file),
    "spec.json": jsonText(spec),
    "history.json": jsonText(history),
    "weights.safetensors": safetensorsPieces(weights),
  };
  if (gatesHistory.length > 0) contents[gatesFile] = statisticsText(gatesHistory);
  return contents;
}

/** JSON as saved runs hold it. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** JSON, in which numbers that are not finite are `{ "number": "NaN" }`: a domain may be called NaN. */
function statisticsText(values: readonly unknown[]): string {
  const writable = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
  return `${JSON.stringify(values, writable)}\n`;
}

function statisticsOf(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json.map(revived);
  return [];
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "number" && typeof entries[0][1] === "string")
    return Number(entries[0][1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, revived(inner)]));
}

/**
 * Reads the run in a folder.
 *
 * @param also more files of the folder, read with it
 * @throws CheckpointError where the folder is missing, not a run, or damaged.
 */
export async function readRun(
  folder: string,
  also: readonly string[] = [],
): Promise<SavedRun & { readonly files: ReadonlyMap<string, Uint8Array> }> {
  const place = path.resolve(folder);
  const files = await readFolder(place, runFiles, [gatesFile, ...also]);
  const run = parsedJson(folder, files, "run.json") as RunFile;
  if (run?.format !== format || !(run.formatVersion <= formatVersion)) {
    throw new CheckpointError({
      path: path.join(folder, "run.json"),
      message: "not a run that this version reads",
      received: formOf(run),
      expected: `${format} version ${formatVersion} or older`,
      fix: "save it again with the version that wrote it, or update pepnet",
    });
  }
  return {
    spec: deepFreeze(parsedJson(folder, files, "spec.json") as ModelSpec),
    history: parsedJson(folder, files, "history.json") as History,
    evaluation: run.evaluation,
    gatesHistory: files.has(gatesFile) ? statisticsOf(parsedJson(folder, files, gatesFile)) : [],
    weights: decodeSafetensors(files.get("weights.safetensors")!, path.join(folder, "weights.safetensors")),
    files,
  };
}

/** What a file says that it is, whatever stands there. */
export function formOf(file: { readonly format?: unknown; readonly formatVersion?: unknown } | null): string {
  const said = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"));
  return `${said(file?.format)} version ${said(file?.formatVersion)}`;
}

/** One of a run's files as JSON. @throws CheckpointError where it is not JSON. */
export function parsedJson(folder: string, files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(files.get(name)));
  } catch (cause) {
    throw new CheckpointError(
      {
        path: path.join(folder, name),
        message: "the file is damaged: it is not JSON",
        received: String((cause as Error).message),
        fix: "take an earlier checkpoint, or a copy of this one",
      },
      { cause },
    );
  }
}

/**
 * A folder may be replaced where it is absent, empty, or a run without the checkpoints of a training.
 *
 * @throws CheckpointError where it is none of these.
 */
export async function assertReplaceable(place: string): Promise<void> {
  const entries = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    return error.code === "ENOTDIR" ? [path.basename(place)] : [];
  });
  const checkpoints = entries.filter((name) => name.startsWith("checkpoint-"));
  if (entries.length === 0 || (checkpoints.length === 0 && isWhole(entries))) return;
  throw new CheckpointError({
    path: place,
    message:
      checkpoints.length > 0
        ? "the folder holds the checkpoints of a training; nothing was overwritten"
        : "the folder holds something that is not a saved run; nothing was overwritten",
    received: entries.slice(0, 5).join(", "),
    expected: "a new folder, or one that run.save() wrote",
    fix: "choose another folder",
  });
}
