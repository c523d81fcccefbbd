/** Converts `train_config` to the training settings of a spec, and back. */
import type { Problem } from "../../errors/index.js";
import { emptySpec } from "../../spec/model.js";
import { constrainedPlacement } from "../../spec/table-placement.js";
import {
  clippingOptions,
  denseOptions,
  type KnownSparseOptimizer,
  learningRateOptions,
  sparseOptions,
} from "../../spec/tables.js";
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
import type { Json, JsonObject } from "../../util/json.js";
import { compact, type Fields, optionFields, type Writable, writeKind } from "./fields.js";

function readLearningRate(optimizer: Fields): LearningRateSpec | null {
  return optimizer.kind<LearningRateSpec>(learningRateOptions, "_learning_rate");
}

function readDenseOptimizer(holder: Fields): DenseOptimizerSpec | null {
  return holder.kind<DenseOptimizerSpec>(denseOptions, "_optimizer");
}

const otherSparse = [
  "lars_sgd_optimizer",
  "lamb_optimizer",
  "partial_rowwise_lamb_optimizer",
  "adadelta_optimizer",
  "rmsprop_optimizer",
] as const;

function readSparseOptimizer(holder: Fields): SparseOptimizerSpec | null {
  const other = holder.which(otherSparse);
  if (other !== null) return { kind: "other", field: other, config: holder.take(other) as JsonObject };
  const optimizer = holder.kind<KnownSparseOptimizer>(sparseOptions, "_optimizer");
  if (optimizer === null) return null;
  const fields = holder.child(`${optimizer.kind}_optimizer`);
  const clips = fields.has("gradient_clipping") && fields.read("gradient_clipping", "flag");
  return { ...optimizer, maxGradient: clips ? fields.read("max_gradient", "number") : null };
}

function writeOptimizer(holder: string, optimizer: DenseOptimizerSpec, rate: LearningRateSpec): JsonObject {
  return { ...writeKind(holder, optimizer, denseOptions, "_optimizer"), ...writeLearningRate(holder, rate) };
}

function writeLearningRate(holder: string, rate: LearningRateSpec): JsonObject {
  return writeKind(holder, rate, learningRateOptions, "_learning_rate");
}

function writeSparseOptimizer(optimizer: SparseOptimizerSpec): JsonObject {
  if (optimizer.kind === "other") return { [optimizer.field]: optimizer.config };
  const { maxGradient } = optimizer;
  const written = writeKind<KnownSparseOptimizer>("SparseOptimizer", optimizer, sparseOptions, "_optimizer");
  if (maxGradient === null) return written;
  const [[field, message]] = Object.entries(written) as [[string, JsonObject]];
  return { [field]: { ...message, gradient_clipping: true, max_gradient: maxGradient } };
}

const canonical: Readonly<Record<TablePlacement, JsonObject | null>> = {
  sparse: { sharding_types: ["table_wise"], compute_kernels: ["fused"] },
  planner: null,
  dense: { sharding_types: ["data_parallel"], compute_kernels: ["dense"] },
};

/** The placement that constraints allow; impossible constraints are rejected when a model is built from them. */
function readPlacement(constraints: JsonObject | undefined): TablePlacement {
  return constrainedPlacement(constraints ?? {}) ?? "planner";
}

type TrainConfigPart = Omit<TrainingSpec, "batchSize" | "evalBatchSize" | "seed" | "shuffle" | "dropRemainder">;

const defaultTraining: TrainingSpec = emptySpec.training;

export function readTrainConfig(train: Fields, problems: Problem[]): { part: TrainConfigPart; kept: JsonObject } {
  const sparse = train.child("sparse_optimizer");
  const dense = train.child("dense_optimizer");
  const partRests: Json[] = [];
  const constant: LearningRateSpec = { kind: "constant" };
  const denseLearningRate = readLearningRate(dense) ?? constant;
  const part: TrainConfigPart = {
    epochs: train.read("num_epochs", "optional number") || null,
    steps: train.read("num_steps", "optional number") || null,
    sparse: readSparseOptimizer(sparse) ?? missing("sparse", problems, defaultTraining.sparse),
    sparseLearningRate: readLearningRate(sparse) ?? constant,
    dense: readDenseOptimizer(dense) ?? missing("dense", problems, defaultTraining.dense),
    denseLearningRate,
    partOptimizers: dense
      .items("part_optimizers")
      .map((item, index) => readPart(item, index, denseLearningRate, partRests, problems)),
    emaDecay: dense.has("ema") ? dense.child("ema").read("decay", "number") : null,
    gradientAccumulation: train.read("gradient_accumulation_steps", "number") || 1,
    gradClipping: readClipping(train, problems),
    tablePlacement: readPlacement(train.has("global_embedding_constraints") ? peekConstraints(train) : undefined),
  };
  const rest: JsonObject = partRests.length === 0 ? {} : { dense_optimizer: { part_optimizers: partRests } };
  return { part, kept: rest };
}

/** Consumes constraints that an export would write itself; others are kept. */
function peekConstraints(train: Fields): JsonObject {
  const constraints = train.peek("global_embedding_constraints") as JsonObject;
  const isCanonical = JSON.stringify(constraints) === JSON.stringify(canonical[readPlacement(constraints)]);
  if (isCanonical) train.take("global_embedding_constraints");
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
  const pattern = item.read("regex_pattern", "text");
  const chosen = readDenseOptimizer(item);
  if (chosen === null) {
    problems.push({
      path: `train_config.dense_optimizer.part_optimizers[${index}]`,
      message: "the optimizer is missing",
      received: `only regex_pattern ${JSON.stringify(pattern)}`,
      expected: "an optimizer such as adam_optimizer { lr: 0.001 }",
    });
  }
  const learningRate = readLearningRate(item) ?? denseLearningRate;
  const part = { pattern, optimizer: chosen ?? defaultTraining.dense, learningRate };
  const rest = item.rest();
  if (Object.keys(rest).length > 0) rests.push({ regex_pattern: pattern, ...rest });
  return part;
}

function readClipping(train: Fields, problems: Problem[]): GradClippingSpec | null {
  const clipping = train.peek("grad_clipping") as JsonObject | undefined;
  const type = clipping?.["clipping_type"] ?? "none";
  if (type === "norm" || type === "value") return train.child("grad_clipping").options(clippingOptions);
  if (type === "none") return null;
  problems.push({
    path: "train_config.grad_clipping.clipping_type",
    message: "unknown clipping type",
    received: JSON.stringify(type),
    expected: `"none", "norm" or "value"`,
  });
  return null;
}

/** Returns the `train_config` of a spec; `opened` is kept from an opened config. */
export function writeTrainConfig(training: TrainingSpec, opened: JsonObject): Writable {
  const { gradClipping, tablePlacement: placement } = training;
  const before = opened["global_embedding_constraints"] as JsonObject | undefined;
  const constraints = before !== undefined && readPlacement(before) === placement ? before : canonical[placement];
  const parts = training.partOptimizers.map(({ pattern, optimizer, learningRate }) => {
    return { regex_pattern: pattern, ...writeOptimizer("PartOptimizer", optimizer, learningRate) };
  });
  return compact("TrainConfig", {
    sparse_optimizer: {
      ...writeSparseOptimizer(training.sparse),
      ...writeLearningRate("SparseOptimizer", training.sparseLearningRate),
    },
    dense_optimizer: {
      ...writeOptimizer("DenseOptimizer", training.dense, training.denseLearningRate),
      ...(parts.length === 0 ? {} : { part_optimizers: parts }),
      ...(training.emaDecay === null ? {} : { ema: { decay: training.emaDecay } }),
    },
    num_steps: training.steps,
    num_epochs: isAutomaticLength(training) ? mostEpochs : training.epochs,
    gradient_accumulation_steps: training.gradientAccumulation === 1 ? undefined : training.gradientAccumulation,
    grad_clipping: gradClipping === null ? undefined : optionFields(gradClipping, clippingOptions),
    global_embedding_constraints: constraints ?? undefined,
  });
}
