/** `model.fit(data, { seeds })`: several trainings as one run, whose logits are their mean. */
import path from "node:path";
import type { Weights } from "../../core/engine/engine.js";
import { SpecError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { assertCount } from "../../core/spec/validate/checks.js";
import { meanRecord } from "../../core/train/training-record.js";
import { orInTime, uninterrupted, withSignal } from "../../core/util/interrupt.js";
import { deepFreeze } from "../../core/util/json.js";
import { mean } from "../../core/util/numbers.js";
import { fixed } from "../../core/util/text.js";
import { type Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { fittedSpec, heldOut } from "../data/held-out.js";
import { EvaluationResult } from "../evaluation.js";
import { type AsRunModel, Run } from "../run/run.js";
import { type FitOptions, openEngine, runEngine } from "./engines.js";
import { trainModel } from "./fit.js";

const mostSeeds = 20;

/** Trains `seeds` models as one run, with consecutive seeds from that of the options or the spec; see `Model.fit`. */
export async function trainSeeds<M>(
  spec: ModelSpec,
  asModel: AsRunModel<M>,
  source: DatasetSource,
  { seeds = 1, signal, ...options }: FitOptions = {},
): Promise<Run<M>> {
  if (options.cache === true) {
    const { cachedFit } = await import("./fit-cache.js");
    const train = (data: Dataset, others: FitOptions) => trainSeeds(spec, asModel, data, others);
    return withSignal(signal, () => cachedFit(spec, asModel, source, { ...options, seeds }, train));
  }
  if (seeds === 1) return (await trainModel(spec, asModel, source, { ...options, signal })).run;
  assertSeeds(seeds, options);
  return withSignal(signal, () => trainSeveral(spec, asModel, source, seeds, options));
}

async function trainSeveral<M>(
  spec: ModelSpec,
  asModel: AsRunModel<M>,
  source: DatasetSource,
  seeds: number,
  options: FitOptions,
): Promise<Run<M>> {
  const { meanSpec, meanWeights } = await import("../../core/train/ensemble.js");
  const { evaluateRows } = await import("../run/evaluate.js");
  meanSpec(spec, seeds); // rejects what has no mean before anything is trained
  const first = options.seed ?? spec.training.seed;
  const seeded = { ...spec, training: { ...spec.training, seed: first } };
  const sets = await heldOut(seeded, await dataset(source), options.validation);
  const described = await fittedSpec(spec, sets.train);
  const runs: Run<M>[] = [];
  const weights: Weights[] = [];
  for (let seed = first; seed < first + seeds && !runs.at(-1)?.interrupted; seed++) {
    const tensorboard = options.tensorboard && path.join(options.tensorboard, `seed-${seed}`);
    const alone = { ...options, validation: sets.validation, seed, tensorboard };
    const { run } = await trainModel(described, asModel, sets.train, alone);
    runs.push(run);
    weights.push(await run.weights());
    await run.dispose();
  }
  const { spec: trained, history, floor, gatesHistory, trainingConflicts, notes } = runs[0]!;
  const record = meanRecord(runs.flatMap((run) => run.record ?? []));
  const wide = deepFreeze(meanSpec(trained, runs.length));
  const { engine: name, threads } = options;
  const joint = { engine: name, threads, weights: meanWeights(trained, weights) };
  const engine = await runEngine(await uninterrupted(() => openEngine(wide, joint)), threads);
  const { validation } = sets;
  const subject = { spec: wide, engine, floor, training: { table: null, recorded: null } };
  const measured = { intervals: false, metrics: options.metrics };
  const evaluation =
    validation &&
    (await orInTime(async () => new EvaluationResult(...(await evaluateRows(subject, validation, measured)))));
  const auc = (each: EvaluationResult | null) => mean((each?.tasks ?? []).flatMap(({ overall }) => overall.auc ?? []));
  const [together, ...alone] = [evaluation, ...runs.map((run) => run.evaluation)].map((each) => fixed(auc(each)));
  const gain = Number.isNaN(auc(evaluation)) ? "" : `: validation AUC ${together}; alone ${alone.join(", ")}`;
  return new Run({
    spec: wide,
    model: asModel(wide, record),
    record,
    history,
    evaluation,
    validation,
    gatesHistory,
    trainingConflicts,
    floor,
    engine,
    notes: [...sets.notes, ...notes, `the mean of ${runs.length} seeds${gain}`],
    interrupted: runs.at(-1)!.interrupted,
    shown: runs.flatMap((run) => run.shown),
  });
}

function assertSeeds(seeds: number, { checkpoints }: FitOptions): void {
  assertCount("fit: seeds", seeds, SpecError, mostSeeds);
  if (checkpoints === undefined) return;
  const message = "checkpoints belong to one training, and seeds are several";
  const fix = "leave checkpoints out, and save the run at the end: await run.save(folder)";
  throw new SpecError({ path: "fit: checkpoints", message, expected: "either checkpoints or seeds", fix });
}
