/** Converts `TrainConfig` to a spec and back. */

import type { Problem } from "../../errors/index.js";
import { constrainedPlacement } from "../../spec/memory.js";
import { emptySpec } from "../../spec/model.js";
import {
  type DenseOptimizerSpec,
  type GradClippingSpec,
  isAutomaticLength,
  type LearningRateSpec,
  mostEpochs,
  type PartOptimizerSpec,
  type SparseOptimizerSpec,
  type TablePlacement,
  type TrainingSpec,
} from "../../spec/training.js";
import type { Json, JsonObject } from "../../util/random.js";
import { compact, type Fields, type Writable } from "./fields.js";

/** Converts learning rates (`ExponentialDecayLR` and its siblings) to a spec and back. */

const names = {
  constant: "constant_learning_rate",
  exponential_decay: "exponential_decay_learning_rate",
  manual_step: "manual_step_learning_rate",
  cosine_annealing: "cosine_annealing_learning_rate",
  cosine_annealing_warm_restarts: "cosine_annealing_warm_restarts_learning_rate",
} as const;

/** Whether an optimiser has a separate schedule. */
export function hasLearningRate(optimizer: Fields): boolean {
  return optimizer.which(Object.values(names)) !== null;
}

/** Converts the learning rate of an optimiser message; the default is constant. */
export function readLearningRate(optimizer: Fields): LearningRateSpec {
  const name = optimizer.which(Object.values(names));
  if (name === null || name === names.constant) {
    optimizer.take(names.constant);
    return { kind: "constant" };
  }
  const rate = optimizer.child(name);
  if (name === names.manual_step) {
    return {
      kind: "manual_step",
      scheduleSizes: rate.numbers("schedule_sizes"),
      learningRates: rate.numbers("learning_rates"),
      warmup: rate.flag("warmup"),
      byEpoch: rate.flag("by_epoch"),
    };
  }
  const warmup = {
    minLearningRate: rate.number("min_learning_rate"),
    warmupLearningRate: rate.number("warmup_learning_rate"),
    warmupSize: rate.number("warmup_size"),
    byEpoch: rate.flag("by_epoch"),
  };
  if (name === names.exponential_decay) {
    return {
      kind: "exponential_decay",
      decaySize: rate.number("decay_size"),
      decayFactor: rate.number("decay_factor"),
      staircase: rate.flag("staircase"),
      ...warmup,
    };
  }
  if (name === names.cosine_annealing) return { kind: "cosine_annealing", tMax: rate.number("T_max"), ...warmup };
  return { kind: "cosine_annealing_warm_restarts", t0: rate.number("T_0"), tMult: rate.number("T_mult"), ...warmup };
}

/** Returns the oneof field for an optimiser message. */
export function writeLearningRate(rate: LearningRateSpec): JsonObject {
  return { [names[rate.kind]]: rateMessage(rate) };
}

function rateMessage(rate: LearningRateSpec): JsonObject {
  switch (rate.kind) {
    case "constant":
      return {};
    case "manual_step":
      return compact("ManualStepLR", {
        schedule_sizes: rate.scheduleSizes,
        learning_rates: rate.learningRates,
        warmup: rate.warmup,
        by_epoch: rate.byEpoch,
      });
    case "exponential_decay":
      return compact("ExponentialDecayLR", {
        decay_size: rate.decaySize,
        decay_factor: rate.decayFactor,
        staircase: rate.staircase,
        ...warmupFields(rate),
      });
    case "cosine_annealing":
      return compact("CosineAnnealingLR", { T_max: rate.tMax, ...warmupFields(rate) });
    case "cosine_annealing_warm_restarts":
      return compact("CosineAnnealingWarmRestartsLR", { T_0: rate.t0, T_mult: rate.tMult, ...warmupFields(rate) });
  }
}

function warmupFields(rate: Exclude<LearningRateSpec, { kind: "constant" | "manual_step" }>): JsonObject {
  return {
    warmup_learning_rate: rate.warmupLearningRate,
    warmup_size: rate.warmupSize,
    min_learning_rate: rate.minLearningRate,
    by_epoch: rate.byEpoch,
  };
}

/** Converts dense and sparse optimisers to a spec and back. */

/** Dense optimisers: the field, its message, and the spec's setting for each of its fields. */
const dense: Readonly<Record<DenseOptimizerSpec["kind"], OptimizerTable>> = {
  sgd: table("SGDOptimizer", {
    momentum: "momentum",
    weight_decay: "weightDecay",
    dampening: "dampening",
    nesterov: "nesterov",
  }),
  adagrad: table("AdagradOptimizer", {
    weight_decay: "weightDecay",
    initial_accumulator_value: "initialAccumulator",
    eps: "eps",
  }),
  adam: table("AdamOptimizer", adamFields()),
  adamw: table("AdamWOptimizer", adamFields()),
  adadelta: table("AdadeltaOptimizer", { rho: "rho", eps: "eps", weight_decay: "weightDecay" }),
  rmsprop: table("RMSpropOptimizer", { alpha: "alpha", eps: "eps", weight_decay: "weightDecay" }),
};

/** The supported sparse optimisers. */
const sparse: Readonly<Record<Exclude<SparseOptimizerSpec["kind"], "other">, OptimizerTable>> = {
  sgd: table("FusedSGDOptimizer", {}),
  adagrad: table("FusedAdagradOptimizer", { initial_accumulator_value: "initialAccumulator" }),
  rowwise_adagrad: table("FusedRowWiseAdagradOptimizer", {
    weight_decay: "weightDecay",
    weight_decay_mode: "weightDecayMode",
  }),
  adam: table("FusedAdamOptimizer", { beta1: "beta1", beta2: "beta2", weight_decay: "weightDecay" }),
  partial_rowwise_adam: table("FusedPartialRowWiseAdamOptimizer", {
    beta1: "beta1",
    beta2: "beta2",
    weight_decay: "weightDecay",
  }),
};

/** Sparse optimisers that are kept unchanged. */
const otherSparse = [
  "lars_sgd_optimizer",
  "lamb_optimizer",
  "partial_rowwise_lamb_optimizer",
  "adadelta_optimizer",
  "rmsprop_optimizer",
] as const;

interface OptimizerTable {
  readonly message: string;
  /** Maps TorchEasyRec's field to the spec's setting; all have `lr`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Converts the dense optimiser of a `DenseOptimizer` or `PartOptimizer`; `null` if it has none. */
export function readDenseOptimizer(holder: Fields): DenseOptimizerSpec | null {
  const kind = findKind(holder, dense);
  if (kind === null) return null;
  const fields = holder.child(`${kind}_optimizer`);
  return { kind, ...readSettings(fields, dense[kind]) } as unknown as DenseOptimizerSpec;
}

/** Returns the oneof field for a dense optimiser. */
export function writeDenseOptimizer(optimizer: DenseOptimizerSpec): JsonObject {
  return { [`${optimizer.kind}_optimizer`]: writeSettings(optimizer, dense[optimizer.kind]) };
}

/** Converts the sparse optimiser of a `SparseOptimizer`; `null` if it has none. */
export function readSparseOptimizer(holder: Fields): SparseOptimizerSpec | null {
  const other = holder.which(otherSparse);
  if (other !== null) return { kind: "other", field: other, config: holder.take(other) as JsonObject };
  const kind = findKind(holder, sparse);
  if (kind === null) return null;
  const fields = holder.child(`${kind}_optimizer`);
  const clips = fields.has("gradient_clipping") && fields.flag("gradient_clipping");
  const maxGradient = clips ? fields.number("max_gradient") : null;
  return { kind, ...readSettings(fields, sparse[kind]), maxGradient } as unknown as SparseOptimizerSpec;
}

/** Returns the oneof field for a sparse optimiser. */
export function writeSparseOptimizer(optimizer: SparseOptimizerSpec): JsonObject {
  if (optimizer.kind === "other") return { [optimizer.field]: optimizer.config };
  const { maxGradient } = optimizer;
  const clipping: JsonObject = maxGradient === null ? {} : { gradient_clipping: true, max_gradient: maxGradient };
  return { [`${optimizer.kind}_optimizer`]: { ...writeSettings(optimizer, sparse[optimizer.kind]), ...clipping } };
}

function table(message: string, settings: Readonly<Record<string, string>>): OptimizerTable {
  return { message, settings: { lr: "lr", ...settings } };
}

function adamFields(): Readonly<Record<string, string>> {
  return { beta1: "beta1", beta2: "beta2", weight_decay: "weightDecay", eps: "eps", amsgrad: "amsgrad" };
}

function findKind<K extends string>(holder: Fields, tables: Readonly<Record<K, OptimizerTable>>): K | null {
  const kinds = Object.keys(tables) as K[];
  return kinds.find((kind) => holder.has(`${kind}_optimizer`)) ?? null;
}

function readSettings(fields: Fields, { settings }: OptimizerTable): Record<string, Json> {
  return Object.fromEntries(Object.entries(settings).map(([field, setting]) => [setting, readSetting(fields, field)]));
}

function readSetting(fields: Fields, field: string): Json {
  if (field === "nesterov" || field === "amsgrad") return fields.flag(field);
  return field === "weight_decay_mode" ? fields.text(field) : fields.number(field);
}

function writeSettings(optimizer: object, { message, settings }: OptimizerTable): JsonObject {
  const values = optimizer as Writable;
  return compact(
    message,
    Object.fromEntries(Object.entries(settings).map(([field, setting]) => [field, values[setting]])),
  );
}

const canonical: Readonly<Record<TablePlacement, JsonObject | null>> = {
  sparse: { sharding_types: ["table_wise"], compute_kernels: ["fused"] },
  planner: null,
  dense: { sharding_types: ["data_parallel"], compute_kernels: ["dense"] },
};

/** The placement that constraints allow; impossible constraints are rejected when a model is built from them. */
export function readPlacement(constraints: JsonObject | undefined): TablePlacement {
  return constrainedPlacement(constraints ?? {}) ?? "planner";
}

/** Whether these are the constraints that an export writes for their placement. */
export function isCanonicalPlacement(constraints: JsonObject): boolean {
  return JSON.stringify(constraints) === JSON.stringify(canonical[readPlacement(constraints)]);
}

/** Returns the constraints for a placement: those of the opened config if they still match. */
export function placementConstraints(placement: TablePlacement, opened: JsonObject | undefined): JsonObject | null {
  return opened !== undefined && readPlacement(opened) === placement ? opened : canonical[placement];
}

/** The parts of a {@link TrainingSpec} from `train_config`. */
export type TrainConfigPart = Omit<TrainingSpec, "batchSize" | "evalBatchSize" | "seed" | "shuffle" | "dropRemainder">;

/** The training settings of a config without `train_config`: this library's defaults. */
export const defaultTraining: TrainingSpec = emptySpec.training;

/** Converts `train_config` and keeps unread fields. */
export function readTrainConfig(train: Fields, problems: Problem[]): { part: TrainConfigPart; kept: JsonObject } {
  const sparse = train.child("sparse_optimizer");
  const dense = train.child("dense_optimizer");
  const partRests: Json[] = [];
  const denseLearningRate = readLearningRate(dense);
  const part: TrainConfigPart = {
    epochs: train.optionalNumber("num_epochs") || null,
    steps: train.optionalNumber("num_steps") || null,
    sparse: readSparseOptimizer(sparse) ?? missing("sparse", problems, defaultTraining.sparse),
    sparseLearningRate: readLearningRate(sparse),
    dense: readDenseOptimizer(dense) ?? missing("dense", problems, defaultTraining.dense),
    denseLearningRate,
    partOptimizers: dense
      .items("part_optimizers")
      .map((item, index) => readPart(item, index, denseLearningRate, partRests, problems)),
    emaDecay: dense.has("ema") ? dense.child("ema").number("decay") : null,
    gradientAccumulation: train.number("gradient_accumulation_steps") || 1,
    gradClipping: readClipping(train, problems),
    tablePlacement: readPlacement(train.has("global_embedding_constraints") ? peekConstraints(train) : undefined),
  };
  const rest: JsonObject = partRests.length === 0 ? {} : { dense_optimizer: { part_optimizers: partRests } };
  return { part, kept: rest };
}

/** Consumes constraints that an export would write itself; others are kept. */
function peekConstraints(train: Fields): JsonObject {
  const constraints = train.rest()["global_embedding_constraints"] as JsonObject;
  if (isCanonicalPlacement(constraints)) train.take("global_embedding_constraints");
  return constraints;
}

function missing<T>(which: "sparse" | "dense", problems: Problem[], instead: T): T {
  problems.push({
    path: `train_config.${which}_optimizer`,
    message: `the ${which} optimizer is missing`,
    received: "a message without an optimizer",
    expected: `an optimizer such as ${which === "sparse" ? "adagrad_optimizer { lr: 0.05 }" : "adam_optimizer { lr: 0.001 }"}`,
  });
  return instead;
}

/** Converts one part optimiser; without a schedule it uses the dense optimiser's, as in TorchEasyRec. */
function readPart(
  item: Fields,
  index: number,
  denseLearningRate: LearningRateSpec,
  rests: Json[],
  problems: Problem[],
): PartOptimizerSpec {
  const pattern = item.text("regex_pattern");
  const chosen = readDenseOptimizer(item);
  if (chosen === null) {
    problems.push({
      path: `train_config.dense_optimizer.part_optimizers[${index}]`,
      message: "the optimizer is missing",
      received: `only regex_pattern ${JSON.stringify(pattern)}`,
      expected: "an optimizer such as adam_optimizer { lr: 0.001 }",
    });
  }
  const learningRate = hasLearningRate(item) ? readLearningRate(item) : denseLearningRate;
  const part = { pattern, optimizer: chosen ?? defaultTraining.dense, learningRate };
  const rest = item.rest();
  if (Object.keys(rest).length > 0) rests.push({ regex_pattern: pattern, ...rest });
  return part;
}

function readClipping(train: Fields, problems: Problem[]): GradClippingSpec | null {
  const clipping = train.rest()["grad_clipping"] as JsonObject | undefined;
  const type = clipping?.["clipping_type"] ?? "none";
  if (clipping === undefined || type === "none") return null;
  if (type !== "norm" && type !== "value") {
    problems.push({
      path: "train_config.grad_clipping.clipping_type",
      message: "unknown clipping type",
      received: JSON.stringify(type),
      expected: `"none", "norm" or "value"`,
    });
    return null;
  }
  const fields = train.child("grad_clipping");
  fields.take("clipping_type");
  return {
    type,
    maxGradient: fields.number("max_gradient"),
    normType: fields.number("norm_type"),
    global: fields.flag("enable_global_grad_clip"),
  };
}

/** Returns the `train_config` of a spec; `opened` is kept from an opened config. */
export function writeTrainConfig(training: TrainingSpec, opened: JsonObject): Writable {
  const constraints = opened["global_embedding_constraints"] as JsonObject | undefined;
  const { gradClipping } = training;
  return compact("TrainConfig", {
    sparse_optimizer: { ...writeSparseOptimizer(training.sparse), ...writeLearningRate(training.sparseLearningRate) },
    dense_optimizer: {
      ...writeDenseOptimizer(training.dense),
      ...writeLearningRate(training.denseLearningRate),
      ...(training.partOptimizers.length === 0 ? {} : { part_optimizers: training.partOptimizers.map(writePart) }),
      ...(training.emaDecay === null ? {} : { ema: { decay: training.emaDecay } }),
    },
    num_steps: training.steps,
    num_epochs: isAutomaticLength(training) ? mostEpochs : training.epochs,
    gradient_accumulation_steps: training.gradientAccumulation === 1 ? undefined : training.gradientAccumulation,
    grad_clipping: gradClipping === null ? undefined : clippingMessage(gradClipping),
    global_embedding_constraints: placementConstraints(training.tablePlacement, constraints) ?? undefined,
  });
}

function writePart(part: PartOptimizerSpec): JsonObject {
  return {
    ...writeDenseOptimizer(part.optimizer),
    regex_pattern: part.pattern,
    ...writeLearningRate(part.learningRate),
  };
}

function clippingMessage(clipping: GradClippingSpec): JsonObject {
  return {
    clipping_type: clipping.type,
    max_gradient: clipping.maxGradient,
    norm_type: clipping.normType,
    enable_global_grad_clip: clipping.global,
  };
}
