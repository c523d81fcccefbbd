/** Comparisons of equal models, whose trainings differ. */
import type { Comparison, Verdict } from "../../../src/core/metrics/comparison-verdict.js";
import { comparePredictions } from "../../../src/core/train/evaluate.js";
import { random } from "../../../src/core/util/random.js";
import { type Rate, triedRates } from "../../rates.js";
import { measuredRows, noisyPredictions, twoTasks } from "./measured.js";

/** Trainings of a model: its noise is part of every prediction, and each training adds its own to whole users, some more than others. */
function trainings(count: number, noise: number, seed: number, of: ReturnType<typeof measuredRows>) {
  return Array.from({ length: count }, (_, at) => {
    const source = random(seed + at);
    const size = 2.5 * source.uniform();
    const moods = Array.from({ length: 40 }, () => size * source.normal());
    const logits = of.logits.map((task) => task.map((logit, row) => logit + moods[row % 40]!));
    return noisyPredictions(logits, of.domains, () => noise, random(seed));
  });
}
export const compare = async (noises: readonly [number, number], count: number, seed: number) => {
  const sample = measuredRows(600, 100 + seed);
  const [firsts, seconds] = noises.map((noise, side) => trainings(count, noise, 5000 + 20 * seed + 10 * side, sample));
  return comparePredictions(twoTasks, sample.data, firsts![0]!, seconds![0]!, {
    draws: 60,
    more: [firsts!.slice(1), seconds!.slice(1)],
  });
};

/** [tasks][all rows, then domains] */
export function verdicts(comparison: Comparison, metric: "auc" | "logLoss"): (Verdict | undefined)[][] {
  return comparison.tasks.map(({ overall, domains }) =>
    [overall, ...domains].map((cell) => cell.metrics[metric]?.verdict),
  );
}

function has(comparison: Comparison, ...wanted: readonly Verdict[]): boolean {
  return verdicts(comparison, "auc")
    .flat()
    .some((verdict) => verdict !== undefined && wanted.includes(verdict));
}

/** Pairs of predictions that are equally good, with any difference in any cell. */
export async function equalPairs(): Promise<Rate> {
  const rule = { name: "pairs of equally good predictions that differ", of: 40, atMost: 4 };
  const [rate] = await triedRates([rule], async (seed) => {
    const sample = measuredRows(600, 99 + seed);
    const [one, other] = [0, 1].map((k) =>
      noisyPredictions(sample.logits, sample.domains, () => 0.8, random(998 + 2 * seed + k)),
    );
    const found = await comparePredictions(twoTasks, sample.data, one!, other!, { draws: 100 });
    return [has(found, "ahead", "behind")];
  });
  return rate!;
}

/** Three trainings of a model against three others of it; and pairs of these, which do differ. */
export async function equalModels(): Promise<{ readonly models: Rate; readonly pairs: number }> {
  let pairs = 0;
  const rule = { name: "models with three trainings each that differ from themselves", of: 60, atMost: 7 };
  const [models] = await triedRates([rule], async (seed) => {
    return [has(await compare([0.8, 0.8], 3, seed - 1), "won", "lost")];
  });
  for (let seed = 0; seed < rule.of; seed++) {
    const pair = await compare([0.8, 0.8], 1, seed);
    if (has(pair, "won", "lost")) throw new Error("a pair of trainings says something of models");
    if (has(pair, "ahead", "behind")) pairs++;
  }
  return { models: models!, pairs };
}
