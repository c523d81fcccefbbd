/** The registry of losses. To add one, name it in the options, the methods and the list below. */
import type { Problem } from "../errors/index.js";
import { stringLiteral } from "../util/code-text.js";
import type { OfKind } from "../util/shape.js";
import { type Choice, featureProblems, type MethodOf, type Place } from "./choice.js";
import { findFeature } from "./feature/feature.js";
import { number, share, text } from "./option.js";
import type { OtherSpec } from "./training.js";
import { show, unless } from "./validate/checks.js";

/** A loss that this library computes. */
export type KnownLoss =
  | {
      readonly kind: "binary_cross_entropy";
      /** Label smoothing: the share by which labels move towards ½. */
      readonly labelSmoothing: number;
    }
  | {
      readonly kind: "softmax_cross_entropy";
      /** Label smoothing: the share by which labels move towards the uniform distribution. */
      readonly labelSmoothing: number;
    }
  /** Squared error. */
  | { readonly kind: "l2_loss" }
  /** Focal loss (Lin et al. 2017). */
  | {
      readonly kind: "binary_focal_loss";
      /** The exponent: the larger, the less weight easy examples have. */
      readonly gamma: number;
      /** Weight of positive rows; negative rows have 1 − alpha. */
      readonly alpha: number;
    }
  /** JRC (Sheng et al. 2022). */
  | {
      readonly kind: "jrc_loss";
      /** The feature whose first value is the session of a row. */
      readonly sessionName: string;
      /** Share of the cross entropy; the rest ranks the rows of a session. */
      readonly alpha: number;
    };

/** The methods of a tower's builder that add a loss. */
export interface LossMethods<Tower, Feature> {
  /** Binary cross-entropy: one output, or a softmax of two. */
  bce(options?: { readonly labelSmoothing?: number }): Tower;
  /** Focal loss: hard examples have more weight. Defaults: gamma 2, alpha 0.5. */
  focal(options?: { readonly gamma?: number; readonly alpha?: number }): Tower;
  /** Softmax cross entropy over classes 0 … numClass − 1. */
  softmax(numClass: number, options?: { readonly labelSmoothing?: number }): Tower;
  /**
   * JRC: cross entropy of two classes, and a ranking of the rows with the same value of a feature, such as a user or a
   * request: each positive row against the negative ones, and the reverse. `alpha`: the share of the cross entropy.
   * Default: 0.5.
   */
  jrc(session: Feature, options?: { readonly alpha?: number }): Tower;
  /** Squared error, for a numeric label. */
  l2(): Tower;
}

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

/** A loss: its options, its validation and its function. `numClass` of its method changes the tower. */
export type Loss<S extends KnownLoss> = Choice<S> &
  MethodOf<LossMethods<unknown, string>, Omit<S, "kind"> & { readonly numClass?: number }> & {
    readonly labels: "binary" | "classes" | "number";
    /** Whether the tower has one output or one for each class. */
    readonly outputs: "one" | "classes";
    /** The feature whose first id is the session of a row, if the loss compares rows of a session. */
    session?(loss: S): string;
    /** The loss of each row, [rows, 1]. */
    perRow<T>(ops: TensorOps<T>, rows: LossRows<T>, loss: S): T;
  };

/** The losses by kind, in the order of errors and docs. */
export const losses: { readonly [K in KnownLoss["kind"]]: Loss<OfKind<KnownLoss, K>> } = {
  binary_cross_entropy: {
    options: { labelSmoothing: number(share) },
    label: "BCE",
    labels: "binary",
    outputs: "one",
    docs: ["t.bce()", "0 or 1"],
    method: "bce",
    make: ({ labelSmoothing = 0 } = {}) => ({ labelSmoothing }),
    problems: oneOutputProblems,
    perRow(ops, { logits, target }, { labelSmoothing: smoothing }) {
      const label = smoothing === 0 ? target : ops.add(ops.mul(target, 1 - smoothing), smoothing / 2);
      return crossEntropy(ops, logits, label);
    },
  },
  softmax_cross_entropy: {
    options: { labelSmoothing: number(share) },
    label: "softmax",
    labels: "classes",
    outputs: "classes",
    docs: ["t.softmax(classes)", "0 … classes − 1; rows with −100 are left out of the loss and of metrics"],
    method: "softmax",
    make: (numClass, { labelSmoothing = 0 } = {}) => ({ labelSmoothing, numClass }),
    problems: (_, { tower }) =>
      unless(tower.numClass >= 2, {
        path: `towers.${tower.name}.numClass`,
        message: "softmax cross entropy needs at least two classes",
        received: show(tower.numClass),
        expected: "an integer ≥ 2",
        fix: "t.softmax(2), or t.bce() for one output",
      }),
    perRow: (ops, rows, { labelSmoothing }) => classCrossEntropy(ops, rows, labelSmoothing),
  },
  l2_loss: {
    options: {},
    label: "L2",
    labels: "number",
    outputs: "one",
    docs: ["t.l2()", "any number"],
    method: "l2",
    make: () => ({}),
    problems: oneOutputProblems,
    perRow: (ops, { logits, target }) => ops.square(ops.sub(logits, target)),
  },
  binary_focal_loss: {
    options: { gamma: number({ least: 0 }), alpha: number({ above: 0, below: 1 }) },
    label: "focal",
    labels: "binary",
    outputs: "one",
    docs: ["t.focal()", "0 or 1"],
    method: "focal",
    make: ({ gamma = 2, alpha = 0.5 } = {}) => ({ gamma, alpha }),
    problems: oneOutputProblems,
    /** The cross entropy times α y (1 − p)^γ + (1 − α)(1 − y) p^γ, a weight without gradients. */
    perRow(ops, { logits, target }, { gamma, alpha }) {
      const probability = ops.sigmoid(ops.detach(logits));
      const positive = ops.mul(ops.mul(target, alpha), ops.pow(ops.sub(1, probability), gamma));
      const negative = ops.mul(ops.mul(ops.sub(1, target), 1 - alpha), ops.pow(probability, gamma));
      return ops.mul(crossEntropy(ops, logits, target), ops.detach(ops.add(positive, negative)));
    },
  },
  jrc_loss: {
    options: { sessionName: text(), alpha: number({ least: 0, most: 1 }) },
    label: "JRC",
    labels: "binary",
    outputs: "classes",
    docs: ["t.jrc(session)", "0 or 1, with two outputs; a row without a session is ranked against no other row"],
    method: "jrc",
    make: (sessionName, { alpha = 0.5 } = {}) => ({ sessionName, alpha, numClass: 2 }),
    session: ({ sessionName }) => sessionName,
    problems: sessionProblems,
    perRow(ops, rows, { alpha }) {
      const ranking = sessionRanking(ops, rows.logits, rows.target, rows.session!);
      return ops.add(ops.mul(classCrossEntropy(ops, rows, 0), alpha), ops.mul(ranking, 1 - alpha));
    },
  },
};

function oneOutputProblems({ kind }: { readonly kind: string }, { tower }: Place): Problem[] {
  return unless(tower.numClass <= 1, {
    path: `towers.${tower.name}.numClass`,
    message: `${kind} has one output`,
    received: show(tower.numClass),
    expected: "1",
    fix: `t.softmax(${tower.numClass}) for ${tower.numClass} classes`,
  });
}

function sessionProblems({ sessionName }: OfKind<KnownLoss, "jrc_loss">, place: Place): Problem[] {
  const { path, tower } = place;
  const otherwise = "declare the feature of the session, such as the user id";
  const session = findFeature(place, sessionName);
  return [
    ...featureProblems(`${path}.sessionName`, sessionName, place, otherwise),
    ...unless(session?.kind !== "raw" || session.boundaries.length > 0, {
      path: `${path}.sessionName`,
      message: "the session of jrc_loss must be a feature with ids",
      received: "a raw feature",
      expected: "an id feature",
      fix: `idFeature(${stringLiteral(sessionName)})`,
    }),
    ...unless(tower.numClass === 2, {
      path: `towers.${tower.name}.numClass`,
      message: "jrc_loss has two classes",
      received: show(tower.numClass),
      expected: "2",
      fix: `t.jrc(${stringLiteral(sessionName)})`,
    }),
  ];
}

/** softplus(z) − z·y: the gradient of TF.js's sigmoidCrossEntropy has a leaky Step at 0. */
function crossEntropy<T>(ops: TensorOps<T>, logits: T, label: T): T {
  return ops.sub(ops.softplus(logits), ops.mul(logits, label));
}

/** [rows, 1] of cross entropies of one-hot labels. */
function classCrossEntropy<T>(
  ops: TensorOps<T>,
  { logits, target: oneHot, classes }: LossRows<T>,
  smoothing: number,
): T {
  const target = smoothing === 0 ? oneHot : ops.add(ops.mul(oneHot, 1 - smoothing), smoothing / classes);
  const shifted = ops.sub(logits, ops.max(ops.detach(logits), 1, true));
  const logSum = ops.log(ops.sum(ops.exp(shifted), 1, true));
  return ops.sum(ops.mul(ops.sub(logSum, shifted), target), 1, true);
}

/** [rows, 1]: −log of the softmax share of a row's logit among itself and its session's rows of the other class. */
function sessionRanking<T>(ops: TensorOps<T>, logits: T, oneHot: T, session: T): T {
  const classLogit = ops.sum(ops.mul(logits, oneHot), 1, true);
  const others = ops.matMul(oneHot, logits, false, true); // [row, other]: the other's logit of the row's class
  const sameClass = ops.matMul(oneHot, oneHot, false, true);
  const sameSession = ops.relu(ops.sub(1, ops.abs(ops.sub(session, ops.transpose(session)))));
  const competes = ops.mul(sameSession, ops.sub(1, sameClass));
  const competing = ops.add(others, ops.mul(ops.sub(competes, 1), farBelow));
  const largest = ops.maximum(ops.max(ops.detach(competing), 1, true), ops.detach(classLogit));
  const ownTerm = ops.exp(ops.sub(classLogit, largest));
  const sum = ops.add(ops.sum(ops.exp(ops.sub(competing, largest)), 1, true), ownTerm);
  return ops.sub(ops.add(ops.log(sum), largest), classLogit);
}

/** Subtracted from logits of rows that do not compete: their exponential is 0. */
const farBelow = 1e9;

/** A task loss (TorchEasyRec `LossConfig`). */
export type LossSpec = KnownLoss | OtherSpec;

export function knownLoss(loss: LossSpec): Loss<KnownLoss> | null {
  return loss.kind === "other" ? null : losses[loss.kind];
}

/** The feature whose ids are a loss's sessions; `null` if the loss compares no rows. */
export function sessionFeature(loss: LossSpec): string | null {
  return loss.kind === "other" ? null : (knownLoss(loss)?.session?.(loss) ?? null);
}
