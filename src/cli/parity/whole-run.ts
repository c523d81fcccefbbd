/** Folders of the form of `golden/whole-run`: a training run of TorchEasyRec, followed from its weights and batches. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { specFromConfig } from "../../config/index.js";
import { batches, type EncodedData, encode, openTable } from "../../data/index.js";
import { createEngine } from "../../engine/create-engine.js";
import type { Engine, EngineName } from "../../engine/engine.js";
import type { ModelSpec } from "../../spec/index.js";
import { readSafetensors } from "../../train/safetensors.js";
import { type Check, compareNumber } from "./check.js";
import { evaluationLine } from "./evaluation.js";

/** Relative, of each loss at each step. */
const lossTolerance = 1e-4;
/** Absolute up to 1, relative above. */
const evaluationTolerance = 1e-4;

/** What a folder holds, read once for all engines. */
export interface WholeRun {
  readonly folder: string;
  readonly spec: ModelSpec;
  readonly train: EncodedData;
  readonly evaluation: EncodedData | null;
  readonly losses: readonly Readonly<Record<string, number>>[];
  readonly expected: Readonly<Record<string, number>>;
}

/** Reads a folder; `losses.json` or `eval.json` may be left out. */
export async function openWholeRun(folder: string): Promise<WholeRun> {
  const file = (name: string) => path.join(folder, name);
  const json = async (name: string) => (existsSync(file(name)) ? JSON.parse(await readFile(file(name), "utf8")) : null);
  const spec = specFromConfig(await readFile(file("pipeline.config"), "utf8"), { path: file("pipeline.config") });
  const data = async (name: string) => encode(await openTable(file(name)), spec);
  const expected = await json("eval.json");
  return {
    folder,
    spec,
    train: await data("train.parquet"),
    evaluation: expected === null ? null : await data("eval.parquet"),
    losses: (await json("losses.json")) ?? [],
    expected: expected ?? {},
  };
}

/** Follows the run on an engine: each step's losses, then the evaluation. */
export async function checkWholeRun(run: WholeRun, name: EngineName): Promise<Check[]> {
  const weights = await readSafetensors(path.join(run.folder, "init.safetensors"));
  const engine = await createEngine(run.spec, { engine: name, weights });
  try {
    const steps = await checkLosses(run, engine);
    return [...steps, ...(await checkEvaluation(run, engine))];
  } finally {
    await engine.dispose();
  }
}

async function checkLosses({ spec, train, losses }: WholeRun, engine: Engine): Promise<Check[]> {
  const { batchSize, dropRemainder, seed } = spec.training;
  const checks: Check[] = [];
  for (let epoch = 0; checks.length === 0 || engine.steps < losses.length; epoch++) {
    for (const batch of batches(train, { batchSize, dropRemainder, seed, epoch, shuffle: false })) {
      const expected = losses[engine.steps];
      if (expected === undefined) break;
      const step = engine.steps;
      const { taskLosses } = await engine.step(batch, epoch);
      for (const [name, loss] of Object.entries(expected)) {
        if (loss === null || name === "total_loss") continue;
        const allowed = lossTolerance * Math.abs(loss) || lossTolerance;
        checks.push(compareNumber(`losses[${step}].${name}`, taskLosses[name], loss, allowed));
      }
    }
    if (losses.length === 0) break;
  }
  return checks;
}

async function checkEvaluation({ spec, evaluation, expected }: WholeRun, engine: Engine): Promise<Check[]> {
  if (evaluation === null) return [];
  const { evalBatchSize, batchSize } = spec.training;
  const line = await evaluationLine(engine, evaluation, evalBatchSize ?? batchSize);
  return Object.entries(expected)
    .filter(([name, value]) => !name.startsWith("global_") && typeof value === "number")
    .map(([name, value]) =>
      compareNumber(`eval.${name}`, line.get(name), value, evaluationTolerance * Math.max(1, Math.abs(value))),
    );
}
