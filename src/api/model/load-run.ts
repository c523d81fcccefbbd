/** Loads a saved run with its model, weights and rows. */
import { assertThreads } from "../../core/engine/threads.js";
import { DataError } from "../../core/errors/index.js";
import { checkOptions, type OptionNames } from "../../core/spec/validate/checks.js";
import { Run } from "../run/run.js";
import { type LoadOptions, savedRunParts } from "../run/saved-run.js";
import { modelOfRun } from "./model.js";
import type { AnyModel } from "./types.js";

const loadRunOptions: OptionNames<LoadOptions> = { which: true, layers: true, engine: true, threads: true };

/**
 * Loads a run that `run.save(folder)` or a training with checkpoints wrote; after a killed training, loads its newest
 * checkpoint. Throws a CheckpointError if the folder is missing, not a run, or damaged.
 * @example
 * const run = await loadRun("runs/first");
 * await run.evaluate(await dataset("test.parquet"));
 */
export async function loadRun(folder: string, options: LoadOptions = {}): Promise<Run<AnyModel>> {
  checkOptions("loadRun", options, Object.keys(loadRunOptions), DataError);
  assertThreads(options.threads, "loadRun: threads");
  return new Run(await savedRunParts(folder, modelOfRun, options));
}
