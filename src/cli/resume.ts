/** The folder that `pepnet train` writes: free, to be replaced, or gone on from. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { CheckpointError, type Problem } from "../errors/index.js";
import type { ModelSpec } from "../spec/index.js";
import type { SavedCheckpoint } from "../train/index.js";
import type { JsonObject } from "../util/json.js";
import type { Log } from "./log.js";

/** What to do with a run that is there already. */
export interface FolderOptions {
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

/**
 * The checkpoint to go on from, or `null` to start anew.
 * Throws a CheckpointError where the folder must not be written, or holds a run of another model.
 */
export async function prepareFolder(
  folder: string,
  spec: ModelSpec,
  options: FolderOptions,
  log: Log,
): Promise<SavedCheckpoint | null> {
  const { assertReplaceable, readCheckpoint, recoverRun } = await import("../train/index.js");
  if (options.resume) await recoverRun(folder);
  await assertReplaceable(path.resolve(folder));
  const isThere = (await readdir(folder).catch(() => [])).length > 0;
  if (!isThere) {
    if (options.resume) log.note(`${folder}: nothing to resume, training starts at step 0`);
    return null;
  }
  if (options.overwrite) return null;
  if (!options.resume) {
    throw new CheckpointError({
      path: folder,
      message: "there is a run here already; nothing was trained",
      expected: "a new folder",
      fix: "--resume goes on with it, --overwrite replaces it, --out names another folder",
    });
  }
  const saved = await readCheckpoint(folder);
  await refuseOtherModel(folder, saved.spec, spec);
  return saved;
}

/** Refuses to go on with other data. */
export function refuseOtherRows(folder: string, saved: SavedCheckpoint, rows: number): void {
  if (saved.dataRows === rows) return;
  throw new CheckpointError({
    path: folder,
    message: "the training data are not those that this run began with",
    received: `${rows} rows`,
    expected: `${saved.dataRows} rows`,
    fix: "give the same data, or start a run of its own with --out",
  });
}

async function refuseOtherModel(folder: string, before: ModelSpec, now: ModelSpec): Promise<void> {
  const { diffConfigs } = await import("../config/index.js");
  const tree = (spec: ModelSpec) => ({ message: comparable(spec), notes: {}, warnings: [] });
  const problems = diffConfigs(tree(before), tree(now)).map(
    (difference): Problem => ({
      path: `${folder}: ${difference.path}`,
      message: "the config is not the one that this run began with",
      received: JSON.stringify(difference.after) ?? "nothing",
      expected: JSON.stringify(difference.before) ?? "nothing",
      fix: "train with the same config, or start a run of its own with --out",
    }),
  );
  if (problems.length > 0) throw new CheckpointError(problems);
}

/** What must not change: everything but the length of training, and fields that only steer TorchEasyRec. */
function comparable(spec: ModelSpec): JsonObject {
  const { extra, training, ...model } = spec;
  const data = (extra["data_config"] ?? {}) as JsonObject;
  const { epochs: _epochs, steps: _steps, evalBatchSize: _evalBatchSize, ...rest } = training;
  const plain = { ...model, training: rest, fgMode: data["fg_mode"] ?? null };
  return JSON.parse(JSON.stringify(plain)) as JsonObject;
}
