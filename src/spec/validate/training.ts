/**
 * Validates the training settings.
 */
import type { Problem } from "../../errors/index.js";
import { isFault, parameterPattern } from "../pattern/parameter-pattern.js";
import type {
  DenseOptimizerSpec,
  GradClippingSpec,
  LearningRateSpec,
  PartOptimizerSpec,
  SparseOptimizerSpec,
  TrainingSpec,
} from "../training/training.js";
import type { NumberRange } from "./checks.js";
import { checkCount, checkEach, checkName, checkNumber, show } from "./checks.js";

/** All problems of the training settings. */
export function trainingProblems(training: TrainingSpec): Problem[] {
  return [
    ...lengthProblems(training),
    ...(training.batchSize === null ? [] : checkCount("training.batchSize", training.batchSize)),
    ...(training.evalBatchSize === null ? [] : checkCount("training.evalBatchSize", training.evalBatchSize)),
    ...checkNumber("training.seed", training.seed, { least: 0, integer: true }),
    ...optimizerProblems("training.dense", training.dense),
    ...learningRateProblems("training.denseLearningRate", training.denseLearningRate),
    ...optimizerProblems("training.sparse", training.sparse),
    ...learningRateProblems("training.sparseLearningRate", training.sparseLearningRate),
    ...partsProblems(training.partOptimizers),
    ...(training.emaDecay === null ? [] : checkNumber("training.emaDecay", training.emaDecay, { least: 0, below: 1 })),
    ...checkCount("training.gradientAccumulation", training.gradientAccumulation),
    ...(training.gradClipping === null ? [] : clippingProblems(training.gradClipping)),
  ];
}

function lengthProblems({ epochs, steps }: TrainingSpec): Problem[] {
  if (epochs !== null && steps !== null) {
    return [
      {
        path: "training",
        message: "epochs and steps are both set",
        received: `epochs ${epochs}, steps ${steps}`,
        expected: "one of the two, or neither (the length then follows from the number of rows)",
        fix: ".train({ epochs: 1 }) or .train({ steps: 1000 })",
      },
    ];
  }
  if (steps !== null) return checkCount("training.steps", steps);
  return epochs === null ? [] : checkCount("training.epochs", epochs);
}

/** Ranges of optimiser settings, by name; a learning rate of 0 is allowed (it freezes the part). */
const settingRanges: Readonly<Record<string, NumberRange>> = {
  lr: { least: 0 },
  momentum: { least: 0 },
  weightDecay: { least: 0 },
  initialAccumulator: { least: 0 },
  eps: { least: 0 },
  beta1: { least: 0, below: 1 },
  beta2: { least: 0, below: 1 },
  rho: { least: 0, most: 1 },
  alpha: { least: 0 },
  maxGradient: { above: 0 },
};

function optimizerProblems(path: string, optimizer: DenseOptimizerSpec | SparseOptimizerSpec): Problem[] {
  if (optimizer.kind === "other") return [];
  const problems = Object.entries(optimizer).flatMap(([name, value]) => {
    const range = settingRanges[name];
    return range !== undefined && typeof value === "number" ? checkNumber(`${path}.${name}`, value, range) : [];
  });
  if ("nesterov" in optimizer && optimizer.nesterov && (optimizer.momentum <= 0 || optimizer.dampening !== 0)) {
    problems.push({
      path: `${path}.nesterov`,
      message: "Nesterov needs a momentum and no dampening",
      received: `momentum ${optimizer.momentum}, dampening ${optimizer.dampening}`,
      expected: "momentum > 0, dampening 0",
    });
  }
  return problems;
}

function learningRateProblems(path: string, rate: LearningRateSpec): Problem[] {
  switch (rate.kind) {
    case "constant":
      return [];
    case "manual_step":
      return manualStepProblems(path, rate);
    case "exponential_decay":
      return [
        ...checkCount(`${path}.decaySize`, rate.decaySize),
        ...checkNumber(`${path}.decayFactor`, rate.decayFactor, { above: 0 }),
        ...warmupProblems(path, rate),
      ];
    case "cosine_annealing":
      return [...checkCount(`${path}.tMax`, rate.tMax), ...warmupProblems(path, rate)];
    case "cosine_annealing_warm_restarts":
      return [
        ...checkCount(`${path}.t0`, rate.t0),
        ...checkCount(`${path}.tMult`, rate.tMult),
        ...warmupProblems(path, rate),
      ];
  }
}

function manualStepProblems(path: string, rate: Extract<LearningRateSpec, { kind: "manual_step" }>): Problem[] {
  const { scheduleSizes, learningRates, warmup } = rate;
  const problems = [
    // A warm-up ends at the first size.
    ...checkEach(`${path}.scheduleSizes`, scheduleSizes, { least: warmup ? 1 : 0, integer: true }),
    ...checkEach(`${path}.learningRates`, learningRates, { least: 0 }),
  ];
  if (scheduleSizes.length === 0 || scheduleSizes.length !== learningRates.length) {
    problems.push({
      path,
      message: "the numbers of learning rates and schedule sizes differ, or both are 0",
      received: `${scheduleSizes.length} sizes, ${learningRates.length} rates`,
      expected: "non-empty lists of the same length",
    });
  }
  scheduleSizes.forEach((size, index) => {
    if (index === 0 || size > scheduleSizes[index - 1]!) return;
    problems.push({
      path: `${path}.scheduleSizes[${index}]`,
      message: "schedule sizes must be ascending",
      received: show(size),
      expected: `more than ${scheduleSizes[index - 1]}`,
    });
  });
  return problems;
}

function warmupProblems(
  path: string,
  rate: { readonly warmupSize: number; readonly warmupLearningRate: number; readonly minLearningRate: number },
): Problem[] {
  return [
    ...checkCount(`${path}.warmupSize`, rate.warmupSize, 0),
    ...checkNumber(`${path}.warmupLearningRate`, rate.warmupLearningRate, { least: 0 }),
    ...checkNumber(`${path}.minLearningRate`, rate.minLearningRate, { least: 0 }),
  ];
}

/** Each pattern is compared with every parameter. */
const mostParts = 100;

function partsProblems(parts: readonly PartOptimizerSpec[]): Problem[] {
  if (parts.length <= mostParts) return parts.flatMap(partProblems);
  const message = "too many part optimisers";
  return [
    { path: "training.partOptimizers", message, received: String(parts.length), expected: `at most ${mostParts}` },
  ];
}

function partProblems(part: PartOptimizerSpec, index: number): Problem[] {
  const path = `training.partOptimizers[${index}]`;
  return [
    ...patternProblems(`${path}.pattern`, part.pattern),
    ...optimizerProblems(`${path}.optimizer`, part.optimizer),
    ...learningRateProblems(`${path}.learningRate`, part.learningRate),
  ];
}

function patternProblems(path: string, pattern: string): Problem[] {
  const problems = checkName(path, pattern);
  if (problems.length > 0) return problems;
  const result = parameterPattern(pattern);
  return isFault(result) ? [{ path, ...result }] : [];
}

function clippingProblems(clipping: GradClippingSpec): Problem[] {
  return [
    ...checkNumber("training.gradClipping.maxGradient", clipping.maxGradient, { above: 0 }),
    ...checkNumber("training.gradClipping.normType", clipping.normType, { above: 0 }),
  ];
}
