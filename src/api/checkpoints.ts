/** Checkpoints of a training: where they go, and whether what is there may be gone on from. */
import type { EncodedRows } from "../data/streamed.js";
import type { Engine } from "../engine/engine.js";
import { CheckpointError, type Problem } from "../errors/index.js";
import type { ModelSpec } from "../spec/index.js";
import type { CheckpointSeries, ExistingRun, SavedCheckpoint, TrainLoopOptions } from "../train/index.js";
import type { JsonObject } from "../util/json.js";

/** Where training saves what it can go on from, and how often. */
export interface CheckpointOptions {
  /** `checkpoint-470` and the like while it trains; at the end the run itself, for `loadRun(folder)`. */
  readonly folder: string;
  /** Steps between two checkpoints. Default: an epoch's, at most 1,000. The best by its evaluation is saved as well. */
  readonly everySteps?: number;
  /** So many of the newest are kept, beside the best. Default 2. */
  readonly keep?: number;
  /**
   * What to do with a run that is there already: `refuse` (default), `overwrite`, or `resume`, which ends with the same
   * bytes as a training that was never stopped, on the same engine with the same threads.
   */
  readonly existing?: ExistingRun;
}

/**
 * Opens the folder of a training.
 *
 * Throws a CheckpointError where it must not be written, or holds a run of another model.
 */
export async function openCheckpoints(
  spec: ModelSpec,
  { folder, keep, existing }: CheckpointOptions,
  note: (text: string) => void,
): Promise<CheckpointSeries> {
  const { openSeries } = await import("../train/index.js");
  const series = await openSeries(folder, {
    note,
    ...(keep === undefined ? {} : { keep }),
    ...(existing === undefined ? {} : { existing }),
  });
  try {
    if (series.from !== null) await refuseOtherModel(folder, series.from.spec, spec);
    else if (existing === "resume") note(`${folder}: nothing to resume, training starts at step 0`);
    return series;
  } catch (error) {
    await series.close();
    throw error;
  }
}

/** What the training loop saves with, once the engine and the data are there. */
export interface TrainedWith {
  readonly engine: Engine;
  /** The training data. */
  readonly data: EncodedRows;
  readonly everySteps: number;
  readonly note: (text: string) => void;
  /** The gates that were followed so far. */
  readonly gatesHistory?: readonly unknown[];
  /** The last checkpoint, too, is only told of where it cannot be saved. Default: it throws. */
  readonly lastMayFail?: boolean;
}

/** Begins training in the folder. A checkpoint on the way that cannot be saved is told of, and training goes on. */
export async function beginCheckpoints(
  series: CheckpointSeries,
  { engine, data, everySteps, note, gatesHistory = [], lastMayFail = false }: TrainedWith,
): Promise<Required<Pick<TrainLoopOptions, "from" | "checkpoint">>> {
  const { from, folder } = series;
  const { rowsFingerprint } = await import("../data/index.js");
  const dataFingerprint = await rowsFingerprint(data);
  if (from !== null) {
    refuseOtherData(folder, from, data.rows, dataFingerprint);
    note(`going on from step ${from.checkpoint.progress.steps}`);
    if (engine.name !== from.engineName) {
      note(`the run began on ${from.engineName}; ${engine.name} rounds differently`);
    }
  }
  await series.begin();
  const saved = { spec: engine.spec, engineName: engine.name, dataRows: data.rows, dataFingerprint, gatesHistory };
  return {
    from: from?.checkpoint ?? null,
    checkpoint: {
      everySteps,
      async save(checkpoint, last) {
        await series.save({ ...saved, checkpoint }, last).catch((error: unknown) => {
          if ((last && !lastMayFail) || !(error instanceof CheckpointError)) throw error;
          note(`the checkpoint of step ${checkpoint.progress.steps} is missing: ${error.message}`);
        });
      },
    },
  };
}

/** Refuses to go on with other data. */
function refuseOtherData(folder: string, saved: SavedCheckpoint, rows: number, fingerprint: string): void {
  const same = saved.dataFingerprint === null || saved.dataFingerprint === fingerprint;
  if (saved.dataRows === rows && same) return;
  throw new CheckpointError({
    path: folder,
    message: "the training data are not those that this run began with",
    received:
      saved.dataRows === rows ? `${rows} rows that hold other values, or stand in another order` : `${rows} rows`,
    expected: saved.dataRows === rows ? "the same rows in the same order" : `${saved.dataRows} rows`,
    fix: "give the same data, or train into a folder of its own",
  });
}

async function refuseOtherModel(folder: string, before: ModelSpec, now: ModelSpec): Promise<void> {
  const { diffConfigs } = await import("../config/index.js");
  const tree = (spec: ModelSpec) => ({ message: comparable(spec), notes: {}, warnings: [] });
  const problems = diffConfigs(tree(before), tree(now)).map(
    (difference): Problem => ({
      path: `${folder}: ${difference.path}`,
      message: "the model is not the one that this run began with",
      received: JSON.stringify(difference.after) ?? "nothing",
      expected: JSON.stringify(difference.before) ?? "nothing",
      fix: "train the same model, or train into a folder of its own",
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
