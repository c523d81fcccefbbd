/** The outputs of a program as results: predictions, losses and steps. */
import { EngineError } from "../../errors/index.js";
import { lossName, type ProgramName } from "../../nn/plan/inputs.js";
import type { Plan } from "../../nn/plan/plan.js";
import type { TowerSpec } from "../../spec/model.js";
import { sigmoid, sum } from "../../util/numbers.js";
import type { StepResult, TowerOutput } from "../engine.js";
import type { Arrangement } from "./arrange.js";

/** Softmax over classes, sigmoid for one logit, or the value itself if all losses are regression losses. */
export function towerOutput(tower: TowerSpec, logits: Float32Array): TowerOutput {
  return { tower: tower.name, logits, probabilities: probabilities(tower, logits) };
}

function probabilities(tower: TowerSpec, logits: Float32Array): Float32Array {
  if (tower.numClass > 1) return softmax(logits, tower.numClass);
  if (tower.losses.every((loss) => loss.kind === "l2_loss")) return logits;
  return logits.map(sigmoid);
}

function softmax(logits: Float32Array, classes: number): Float32Array {
  const values = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    row.forEach((logit, k) => {
      values[from + k] = Math.exp(logit - largest) / sum;
    });
  }
  return values;
}

export function unsort(sorted: Float32Array | undefined, arrangement: Arrangement, dim: number): Float32Array {
  const { order } = arrangement;
  const values = new Float32Array(order.length * dim);
  if (order.length === 0) return values;
  if (sorted === undefined) throw new EngineError({ path: "program", message: "missing output" });
  for (let i = 0; i < order.length; i++) {
    const to = order[i]! * dim;
    for (let j = 0; j < dim; j++) values[to + j] = sorted[i * dim + j]!;
  }
  return values;
}

export function readLosses(plan: Plan, outputs: ReadonlyMap<string, Float32Array>): number[] {
  return plan.tasks.flatMap(({ index, tower }) =>
    tower.losses.map((_, k) => outputs.get(lossName(index, k))?.[0] ?? Number.NaN),
  );
}

export interface Learned {
  readonly losses: ArrayLike<number>;
  /** The weights of the losses; `null` if training sums them. */
  readonly weights: ArrayLike<number> | null;
  readonly gradientNorm: number | null;
}

export function stepResult(plan: Plan, { losses, weights, gradientNorm }: Learned): StepResult {
  const names = plan.tasks.flatMap(({ tower }) => tower.losses.map(({ kind }) => `${kind}_${tower.name}`));
  const named = (values: ArrayLike<number>) => Object.fromEntries(names.map((name, index) => [name, values[index]!]));
  const result = { loss: sum(losses), taskLosses: named(losses), gradientNorm };
  return weights === null ? result : { ...result, lossWeights: named(weights) };
}

/** Whether a step's losses are finite; the engine skips other steps. */
export function isFiniteStep({ loss, taskLosses }: StepResult): boolean {
  return Number.isFinite(loss) && Object.values(taskLosses).every(Number.isFinite);
}

export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  /** Runs after all earlier calls have ended, also failed ones. */
  run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) {
      return Promise.reject(
        new EngineError({
          path: "engine",
          message: "the engine was disposed",
          fix: "create a new one with createEngine",
        }),
      );
    }
    const result = this.#last.then(call, call);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Waits for the current calls, then frees; later calls are rejected. May be called again. */
  close(free: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#last.then(free);
    return this.#closed;
  }
}

export interface Feed {
  readonly dtype: "float32" | "int32" | "bool";
  readonly shape: readonly number[];
  /** The values; `bool` as bytes of 0 and 1. */
  readonly data: Float32Array | Int32Array | Uint8Array;
  /**
   * A number that changes with the values, so that copies remain valid while it stays. Default: values may have
   * changed.
   */
  readonly version?: number;
}

export interface RunInputs {
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly sizes: ReadonlyMap<string, readonly number[]>;
}

/** Runs programs; returns outputs by name. Calls never overlap. */
export interface Runner {
  run(program: ProgramName, inputs: RunInputs): Promise<ReadonlyMap<string, Float32Array>>;
}
