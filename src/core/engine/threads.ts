/** How many threads train a model, and how many variants train together in one. */
import { availableParallelism } from "node:os";
import { EngineError } from "../errors/index.js";
import { modelSize } from "../nn/plan/size.js";
import { customLayersOf } from "../spec/layer.js";
import type { ModelSpec } from "../spec/model.js";

/** More threads than this, or than cores, wait for each other, and each uses 20 MB and four descriptors. */
const mostUseful = 64;

export function defaultThreads(): number {
  return Math.min(2, availableParallelism());
}

/**
 * Operations of a step's matrix products. With fewer, a second thread doubles the CPU time of a step and saves little
 * or no time; `few` is the limit of steps with few rows.
 */
const fewestShared = 60e6;
const few = { rows: 1024, shared: 500e6 };

/** The default number of threads of training: one for small steps. */
export function trainingThreads(spec: ModelSpec): number {
  const { batchSize } = spec.training;
  if (batchSize === null) return defaultThreads();
  const shared = modelSize(spec).trainingFlopsPerRow * batchSize;
  return shared < (batchSize < few.rows ? few.shared : fewestShared) ? 1 : defaultThreads();
}

/**
 * The most rows of a step over all variants of a group; with more, training together saves nothing (bench/together.ts).
 */
const mostGroupRows = 2500;
const fewestVariants = 4;

/** The version of the order of additions in programs of models that can train together. */
export const steadyVersion = 2;

/** The number of variants that train together; 0: each trains alone, by its own program. */
export function groupSize({ layers, training: { batchSize } }: ModelSpec, threads: number): number {
  const size =
    batchSize === null || threads !== 1 || customLayersOf(layers).length > 0
      ? 0
      : Math.floor(mostGroupRows / batchSize);
  return size < fewestVariants ? 0 : size;
}

export function mostThreads(): number {
  return Math.max(mostUseful, availableParallelism());
}

/** @throws EngineError for an invalid number of threads */
export function assertThreads(threads: unknown, path = "options.threads"): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && (threads as number) >= 1 && (threads as number) <= mostThreads()) return;
  throw new EngineError({
    path,
    message: "not a valid number of threads",
    received: typeof threads === "number" ? String(threads) : (JSON.stringify(threads) ?? String(threads)),
    expected: `an integer from 1 to ${mostThreads()}`,
    fix: `this machine has ${availableParallelism()} cores; more threads do not make training faster`,
  });
}
