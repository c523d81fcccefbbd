/**
 * Where a small default fit's CPU time goes: each of its parts alone, and the whole, alternated in a warm process. The
 * parts that only a study or `run.evaluate` has are beside them.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { trainingFloor } from "../src/api/training/checkpoints.js";
import { batches } from "../src/core/data/encoded/batches.js";
import type { EncodedData } from "../src/core/data/encoded/encoded.js";
import { createEngine } from "../src/core/engine/create-engine.js";
import type { StepResult } from "../src/core/engine/engine.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { resolveTraining } from "../src/core/spec/training.js";
import { evaluate, measurePredictions, predict } from "../src/core/train/evaluate.js";
import { progressTeller, Recorder } from "../src/core/train/loop/recorder.js";
import { batchOptions, planSteps } from "../src/core/train/loop/steps.js";
import { inTurns } from "../src/core/util/turns.js";
import { type Dataset, dataset, movielens100k } from "../src/index.js";
import { drawingMetrics } from "../src/lab/ablation/statistics/metric-draws.js";
import type { Measurement, Report } from "./figure.js";
import { projectFolder } from "./models.js";
import { writeMovielensLike } from "./movielens-like.js";
import { cost, median, type Work } from "./timing.js";
import { movielensModel } from "./together-study.js";

const batchSize = 256;
const stepsAtOnce = 16;
const rounds = 5;
/** Counts what the process has not seen before. */
let [others, structures] = [0, 0];
const movielens = path.resolve(projectFolder, "..", "shared", "data", "ml-100k");

/** `fit-overhead`, on a generated log and on MovieLens-100K of `../shared`. */
export const fitOverheadMeasurement: Measurement = {
  name: "fit-overhead",
  async run(report) {
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-"));
    try {
      const log = path.join(folder, "log");
      mkdirSync(log);
      writeMovielensLike(log);
      await measure("generated", log, folder, report);
      if (existsSync(movielens)) await measure("movielens", movielens, folder, report);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measure(name: string, log: string, folder: string, report: Report): Promise<void> {
  const model = movielensModel(batchSize);
  let sets = await opened(log);
  let run = await model.fit(sets.train, { validation: sets.validation, quiet: true });
  const evaluations = run.history.evaluations.length;
  const { parts, beside, close } = await works(model.spec, sets, evaluations);
  const candidates: Readonly<Record<string, Work>> = {
    "open-and-encode": async () => {
      sets = await opened(log);
      await encoded(sets, model.spec);
    },
    fit: async () => {
      await run.dispose();
      run = await model.fit(sets.train, { validation: sets.validation, quiet: true });
    },
    ...parts,
    ...beside,
    saving: () => run.save(path.join(folder, `${name}-${saved++}`)),
  };
  let saved = 0;
  const times = new Map<string, number[]>(Object.keys(candidates).map((part) => [part, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [part, work] of Object.entries(candidates)) {
      const { cpu } = await cost(work);
      if (round >= 0) times.get(part)!.push(cpu);
    }
  }
  await Promise.all([run.dispose(), close()]);
  const of = (part: string): number => median(times.get(part)!);
  for (const part of Object.keys(candidates)) report(`fit-overhead.${name}.${part}`, of(part), "ms");
  const sum = Object.keys(parts).reduce((total, part) => total + of(part), 0);
  for (const part of Object.keys(parts)) report(`fit-overhead.${name}.${part}-over-fit`, of(part) / of("fit"), "ratio");
  report(`fit-overhead.${name}.rest-over-fit`, 1 - sum / of("fit"), "ratio");
}

type Sets = { readonly train: Dataset; readonly validation: Dataset };

async function opened(log: string): Promise<Sets> {
  const ratings = await dataset(await movielens100k(log));
  return ratings.split({ train: 9, validation: 1 }, { by: { time: "timestamp" } });
}

async function encoded({ train, validation }: Sets, spec: ModelSpec) {
  const rows = { train: await train.encode(spec), validation: await validation.encode(spec) };
  return { train: rows.train as EncodedData, validation: rows.validation as EncodedData, notes: [] };
}

/** Parts of a fit on encoded rows, and what is not part of one. */
async function works(spec: ModelSpec, sets: Sets, evaluations: number) {
  const rows = await encoded(sets, spec);
  const training = resolveTraining(spec.training, rows.train.rows);
  const { totalSteps, stepsPerEpoch } = planSteps(training, rows.train.rows);
  const engine = await createEngine(spec, { seed: 1 });
  const results: StepResult[] = [];
  const epoch = (index: number) => [...batches(rows.train, batchOptions(training, index))];
  const open = async (model: ModelSpec) => {
    const other = await createEngine(model, { seed: 1, prepare: true });
    await other.train(epoch(0).slice(0, 1), 0);
    await other.dispose();
  };
  const predictions = await predict(engine, rows.validation);
  const draws = { draws: 200, users: null };
  return {
    close: () => engine.dispose(),
    parts: {
      "engine-opened-again": () => open(spec),
      floor: () => trainingFloor(withOtherNames(spec), rows, Number.POSITIVE_INFINITY),
      steps: async () => {
        results.length = 0;
        for (let index = 0; results.length < totalSteps; index++) {
          const steps = epoch(index);
          for (let at = 0; at < steps.length; at += stepsAtOnce)
            results.push(...(await engine.train(steps.slice(at, at + stepsAtOnce), index)));
        }
      },
      evaluations: async () => {
        for (let done = 0; done < evaluations; done++) await evaluate(engine, rows.validation);
      },
      history: async () => {
        const record = new Recorder(totalSteps, () => performance.now() / 1000);
        const tell = progressTeller(record, totalSteps, () => undefined);
        for (const [at, result] of results.entries()) {
          record.step(result, batchSize, (at + 1) / stepsPerEpoch, at + 1 === totalSteps);
          tell((at + 1) / stepsPerEpoch, null, false, false);
        }
      },
    },
    beside: {
      "engine-of-a-new-structure": () => open({ ...spec, ppnet: { ...spec.ppnet, hidden: [32, 17 + structures++] } }),
      "floor-again": () => trainingFloor(withOtherNames(spec, others - 1), rows, Number.POSITIVE_INFINITY),
      measured: () => measurePredictions(spec, rows.validation, predictions),
      "measured-with-intervals": () => measurePredictions(spec, rows.validation, predictions, { intervals: {} }),
      "draws-of-a-study": () => inTurns(drawingMetrics(spec, rows.validation, predictions, draws)),
    },
  };
}

/** A fit on the last rows and tasks uses their floor again. */
function withOtherNames(spec: ModelSpec, suffix = others++): ModelSpec {
  return { ...spec, towers: spec.towers.map((tower) => ({ ...tower, name: `${tower.name} ${suffix}` })) };
}
