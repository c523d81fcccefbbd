/** Settings that a study can vary, by path, with their types. `F`: features; `T`: towers; `*`: all of them. */
import type { DenseOptimizer, SparseOptimizer } from "../../core/builder/optimizers.js";
import type { TrainOptions } from "../../core/builder/with-training.js";
import type { Pooling } from "../../core/spec/feature/feature.js";
import type { MlpSpec } from "../../core/spec/mlp.js";
import type { EpnetSpec, GroupName, PpnetSpec, SwitchesSpec } from "../../core/spec/model.js";

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
  readonly "train.dense.lr": number;
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
