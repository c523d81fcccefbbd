/** The facts that judges of a training read, and the type of their findings. */

import type { Judge, Observation } from "../../../core/errors/finding.js";
import type { CalibrationReport } from "../../../core/metrics/calibration-curve.js";
import type { Comparison } from "../../../core/metrics/comparison-verdict.js";
import type { Evaluation } from "../../../core/metrics/types.js";
import type { ModelSpec } from "../../../core/spec/model.js";
import type { History } from "../../../core/train/loop/recorder.js";
import type { StudyReport } from "../../ablation/study.js";
import type { Audit } from "../../gates/audit-checks.js";
import type { CounterfactualReport } from "../../gates/counterfactual.js";
import type { AucReference } from "../../views/view.js";

/** A training and its measurements. Parts that are missing or `null` were not measured. */
export interface RunFacts {
  readonly spec: ModelSpec;
  readonly history: History;
  readonly interrupted: boolean;
  /** With intervals in a report; of the validation rows, without them, after a training. */
  readonly evaluation: Evaluation | null;
  /** The steps of the whole training; missing: those of the history. */
  readonly totalSteps?: number | undefined;
  /** `fit(data, { steps })` limited it, so it needs no advice on its length. */
  readonly isDryRun?: boolean | undefined;
  readonly references?: readonly AucReference[] | undefined;
  /** The evaluation on training rows. */
  readonly training?: Evaluation | null | undefined;
  /** The run compared with a baseline, on the evaluation rows. */
  readonly comparison?: Comparison | null | undefined;
  readonly calibration?: CalibrationReport | null | undefined;
  readonly audit?: Audit | null | undefined;
  readonly counterfactuals?: CounterfactualReport | null | undefined;
  readonly study?: StudyReport | null | undefined;
}

/** What may help. */
export interface Action {
  /** What to do, in lower case, without a full stop. */
  readonly text: string;
  /** How to type it. */
  readonly code?: (facts: RunFacts) => string;
  /**
   * What it increases (1) or reduces (−1): two actions that pull one setting in two directions contradict each other.
   */
  readonly pulls?: readonly [setting: "length" | "learning rate" | "size" | "domains", direction: 1 | -1];
  readonly isDone?: (facts: RunFacts) => boolean;
}

export interface RunObservation extends Omit<Observation, "fix"> {
  /** What may help, best first: alternatives from which its fix is made. */
  readonly actions: readonly Action[];
}

export interface RunJudge extends Judge {
  find(facts: RunFacts): readonly RunObservation[];
}

export function observation(path: string, message: string, ...actions: readonly (Action | string)[]): RunObservation {
  return { path, message, actions: actions.map((each) => (typeof each === "string" ? { text: each } : each)) };
}

/** What `find` returns for each item, without `null`. */
export function observations<Item>(
  items: readonly Item[] | undefined,
  find: (item: Item) => RunObservation | null,
): RunObservation[] {
  return (items ?? []).flatMap((item) => find(item) ?? []);
}
