/** `fit(data, { seeds: 3 })`: models of three seeds, trained on the same rows, as one run whose logits are their mean. */
import type { Weights } from "../../engine/engine.js";
import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/model.js";
import { deepFreeze } from "../../util/random.js";
import { fixed } from "../../util/text.js";
import { mean } from "../../util/turns.js";
import { type DatasetSource, dataset } from "../data/dataset.js";
import { fittedSpec, heldOut } from "../data/held-out.js";
import type { EvaluationResult } from "../evaluation.js";
import { evaluateRows } from "../run/evaluate.js";
import { Run } from "../run/run.js";
import { type FitOptions, openEngine, runEngine } from "./engines.js";
import { trainModel } from "./fit.js";

const mostSeeds = 20;

/** Trains as many models, with seeds from that of the spec or the options on; see `Model.fit`. */
export async function trainSeeds<M>(
  spec: ModelSpec,
  asModel: (spec: ModelSpec) => M,
  source: DatasetSource,
  { seeds = 1, ...options }: FitOptions = {},
): Promise<Run<M>> {
  assertSeeds(seeds, options);
  if (seeds === 1) return (await trainModel(spec, asModel, source, options)).run;
  const { meanSpec, meanWeights } = await import("../../train/ensemble.js");
  meanSpec(spec, seeds); // refuses what has no mean before anything is trained
  const first = options.seed ?? spec.training.seed;
  const sets = await heldOut(spec, await dataset(source), options.validation);
  const described = await fittedSpec(spec, sets.train);
  const runs: Run<M>[] = [];
  const weights: Weights[] = [];
  for (let seed = first; seed < first + seeds && !runs.at(-1)?.interrupted; seed++) {
    const one = { ...options, validation: sets.validation, seed };
    const { run } = await trainModel(described, asModel, sets.train, one);
    runs.push(run);
    weights.push(await run.weights());
    await run.dispose();
  }
  const [{ spec: trained, history, floor, interrupted, gatesHistory, notes }] = runs as [Run<M>, ...Run<M>[]];
  const wide = deepFreeze(meanSpec(trained, runs.length));
  const { engine: name, threads } = options;
  const opened = await openEngine(wide, { engine: name, threads, weights: meanWeights(trained, weights) });
  const engine = await runEngine(opened, threads);
  const { validation } = sets;
  const evaluation =
    validation === null ? null : await evaluateRows({ spec: wide, engine, floor }, validation, { intervals: false });
  const alone = runs.map((run) => aucText(run.evaluation)).join(", ");
  const gain = evaluation === null ? "" : `: validation AUC ${aucText(evaluation)}; alone ${alone}`;
  return new Run({
    ...{ spec: wide, model: asModel(wide), history, evaluation, validation, gatesHistory, floor, engine },
    notes: [...sets.notes, ...notes, `the mean of ${runs.length} seeds${gain}`],
    interrupted: interrupted || runs.length < seeds,
  });
}

/** The mean AUC of the towers. */
function aucText(evaluation: EvaluationResult | null): string {
  const aucs = (evaluation?.tasks ?? []).map(({ overall }) => overall.auc).filter((auc) => auc !== null);
  return aucs.length === 0 ? "none" : fixed(mean(aucs));
}

function assertSeeds(seeds: number, { checkpoints }: FitOptions): void {
  if (!Number.isInteger(seeds) || seeds < 1 || seeds > mostSeeds) {
    const expected = `a whole number from 1 to ${mostSeeds}`;
    throw new SpecError({ path: "fit: seeds", message: "not a number of seeds", received: String(seeds), expected });
  }
  if (seeds > 1 && checkpoints !== undefined) {
    const message = "checkpoints belong to one training, and seeds are several";
    const fix = "leave checkpoints out, and save the run at the end: await run.save(folder)";
    throw new SpecError({ path: "fit: checkpoints", message, expected: "either checkpoints or seeds", fix });
  }
}
