/** Successive halving (Jamieson & Talwalkar, 2016). The verdicts are corrected for all initial variants. */

import type { DenseOptimizer, SparseOptimizer } from "../builder/optimizers.js";
import type { TrainOptions } from "../builder/with-training.js";
import type { Pooling } from "../spec/feature/feature.js";
import type { MlpSpec } from "../spec/mlp.js";
import type { EpnetSpec, GroupName, PpnetSpec, SwitchesSpec } from "../spec/model.js";
import { planSteps } from "../train/loop/steps.js";
import { mean } from "../util/turns.js";
import type { FinishedRun } from "./budget.js";
import type { Variant } from "./design.js";
import { type Compared, scoreOf } from "./statistics/verdict.js";

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

/**
 * The settings that a study can vary, by path, with the types of their values: a misspelt path or a wrong type does not
 * compile. `F`: the model's features; `T`: its towers; `*` means all of them.
 */

/** `epnet.gamma`, `ppnet.hidden` …; a dropout may be one ratio for all layers. */
export type ModuleSettings = {
  readonly [K in keyof EpnetSpec as `epnet.${K}`]: EpnetSpec[K];
} & {
  readonly [K in Exclude<keyof PpnetSpec, "dropout"> as `ppnet.${K}`]: PpnetSpec[K];
} & {
  /** One ratio for all of PPNet's layers, or one per layer. */
  readonly "ppnet.dropout": number | readonly number[];
};

/** `switches.gatePlacement`, `switches.epnet` … */
export type SwitchSettings = { readonly [K in keyof SwitchesSpec as `switches.${K}`]: SwitchesSpec[K] };

/** `train.batchSize`, `train.dense` …, and the optimisers' rates. The seed is not a setting: a study has several. */
export type TrainSettings = {
  readonly [K in Exclude<keyof TrainOptions, "seed" | "dense" | "sparse"> as `train.${K}`]-?: Exclude<
    TrainOptions[K],
    undefined
  >;
} & {
  readonly "train.dense": DenseOptimizer;
  readonly "train.sparse": SparseOptimizer;
  /** The dense optimiser's learning rate; keeps its other settings. */
  readonly "train.dense.lr": number;
  /** The sparse optimiser's learning rate; keeps its other settings. */
  readonly "train.sparse.lr": number;
};

/** `groups.uia`: the features of PPNet's gates; `groups.domain`, `groups.all`. */
export type GroupSettings<F extends string> = { readonly [K in GroupName as `groups.${K}`]: readonly F[] };

/** `towers.ctr.weight`, `towers.*.mlp.hidden` … */
export type TowerSettings<T extends string> = {
  readonly [K in `towers.${T | "*"}.weight`]: number;
} & {
  readonly [K in `towers.${T | "*"}.mlp.hidden`]: MlpSpec["hidden"];
} & {
  readonly [K in `towers.${T | "*"}.mlp.dropout`]: number | readonly number[];
} & {
  readonly [K in `towers.${T | "*"}.mlp.activation`]: string;
} & {
  readonly [K in `towers.${T | "*"}.mlp.${"batchNorm" | "layerNorm" | "bias"}`]: boolean;
} & {
  readonly [K in `towers.${T | "*"}.taskSpace.${"inWeight" | "outWeight"}`]: number;
};

/** `features.user_id.embeddingDim`, `features.*.embeddingDim` … */
export type FeatureSettings<F extends string> = {
  readonly [K in `features.${F | "*"}.embeddingDim`]: number;
} & {
  readonly [K in `features.${F | "*"}.pooling`]: Pooling;
} & {
  readonly [K in `features.${F}.boundaries`]: readonly number[];
};

/** Every setting of a model by its path. */
export type ModelSettings<F extends string, T extends string> = ModuleSettings &
  SwitchSettings &
  TrainSettings &
  GroupSettings<F> &
  TowerSettings<T> &
  FeatureSettings<F>;

/** The first segments of paths, reserved: custom variants cannot use these names. */
export type SettingRoot = "epnet" | "ppnet" | "switches" | "train" | "groups" | "towers" | "features";

/** Settings with lists of values. */
export type SettingAxes<F extends string, T extends string> = {
  readonly [P in keyof ModelSettings<F, T>]?: readonly ModelSettings<F, T>[P][];
};

/** Settings with one value each. */
export type SettingValues<F extends string, T extends string> = {
  readonly [P in keyof ModelSettings<F, T>]?: ModelSettings<F, T>[P];
};
