/**
 * Converts `TrainConfig` to a spec and back.
 */
import type { Problem } from "../../../errors/index.js";
import type { GradClippingSpec, LearningRateSpec, PartOptimizerSpec, TrainingSpec } from "../../../spec/index.js";
import { emptySpec, isAutomaticLength, mostEpochs } from "../../../spec/index.js";
import type { Json, JsonObject } from "../../../util/json.js";
import { compact, type Fields, type Writable } from "../fields.js";
import { hasLearningRate, readLearningRate, writeLearningRate } from "./learning-rates.js";
import { readDenseOptimizer, readSparseOptimizer, writeDenseOptimizer, writeSparseOptimizer } from "./optimizers.js";
import { isCanonicalPlacement, placementConstraints, readPlacement } from "./placement.js";

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
