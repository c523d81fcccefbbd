import { stringLiteral } from "../../util/near.js";
import { findFeature } from "../feature/feature.js";
import { featureProblems, number, text } from "../option.js";
import { show, unless } from "../validate/checks.js";
import type { Loss, TensorOps } from "./loss.js";
import { classCrossEntropy } from "./softmax-cross-entropy.js";

/** JRC (Sheng et al. 2022). */
export interface JrcLossSpec {
  readonly kind: "jrc_loss";
  /** The feature whose first value is the session of a row. */
  readonly sessionName: string;
  /** Share of the cross entropy; the rest ranks the rows of a session. */
  readonly alpha: number;
}

export interface JrcLossMethod<Tower, Feature> {
  /**
   * JRC: cross entropy of two classes, and a ranking of the rows with the same value of a feature, such as a user or a
   * request: each positive row against the negative ones, and the reverse. `alpha`: the share of the cross entropy.
   * Default: 0.5.
   */
  jrc(session: Feature, options?: { readonly alpha?: number }): Tower;
}

export const jrcLoss: Loss<JrcLossSpec, JrcLossMethod<unknown, string>> = {
  kind: "jrc_loss",
  options: { sessionName: text(), alpha: number({ least: 0, most: 1 }) },
  label: "JRC",
  labels: "binary",
  outputs: "classes",
  docs: ["t.jrc(session)", "0 or 1, with two outputs; a row without a session is ranked against no other row"],
  method: "jrc",
  make: (sessionName, { alpha = 0.5 } = {}) => ({ sessionName, alpha, numClass: 2 }),
  session: ({ sessionName }) => sessionName,
  problems({ sessionName }, place) {
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
  },
  perRow(ops, rows, { alpha }) {
    const ranking = sessionRanking(ops, rows.logits, rows.target, rows.session!);
    return ops.add(ops.mul(classCrossEntropy(ops, rows, 0), alpha), ops.mul(ranking, 1 - alpha));
  },
};

/** [rows, 1]: −log of the share of a row's logit among itself and its session's rows of the other class. */
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
