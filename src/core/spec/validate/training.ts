/** Validates training settings: length, optimisers, learning rates and patterns. */
import type { Problem } from "../../errors/index.js";
import { optionalNumber, optionProblems, positive } from "../option.js";
import { isFault, parameterPattern } from "../pattern.js";
import {
  clippingOptions,
  denseOptions,
  learningRateOptions,
  sparseOptions,
  trainingOptions,
  trainingSwitches,
} from "../tables.js";
import type {
  DenseOptimizerSpec,
  LearningRateSpec,
  PartOptimizerSpec,
  SparseOptimizerSpec,
  TrainingSpec,
} from "../training.js";
import { checkEach, checkName, checkNumber, show, unless } from "./checks.js";

export function trainingProblems(training: TrainingSpec): Problem[] {
  const { gradClipping } = training;
  return [
    ...lengthProblems(training),
    ...optionProblems("training", training, trainingOptions),
    ...optimizerProblems("training.dense", training.dense),
    ...learningRateProblems("training.denseLearningRate", training.denseLearningRate),
    ...sparseProblems("training.sparse", training.sparse),
    ...learningRateProblems("training.sparseLearningRate", training.sparseLearningRate),
    ...partsProblems(training.partOptimizers),
    ...Object.entries(trainingSwitches).flatMap(([name, { value, usual, error }]) => {
      const received = training[name as keyof typeof trainingSwitches];
      return unless(received === undefined || received === value, {
        path: `training.${name}`,
        message: error,
        received: show(received),
        expected: [value, usual].flatMap((each) => (each === undefined ? [] : [show(each)])).join(" or "),
      });
    }),
    ...(gradClipping === null ? [] : optionProblems("training.gradClipping", gradClipping, clippingOptions)),
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
  if (steps !== null) return checkNumber("training.steps", steps, positive);
  return epochs === null ? [] : checkNumber("training.epochs", epochs, positive);
}

function optimizerProblems(path: string, optimizer: DenseOptimizerSpec): Problem[] {
  const problems = optionProblems<object>(path, optimizer, denseOptions[optimizer.kind]);
  if (optimizer.kind === "sgd" && optimizer.nesterov && (optimizer.momentum <= 0 || optimizer.dampening !== 0)) {
    problems.push({
      path: `${path}.nesterov`,
      message: "Nesterov needs a momentum and no dampening",
      received: `momentum ${optimizer.momentum}, dampening ${optimizer.dampening}`,
      expected: "momentum > 0, dampening 0",
    });
  }
  return problems;
}

function sparseProblems(path: string, optimizer: SparseOptimizerSpec): Problem[] {
  if (optimizer.kind === "other") return [];
  return optionProblems<object>(path, optimizer, {
    ...sparseOptions[optimizer.kind],
    maxGradient: optionalNumber({ above: 0 }),
  });
}

function learningRateProblems(path: string, rate: LearningRateSpec): Problem[] {
  const problems = optionProblems<object>(path, rate, learningRateOptions[rate.kind]);
  return rate.kind === "manual_step" ? [...problems, ...manualStepProblems(path, rate)] : problems;
}

function manualStepProblems(path: string, rate: Extract<LearningRateSpec, { kind: "manual_step" }>): Problem[] {
  const { scheduleSizes, learningRates, warmup } = rate;
  return [
    // A warm-up ends at the first size.
    ...checkEach(`${path}.scheduleSizes`, scheduleSizes, { least: warmup ? 1 : 0, integer: true }),
    ...unless(scheduleSizes.length > 0 && scheduleSizes.length === learningRates.length, {
      path,
      message: "the numbers of learning rates and schedule sizes differ, or both are 0",
      received: `${scheduleSizes.length} sizes, ${learningRates.length} rates`,
      expected: "non-empty lists of the same length",
    }),
    ...scheduleSizes.flatMap((size, index) =>
      unless(index === 0 || size > scheduleSizes[index - 1]!, {
        path: `${path}.scheduleSizes[${index}]`,
        message: "schedule sizes must be ascending",
        received: show(size),
        expected: `more than ${scheduleSizes[index - 1]}`,
      }),
    ),
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
