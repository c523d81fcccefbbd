/** Runs the statistics of a study on simulated runs. */

import type { Ends } from "../../src/core/metrics/intervals/normal.js";
import { groupNoise, type SeedNoise } from "../../src/lab/ablation/statistics/group-noise.js";
import { type Confidence, intervalOf } from "../../src/lab/ablation/statistics/power.js";
import { type DifferenceNoise, differenceNoise } from "../../src/lab/ablation/statistics/verdict.js";
import type { SimulatedRun, SimulatedStudy, World } from "./worlds.js";

/** A comparison of a simulated study. */
export interface SimulatedComparison {
  readonly noise: DifferenceNoise;
  readonly seeds: SeedNoise;
}

/** [tasks][variants]: comparisons with the model; a variant may have fewer seeds than the model. */
function comparisonsByTask(study: SimulatedStudy): SimulatedComparison[][] {
  return study.map(([model, ...variants]) => {
    const bySeed = (runs: readonly SimulatedRun[]) => new Map(runs.map(({ value }, seed) => [seed, value]));
    const noise = groupNoise({ model: bySeed(model!), variants: variants.map(bySeed) });
    return variants.map((runs, at) => ({
      seeds: noise[at]!,
      noise: differenceNoise({
        values: runs.map(({ value }, seed) => value - model![seed]!.value),
        draws: runs.map(({ draws = [] }, seed) => draws.map((draw, place) => draw - model![seed]!.draws![place]!)),
      }),
    }));
  });
}

/** The comparisons of every task's variants with its model. */
export function simulatedComparisons(study: SimulatedStudy): SimulatedComparison[] {
  return comparisonsByTask(study).flat();
}

/** [tasks][variants]: intervals at a confidence. */
export function intervalsAt(study: SimulatedStudy, confidence: Confidence): Ends[][] {
  return comparisonsByTask(study).map((task) =>
    task.map(({ noise, seeds }) => {
      return intervalOf(noise.mean + seeds.shift, { seeds, rowsVariance: noise.rowsVariance }, confidence);
    }),
  );
}

/** The intervals of all comparisons. */
export function simulatedIntervals(study: SimulatedStudy, level = 0.95): Ends[] {
  const groups = study.length;
  return intervalsAt(study, { level, comparisons: groups * (study[0]!.length - 1), groups }).flat();
}

/** What many studies of a world say. */
export interface WorldVerdicts {
  /** Number of studies with any false verdict. */
  readonly wrong: number;
  /** Share of all intervals that cover 0. */
  readonly covered: number;
  /** Median half-width. */
  readonly halfWidth: number;
}

/** Repeats a world's study. */
export function repeated(world: World, studies: number): WorldVerdicts {
  let [wrong, covered] = [0, 0];
  const halves: number[] = [];
  for (let study = 0; study < studies; study++) {
    const intervals = simulatedIntervals(world(study + 1));
    const missed = intervals.filter(({ low, high }) => low > 0 || high < 0).length;
    halves.push(...intervals.map(({ low, high }) => (high - low) / 2));
    covered += intervals.length - missed;
    if (missed > 0) wrong++;
  }
  return { wrong, covered: covered / halves.length, halfWidth: quantileOf(halves, 0.5) };
}

/** The share of studies that find a true difference of `effect` between the model and its last variant, in task 1. */
export function powerIn(world: World, effect: number, studies: number, level = 0.95): number {
  let detected = 0;
  for (let study = 0; study < studies; study++) {
    const [first, ...tasks] = world(study + 1);
    const last = first!.length - 1;
    const changed = first!.map((runs, model) =>
      model < last ? runs : runs.map((run) => ({ ...run, value: run.value + effect })),
    );
    if (simulatedIntervals([changed, ...tasks], level)[last - 1]!.low > 0) detected++;
  }
  return detected / studies;
}

/** The value below which a share of the values is. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
