/** Sets the training of a spec: `train({ batchSize: 512, dense: adam(0.001) })`. */
import { SpecError } from "../errors/index.js";
import { emptySpec, type ModelSpec } from "../spec/model.js";
import { learningRateOptions, trainingSwitches } from "../spec/tables.js";
import type { GradClippingSpec, LearningRateSpec, TrainingSpec } from "../spec/training.js";
import { checkOptions, show } from "../spec/validate/checks.js";
import { trainingProblems } from "../spec/validate/training.js";
import { isObject } from "../util/json.js";
import type { DenseOptimizer, SparseOptimizer } from "./optimizers.js";
import { definedOnly } from "./tower.js";
import { step } from "./with-tower.js";

/** An optimiser for the dense parameters whose names match a pattern. */
export interface PartOptimizerOptions {
  /** Must match a parameter's whole TorchEasyRec name; Python's syntax without look-around and backreferences. */
  readonly pattern: string;
  /** The optimiser of these parameters, such as `adam(1e-4)`. */
  readonly optimizer: DenseOptimizer;
  /** Default: constant. */
  readonly learningRate?: LearningRateSpec;
}

/** Clipping of the dense gradients. Defaults: `type` "norm", `normType` 2, `global` false. */
export interface GradClippingOptions extends Partial<Omit<GradClippingSpec, "maxGradient">> {
  /** The maximum norm (or, for `value`, the maximum absolute value of each number). */
  readonly max: number;
}

/** Settings of `.train(…)`; settings that are left out keep their value. */
export interface TrainOptions extends Partial<Pick<TrainingSpec, PlainSetting>> {
  /** Default: `adam(0.001)`. */
  readonly dense?: DenseOptimizer;
  /** Optimiser of the embedding tables. Default: `adagrad(0.05)`. */
  readonly sparse?: SparseOptimizer;
  /** Separate optimisers for dense parameters, by patterns of their names. Default: none. */
  readonly partOptimizers?: readonly PartOptimizerOptions[];
  /** Clips the gradients of the dense parameters; `null`: off. Default: off. */
  readonly gradClipping?: GradClippingOptions | null;
  /** `rate`: outputs start at the label's rate (or mean) by domain. Default: `random`, as in TorchEasyRec. */
  readonly outputBias?: "rate" | "random";
  /**
   * `pareto`: each step chooses the weights of the losses, which sum up to 1, so that the gradient of their sum is as
   * short as possible; each is at least `t.minWeight(…)`. Takes a forward and backward pass per loss. Default:
   * `constant`.
   */
  readonly lossWeights?: "pareto" | "constant";
}

type PlainSetting =
  | ("epochs" | "steps" | "batchSize" | "evalBatchSize" | "seed" | "shuffle" | "dropRemainder" | "emaDecay")
  | ("denseLearningRate" | "sparseLearningRate" | "gradientAccumulation" | "tablePlacement" | "like");

export function withTraining(spec: ModelSpec, options: TrainOptions): ModelSpec {
  const { dense, sparse, partOptimizers, gradClipping, epochs, steps, ...plain } = options;
  checkOptions("training", options, [...Object.keys(emptySpec.training), ...Object.keys(trainingSwitches)]);
  assertSchedule("training.denseLearningRate", options.denseLearningRate);
  assertSchedule("training.sparseLearningRate", options.sparseLearningRate);
  const values = {
    ...spec.training,
    ...definedOnly(plain),
    // Setting epochs or steps replaces the other; if both are set, validation rejects them.
    ...(epochs === undefined && steps === undefined ? {} : { epochs: epochs ?? null, steps: steps ?? null }),
    ...(dense === undefined ? {} : { dense: denseSpec(dense, "training.dense") }),
    ...(sparse === undefined ? {} : { sparse: sparseSpec(sparse) }),
    ...(gradClipping === undefined ? {} : { gradClipping: clippingSpec(gradClipping) }),
    ...(partOptimizers === undefined ? {} : { partOptimizers: partSpecs(partOptimizers) }),
  };
  const usual = (name: string) => trainingSwitches[name as keyof typeof trainingSwitches]?.usual;
  const set = Object.entries(values).filter(([name, value]) => value !== usual(name));
  const training = Object.fromEntries(set) as object as TrainingSpec;
  return step(spec, { training }, (next) => trainingProblems(next.training));
}

function partSpecs(parts: readonly PartOptimizerOptions[]): TrainingSpec["partOptimizers"] {
  const path = "training.partOptimizers";
  const expected = "objects such as { pattern, optimizer: adam(1e-4) }";
  if (!Array.isArray(parts)) throw wrongKind(path, parts, `a list of ${expected}`);
  return parts.map((part: PartOptimizerOptions, index) => {
    if (!isObject(part)) throw wrongKind(`${path}[${index}]`, part, expected);
    const { pattern, optimizer, learningRate } = part;
    if (typeof pattern !== "string") throw wrongKind(`${path}[${index}].pattern`, pattern, "a regular expression");
    assertSchedule(`${path}[${index}].learningRate`, learningRate);
    return {
      pattern,
      optimizer: denseSpec(optimizer, `${path}[${index}].optimizer`),
      learningRate: learningRate ?? { kind: "constant" },
    };
  });
}

function assertSchedule(path: string, schedule: unknown): void {
  if (schedule === undefined) return;
  if (isObject(schedule) && Object.hasOwn(learningRateOptions, String(schedule["kind"]))) {
    if (schedule["kind"] !== "manual_step") return;
    if (Array.isArray(schedule["scheduleSizes"]) && Array.isArray(schedule["learningRates"])) return;
  }
  throw wrongKind(path, schedule, "a schedule of learning rates, such as exponentialDecay({ … })");
}

function wrongKind(path: string, value: unknown, expected: string): SpecError {
  return new SpecError({ path, message: "wrong type of value", received: show(value), expected });
}

function denseSpec(optimizer: DenseOptimizer, path: string): TrainingSpec["dense"] {
  if (typeof optimizer?.toDense === "function") return optimizer.toDense();
  const expected = "adam, adamw, adagrad, sgd, adadelta or rmsprop";
  throw new SpecError({ path, message: "not a dense optimiser", received: show(optimizer), expected });
}

function sparseSpec(optimizer: SparseOptimizer): TrainingSpec["sparse"] {
  if (typeof optimizer?.toSparse === "function") return optimizer.toSparse();
  const expected = "sgd, adagrad, rowwiseAdagrad, adam or partialRowwiseAdam";
  const received = show(optimizer);
  throw new SpecError({ path: "training.sparse", message: "not a sparse optimiser", received, expected });
}

function clippingSpec(clipping: GradClippingOptions | null): GradClippingSpec | null {
  if (clipping === null) return null;
  if (!isObject(clipping)) throw wrongKind("training.gradClipping", clipping, "an object such as { max: 1 }, or null");
  checkOptions("training.gradClipping", clipping, ["type", "max", "normType", "global"]);
  const { type = "norm", max, normType = 2, global = false } = clipping;
  return { type, maxGradient: max, normType, global };
}
