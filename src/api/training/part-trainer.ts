/** Trains the parts of a call that trains several times: on one engine, each as a run in its own folder if requested. */
import path from "node:path";
import type { Engine } from "../../core/engine/engine.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { OnNonFinite } from "../../core/train/loop/faulty-steps.js";
import type { PartTraining, TrainPart } from "../../core/train/loop/part-training.js";
import { type CheckpointOptions, checkpointsOf, openCheckpoints, resumedEngine } from "./checkpoints.js";
import { type EngineChoice, startOutputs } from "./engines.js";

interface Trainer {
  readonly onNonFinite?: OnNonFinite;
}

/** @param saving where runs are saved; `null`: nowhere */
export function partTrainer(
  engine: Engine,
  saving: CheckpointOptions | null,
  options: Trainer,
  note: (text: string) => void,
): TrainPart {
  return saving === null ? trainer(engine, options) : savingTrainer(engine, saving, options, note);
}

function trainer(engine: Engine, { onNonFinite }: Trainer): TrainPart {
  return async (training) => {
    const { fit } = await import("../../core/train/loop/fit.js");
    await start(engine, training);
    const { interrupted, record } = await fit(engine, training.data, null, { onNonFinite });
    return interrupted ? null : record.trainedSteps;
  };
}

async function start(engine: Engine, { from, data, isUntrained }: PartTraining): Promise<void> {
  await engine.restore(from);
  if (isUntrained) await startOutputs(engine, data);
}

/** The engine and threads of the first training in the folder, if it is resumed. @param first its name */
export async function firstEngine(
  spec: ModelSpec,
  saving: CheckpointOptions | null,
  first: string,
  options: EngineChoice,
): Promise<EngineChoice> {
  if (saving?.existing !== "resume") return resumedEngine(null, options);
  const folder = path.join(saving.folder, first);
  const { series } = await openCheckpoints(spec, { ...saving, folder });
  try {
    return resumedEngine(series, options);
  } finally {
    await series.close();
  }
}

const mostSteps = 1000;

/** Each training is a run in a separate folder, saved and resumed like any other. */
function savingTrainer(
  engine: Engine,
  saving: CheckpointOptions,
  { onNonFinite }: Trainer,
  note: (text: string) => void,
): TrainPart {
  return async (training) => {
    const { fit } = await import("../../core/train/loop/fit.js");
    const { planSteps } = await import("../../core/train/loop/steps.js");
    const { name, data, continues } = training;
    const { series } = await openCheckpoints(engine.spec, { ...saving, folder: path.join(saving.folder, name) });
    try {
      const { totalSteps, stepsPerEpoch } = planSteps(engine.spec.training, data.rows);
      const checkpoint = series.from?.checkpoint;
      const isDone = checkpoint !== undefined && checkpoint.progress.steps >= totalSteps;
      const save = await checkpointsOf(series, engine, { train: data, validation: null }, (text) => {
        if (!isDone) note(`${name}: ${text}`);
      });
      const before = continues === null ? undefined : path.join(saving.folder, continues);
      if (checkpoint === undefined) await start(engine, training);
      else await engine.restore(checkpoint.engine);
      if (isDone) return totalSteps;
      const extras = { findings: [], gatesHistory: [], conflicts: null, floor: null, mustSave: true };
      const { interrupted, record } = await fit(engine, data, null, {
        onNonFinite,
        from: checkpoint,
        start: before === undefined ? undefined : { weights: before, optimizer: before },
        checkpoint: {
          everySteps: saving.everySteps ?? Math.min(stepsPerEpoch, mostSteps),
          save: (each, last) => save(each, last, extras),
        },
      });
      return interrupted ? null : record.trainedSteps;
    } finally {
      await series.close();
    }
  };
}
