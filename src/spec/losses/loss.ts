import type { Problem } from "../../errors/index.js";
import type { ArgumentsOf, Choice, Place } from "../option.js";
import { show, unless } from "../validate/checks.js";

/** The tensor operations of losses, which TF.js has; `T` is a tensor. */
export interface TensorOps<T> {
  add(a: T, b: T | number): T;
  sub(a: T | number, b: T | number): T;
  mul(a: T, b: T | number): T;
  pow(a: T, exponent: number): T;
  square(a: T): T;
  abs(a: T): T;
  exp(a: T): T;
  log(a: T): T;
  relu(a: T): T;
  sigmoid(a: T): T;
  softplus(a: T): T;
  maximum(a: T, b: T): T;
  sum(a: T, axis: number, keepDims: boolean): T;
  max(a: T, axis: number, keepDims: boolean): T;
  transpose(a: T): T;
  matMul(a: T, b: T, transposeA: boolean, transposeB: boolean): T;
  /** The same values, without gradients. */
  detach(a: T): T;
}

export interface LossRows<T> {
  /** [rows, classes] */
  readonly logits: T;
  /** [rows, 1] of labels, or [rows, classes] of one-hot labels for several classes. */
  readonly target: T;
  readonly classes: number;
  /** [rows, 1]: the number of each row's session; `null` for losses without sessions. */
  readonly session: T | null;
}

/** A loss: its options, its validation and its function. `Method`: the interface of the builder's method. */
export interface Loss<S extends { readonly kind: string }, Method = unknown> extends Choice<S> {
  readonly labels: "binary" | "classes" | "number";
  /** Whether the tower has one output or one for each class. */
  readonly outputs: "one" | "classes";
  /** The loss's options from the arguments of the builder's method; `numClass` changes the tower. */
  readonly make: (...values: ArgumentsOf<Method>) => Omit<S, "kind"> & { readonly numClass?: number };
  /** The feature whose first id is the session of a row, if the loss compares rows of a session. */
  session?(loss: S): string;
  /** The loss of each row, [rows, 1]. */
  perRow<T>(ops: TensorOps<T>, rows: LossRows<T>, loss: S): T;
}

/** The problem of a loss with one output in a tower with several. */
export function oneOutputProblems(kind: string, { tower }: Place): Problem[] {
  return unless(tower.numClass <= 1, {
    path: `towers.${tower.name}.numClass`,
    message: `${kind} has one output`,
    received: show(tower.numClass),
    expected: "1",
    fix: `t.softmax(${tower.numClass}) for ${tower.numClass} classes`,
  });
}
