/** Saves and resumes checkpoints of a training. */

import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { Engine, EngineName } from "../../core/engine/engine.js";
import type { Finding } from "../../core/errors/finding.js";
import { CheckpointError, type Problem } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { AucFloors } from "../../core/train/floor.js";
import type { LogisticRegression } from "../../core/train/logistic-regression.js";
import type { TrainCheckpoint } from "../../core/train/loop/early-stopping.js";
import type { RecordedRows, SavedCheckpoint } from "../../core/train/saved/run.js";
import type { CheckpointSeries, ExistingRun } from "../../core/train/saved/series.js";
import { isInterruption } from "../../core/util/interrupt.js";
import type { JsonObject } from "../../core/util/json.js";
import type { Conflicts, GatesPoint } from "../../lab/gates/types.js";

export interface TrainingRows {
  readonly train: EncodedRows;
  readonly validation: EncodedRows | null;
}

/** Options of checkpoints. */
export interface CheckpointOptions {
  /** Holds checkpoints such as `checkpoint-470` during training, and at the end the run, for `loadRun(folder)`. */
  readonly folder: string;
  /** Steps between two checkpoints. Default: one epoch, at most 1,000. The best by its evaluation is also saved. */
  readonly everySteps?: number;
  /** Number of newest checkpoints to keep, besides the best. Default: 2. */
  readonly keep?: number;
  /**
   * What to do with an existing run: `refuse` (default), `overwrite`, or `resume`, which ends with the same bytes as an
   * uninterrupted training. Resuming uses the original engine and number of threads, and throws for different training
   * or validation rows or another number of threads.
   */
  readonly existing?: ExistingRun;
}

/** Throws a CheckpointError if the folder must not be overwritten, or has a run of another model. */
export async function openCheckpoints(
  spec: ModelSpec,
  { folder, keep, existing }: CheckpointOptions,
): Promise<{ readonly series: CheckpointSeries; readonly notes: readonly string[] }> {
  const { openSeries } = await import("../../core/train/saved/series.js");
  const notes: string[] = [];
  const series = await openSeries(folder, { note: (text) => notes.push(text), keep, existing });
  try {
    if (series.from !== null) await refuseOtherModel(folder, series.from.spec, spec);
    else if (existing === "resume") notes.push(`${folder}: nothing to resume, training starts at step 0`);
    return { series, notes };
  } catch (error) {
    await series.close();
    throw error;
  }
}

/** A resumed training keeps its engine. Throws a CheckpointError for another number of threads of that engine. */
export function resumedEngine(
  series: CheckpointSeries | null,
  asked: { readonly engine?: EngineName | undefined; readonly threads?: number | undefined },
): { engine?: EngineName; threads?: number } {
  const { engine = series?.from?.engineName, threads } = asked;
  const began = series?.from?.engineName === engine ? series?.from?.threads : undefined;
  if (series !== null && began !== undefined && threads !== undefined && threads !== began) {
    throw new CheckpointError({
      path: series.folder,
      message: "the run started with another number of threads, and results depend on that number",
      received: `${threads} threads`,
      expected: `${began} threads, or no option: a resumed run keeps its number`,
      fix: `threads: ${began} (--threads ${began}), or train into another folder`,
    });
  }
  return { engine, threads: threads ?? began };
}

export interface CheckpointExtras {
  readonly findings: readonly Finding[];
  readonly gatesHistory: readonly GatesPoint[];
  readonly conflicts: Conflicts | null;
  readonly floor: LogisticRegression | null;
  /** Whether a last checkpoint that cannot be saved, or a lost folder, is an error; otherwise it is a note. */
  readonly mustSave: boolean;
}

/** Returns the function that saves a checkpoint, or notes why not. @throws CheckpointError if resumed on other rows */
export async function checkpointsOf(
  series: CheckpointSeries,
  engine: Engine,
  { train, validation }: TrainingRows,
  note: (text: string) => void,
): Promise<(checkpoint: TrainCheckpoint, last: boolean, extras: CheckpointExtras) => Promise<void>> {
  const { from, folder } = series;
  const { rowsDigest } = await import("../../core/data/encoded/hashes.js");
  const { floorWeights } = await import("../../core/train/logistic-regression.js");
  const dataDigest = await rowsDigest(train);
  const recorded = validation && { rows: validation.rows, digest: await rowsDigest(validation) };
  if (from !== null) {
    const isSame = from.dataRows === train.rows && from.dataDigest === dataDigest;
    if (!isSame) throw otherRows(folder, "training", { rows: from.dataRows }, train);
    // Early stopping and the best checkpoint would compare values of different rows.
    if (from.validation?.digest !== recorded?.digest) throw otherRows(folder, "validation", from.validation, recorded);
  }
  await series.begin();
  if (from !== null) resumeNotes(from, engine).forEach(note);
  const { spec, name: engineName, threads } = engine;
  const rows = { dataRows: train.rows, dataDigest, validation: recorded };
  return async (checkpoint, last, { findings, gatesHistory, conflicts, floor, mustSave }) => {
    try {
      const weights = { findings, gatesHistory, conflicts, floor: floor && floorWeights(floor) };
      await series.save({ spec, engineName, threads, ...rows, ...weights, checkpoint }, last);
    } catch (error) {
      const isFatal = mustSave && (last || (await series.isLost()));
      if (isFatal || !(error instanceof CheckpointError)) throw error;
      note(`the checkpoint of step ${checkpoint.progress.steps} is missing: ${error.message}`);
    }
  };
}

function resumeNotes({ engineName, checkpoint }: SavedCheckpoint, engine: Engine): string[] {
  const notes = [`resuming from step ${checkpoint.progress.steps}`];
  if (engine.name === engineName) return notes;
  return [...notes, `the run started with the engine ${engineName}; ${engine.name} rounds differently`];
}

type RowCount = Pick<RecordedRows, "rows"> | null;

function otherRows(folder: string, which: "training" | "validation", before: RowCount, now: RowCount): CheckpointError {
  const count = (of: RowCount): string => (of === null ? `no ${which} rows` : `${of.rows} rows`);
  const sameCount = before?.rows === now?.rows;
  const measure = which === "training" ? "" : "; evaluating the finished run accepts any rows";
  return new CheckpointError({
    path: folder,
    message: `the ${which} data differ from the data that this run started with`,
    received: sameCount ? `${count(now)} with different values or in another order` : count(now),
    expected: sameCount ? "the same rows in the same order" : count(before),
    fix: `pass the same ${which} data, or train into a new folder${measure}`,
  });
}

async function refuseOtherModel(folder: string, before: ModelSpec, now: ModelSpec): Promise<void> {
  const { diffConfigs } = await import("../../core/config/pipeline/diff-configs.js");
  const tree = (spec: ModelSpec) => ({ message: comparable(spec), notes: {}, warnings: [] });
  const problems = diffConfigs(tree(before), tree(now)).map(
    (difference): Problem => ({
      path: `${folder}: ${difference.path}`,
      message: "the model differs from the one that this run started with",
      received: JSON.stringify(difference.after) ?? "nothing",
      expected: JSON.stringify(difference.before) ?? "nothing",
      fix: "train the same model, or train into a new folder",
    }),
  );
  if (problems.length > 0) throw new CheckpointError(problems);
}

/** The settings that must not change: all but the length of training, and fields that affect only TorchEasyRec. */
function comparable(spec: ModelSpec): JsonObject {
  const { extra, training, ...model } = spec;
  const data = (extra["data_config"] ?? {}) as JsonObject;
  const { epochs: _epochs, steps: _steps, evalBatchSize: _evalBatchSize, ...rest } = training;
  const plain = { ...model, training: rest, fgMode: data["fg_mode"] ?? null };
  return JSON.parse(JSON.stringify(plain)) as JsonObject;
}

/** The option `checkpoints` of trainings: a folder's name means the usual settings. */
export function checkpointOptions(checkpoints: string | CheckpointOptions | undefined): CheckpointOptions | null {
  return typeof checkpoints === "string" ? { folder: checkpoints } : (checkpoints ?? null);
}

interface TrainingFloor {
  readonly regression: LogisticRegression;
  /** On the validation rows; `null` without them. */
  readonly aucs: AucFloors | null;
  readonly notes: readonly string[];
}

/**
 * `null` if no task is binary, or it is interrupted.
 * @param budget of its work; if not all rows fit, a third is for a floor of half as many, which shows what more rows bring
 */
export async function trainingFloor(
  spec: ModelSpec,
  { train, validation }: TrainingRows,
  budget: number,
): Promise<TrainingFloor | null> {
  const { aucFloors, floorNotes } = await import("../../core/train/floor.js");
  const { fitLogisticRegression, mostRows } = await import("../../core/train/logistic-regression.js");
  try {
    const isWhole = mostRows(spec, budget) >= train.rows;
    const regression = await fitLogisticRegression(spec, train, isWhole ? budget : (2 / 3) * budget);
    if (regression === null) return null;
    const aucs = validation && (await aucFloors(spec, regression, validation));
    const half =
      !isWhole && validation && Number.isFinite(budget) ? await fitLogisticRegression(spec, train, budget / 3) : null;
    const halfAucs = half && (await aucFloors(spec, half, validation!));
    return { regression, aucs, notes: floorNotes(regression, budget, aucs, halfAucs) };
  } catch (error) {
    if (isInterruption(error)) return null;
    throw error;
  }
}
