/** Successive halving (Jamieson & Talwalkar, 2016). The verdicts are corrected for all initial variants. */

import { planSteps } from "../../train/index.js";
import { mean } from "../../util/sums.js";
import type { FinishedRun } from "../runs/study-run.js";
import { type Compared, scoreOf } from "../statistics/run-score.js";
import type { Variant } from "./design.js";

/** Settings of a halving study. */
export interface HalvingOptions {
  /** The factor η: one in η variants continues, trained η times as long. Default: 3. */
  readonly factor?: number;
}

export interface HalvingRound {
  readonly share: number;
  readonly variants: number;
}

/** The rounds of a study: as many as possible with at least one variant in the last, which trains to the end. */
export function halvingRounds(variants: number, factor = 3): HalvingRound[] {
  const rounds: number[] = [variants];
  while (rounds.at(-1)! > factor - 1 && rounds.length < 4) rounds.push(Math.ceil(rounds.at(-1)! / factor));
  return rounds.map((count, round) => ({ share: factor ** (round - rounds.length + 1), variants: count }));
}

export function shortened(variant: Variant, share: number, trainRows: number): Variant {
  if (share === 1) return variant;
  const { training } = variant.spec;
  const steps = Math.max(1, Math.round(planSteps(training, trainRows).totalSteps * share));
  return { ...variant, spec: { ...variant.spec, training: { ...training, epochs: null, steps } } };
}

export function survivors(
  variants: readonly Variant[],
  model: Variant,
  runs: readonly FinishedRun[],
  keep: number,
  compared: Compared,
): { readonly kept: readonly Variant[]; readonly behind: ReadonlyMap<string, number> } {
  const meanScore = (variant: Variant): number => {
    const scores = runs.filter((run) => run.variant.name === variant.name).map((run) => scoreOf(run, compared));
    const defined = scores.filter((score) => score !== null);
    return defined.length === 0 ? Number.NEGATIVE_INFINITY : mean(defined);
  };
  const base = meanScore(model);
  const ranked = [...variants].sort((a, b) => meanScore(b) - meanScore(a));
  const best = new Set(ranked.slice(0, keep));
  const dropped = ranked.slice(keep).map((variant): [string, number] => [variant.name, meanScore(variant) - base]);
  return { kept: variants.filter((variant) => best.has(variant)), behind: new Map(dropped) };
}

export function droppedIn(round: number, share: number, behind: ReadonlyMap<string, number>): [string, Dropped][] {
  return [...behind].map(([name, value]) => [name, { round, share, behind: value }]);
}

/** A variant that a halving study dropped. */
export interface Dropped {
  readonly round: number;
  readonly share: number;
  /** Mean score minus the model's in that round: AUC over tasks, higher is better. */
  readonly behind: number;
}
