/** The options of the parts of a spec, with the names of TorchEasyRec's fields. */
import type { NumberProjection } from "./feature/feature.js";
import type { SequenceEncoderSpec } from "./feature/sequence.js";
import type { MlpSpec } from "./mlp.js";
import type { EpnetSpec, PpnetSpec, TaskSpaceSpec, TowerSpec } from "./model.js";
import {
  flag,
  type KindOptions,
  number,
  numbers,
  type OptionsOf,
  oneOf,
  optionalNumber,
  optionalText,
  positive,
  share,
  text,
} from "./option.js";
import type {
  DenseOptimizerSpec,
  GradClippingSpec,
  LearningRateSpec,
  SparseOptimizerSpec,
  TrainingSpec,
} from "./training.js";

const atLeast0 = { least: 0 };
const above0 = { above: 0 };
const count = { least: 0, integer: true };

export const mlpOptions: OptionsOf<MlpSpec> = {
  hidden: numbers(positive, "hidden_units"),
  dropout: numbers(share, "dropout_ratio"),
  activation: text(),
  batchNorm: flag("use_bn"),
  layerNorm: flag("use_ln"),
  bias: flag(),
};

export const epnetOptions: OptionsOf<EpnetSpec> = {
  hidden: optionalNumber(positive, "epnet_hidden_unit"),
  gamma: number(above0, "epnet_gamma"),
};

export const ppnetOptions: OptionsOf<PpnetSpec> = {
  hidden: numbers(positive, "ppnet_hidden_units"),
  activation: text("ppnet_activation"),
  dropout: numbers(share, "ppnet_dropout_ratio"),
  gamma: number(above0, "ppnet_gamma"),
};

export const towerOptions: OptionsOf<Pick<TowerSpec, "name" | "label" | "numClass" | "weight" | "sampleWeight">> = {
  name: text("tower_name"),
  label: text("label_name"),
  numClass: number(positive),
  weight: number(atLeast0),
  sampleWeight: optionalText("sample_weight_name"),
};

export const taskSpaceOptions: OptionsOf<TaskSpaceSpec> = {
  indicatorLabel: text("task_space_indicator_label"),
  inWeight: number(atLeast0, "in_task_space_weight"),
  outWeight: number(atLeast0, "out_task_space_weight"),
};

export const projectionOptions: KindOptions<NumberProjection> = {
  autodis: { channels: number(positive, "num_channels"), temperature: number(above0), keepProb: number({}) },
  mlp: {},
};

const cut = { maxLength: number(count, "max_seq_length") };

/** The options of each encoder, without the input and the MLP. */
export const encoderOptions: KindOptions<SequenceEncoderSpec, "input" | "mlp" | "extra"> = {
  din: cut,
  simple_attention: cut,
  pooling: { ...cut, pooling: oneOf(["sum", "mean"], "pooling_type") },
  multi_window_din: { windows: numbers(positive, "windows_len") },
  self_attention: {
    ...cut,
    dim: number(positive, "multihead_attn_dim"),
    heads: number(positive, "num_heads"),
    dropout: number(share),
  },
};

const lr = number(atLeast0); // 0 freezes the part
const eps = number(atLeast0);
const weightDecay = number(atLeast0);
const initialAccumulator = number(atLeast0, "initial_accumulator_value");
const moments = { lr, beta1: number(share), beta2: number(share), weightDecay };
const adam = { ...moments, eps, amsgrad: flag() };

export const denseOptions: KindOptions<DenseOptimizerSpec> = {
  sgd: { lr, momentum: number(atLeast0), weightDecay, dampening: number(), nesterov: flag() },
  adagrad: { lr, weightDecay, initialAccumulator, eps },
  adam,
  adamw: adam,
  adadelta: { lr, rho: number({ least: 0, most: 1 }), eps, weightDecay },
  rmsprop: { lr, alpha: number(atLeast0), eps, weightDecay },
};

/** A sparse optimiser that the engine computes. */
export type KnownSparseOptimizer = Exclude<SparseOptimizerSpec, { readonly kind: "other" }>;

/** `maxGradient` needs a second field in configs, which turns it on. */
export const sparseOptions: KindOptions<KnownSparseOptimizer, "maxGradient"> = {
  sgd: { lr },
  adagrad: { lr, initialAccumulator },
  rowwise_adagrad: { lr, weightDecay, weightDecayMode: oneOf(["NONE", "L2", "DECOUPLE"]) },
  adam: moments,
  partial_rowwise_adam: moments,
};

const warmup = {
  warmupSize: number(count),
  warmupLearningRate: number(atLeast0),
  minLearningRate: number(atLeast0),
  byEpoch: flag(),
};

export const learningRateOptions: KindOptions<LearningRateSpec> = {
  constant: {},
  exponential_decay: { decaySize: number(positive), decayFactor: number(above0), staircase: flag(), ...warmup },
  manual_step: { scheduleSizes: numbers(), learningRates: numbers(atLeast0), warmup: flag(), byEpoch: flag() },
  cosine_annealing: { tMax: number(positive, "T_max"), ...warmup },
  cosine_annealing_warm_restarts: { t0: number(positive, "T_0"), tMult: number(positive, "T_mult"), ...warmup },
};

export const clippingOptions: OptionsOf<GradClippingSpec> = {
  type: oneOf(["norm", "value"], "clipping_type"),
  maxGradient: number(above0),
  normType: number(above0),
  global: flag("enable_global_grad_clip"),
};

/** Optional training settings: their value in a spec, the builder's name for their absence, and an error. */
export const trainingSwitches: Readonly<
  Record<
    "like" | "outputBias" | "lossWeights",
    { readonly value: string; readonly usual?: string; readonly error: string }
  >
> = {
  like: { value: "torcheasyrec", error: "not a program whose departures are known" },
  outputBias: { value: "rate", usual: "random", error: "not a start of the outputs" },
  lossWeights: { value: "pareto", usual: "constant", error: "not a way to weigh losses" },
};

/** The plain numbers of training, in the order in which their problems are listed. */
export const trainingOptions: OptionsOf<
  Pick<TrainingSpec, "batchSize" | "evalBatchSize" | "seed" | "emaDecay" | "gradientAccumulation">
> = {
  batchSize: optionalNumber(positive),
  evalBatchSize: optionalNumber(positive),
  seed: number(count),
  emaDecay: optionalNumber(share),
  gradientAccumulation: number(positive),
};
