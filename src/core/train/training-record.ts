/** How the weights of a run were trained, for code that trains its model again, such as an export to TorchEasyRec. */
import type { TrainingSpec } from "../spec/training.js";
import { mean } from "../util/numbers.js";
import * as is from "../util/shape.js";
import type { History } from "./loop/recorder.js";

/** Changes of a run's model after its training. */
export type RunChange = "recalibrated" | "scaled gates";

/** The weights that a training started from, if they were not random. */
export interface TrainingStart {
  /** The file or folder of the weights, or `weights in memory`. */
  readonly weights?: string | undefined;
  /** Whether some weights have a different name in the source, or start at random. */
  readonly mapped?: boolean | undefined;
  /** The domains that were new, such as `live from feed`. */
  readonly newDomains?: readonly string[] | undefined;
  /** The file of the state of the optimizers. */
  readonly optimizer?: string | undefined;
  /** The features whose tables start from vectors. */
  readonly vectors?: readonly string[] | undefined;
}

/** The training of a run's weights. */
export interface TrainingRecord {
  /** The steps of the weights: fewer than were trained if early stopping kept earlier weights. */
  readonly steps: number;
  readonly trainedSteps: number;
  /** Steps that the settings asked for. */
  readonly plannedSteps: number;
  /** Steps of a pass over the training rows. */
  readonly stepsPerEpoch: number;
  /** Steps between two evaluations; `null`: there were none. */
  readonly evaluationSteps: number | null;
  readonly end: "as planned" | "stopped early" | "interrupted";
  /** Absent: at random. */
  readonly start?: TrainingStart | undefined;
  /** The number of trainings whose mean the run is; then steps are means too. Absent: one. */
  readonly seeds?: number;
  /** Absent: none. */
  readonly changes?: readonly RunChange[];
}

export const recordShape: is.Shape<TrainingRecord> = is.object({
  steps: is.count,
  trainedSteps: is.count,
  plannedSteps: is.count,
  stepsPerEpoch: is.positive,
  evaluationSteps: is.nullable(is.positive),
  end: is.oneOf(["as planned", "stopped early", "interrupted"]),
  start: is.optional(
    is.object({
      weights: is.optional(is.text),
      mapped: is.optional(is.bool),
      newDomains: is.optional(is.listOf(is.text)),
      optimizer: is.optional(is.text),
      vectors: is.optional(is.listOf(is.text)),
    }),
  ),
  seeds: is.optional(is.positive),
  changes: is.optional(is.listOf(is.oneOf(["recalibrated", "scaled gates"]))),
}) as is.Shape as is.Shape<TrainingRecord>;

export interface StartingPoint {
  readonly weights?: unknown;
  readonly weightMap?: object;
  readonly newDomains?: Readonly<Record<string, unknown>>;
  readonly optimizer?: string;
  readonly vectors?: object;
}

/** The weights that a training started from, by options of `fit`; `undefined`: random. */
export function trainingStart({
  weights,
  weightMap,
  newDomains,
  optimizer,
  vectors = {},
}: StartingPoint): TrainingStart | undefined {
  const features = Object.keys(vectors);
  if (weights === undefined) return features.length === 0 ? undefined : { vectors: features };
  const place = typeof weights === "string" ? weights : "weights in memory";
  const grown = Object.entries(newDomains ?? {}).filter((entry) => entry[1] !== undefined);
  return {
    weights: place,
    mapped: weightMap === undefined ? undefined : true,
    newDomains: grown.length === 0 ? undefined : grown.map(([name, from]) => `${name} from ${startName(from)}`),
    optimizer,
  };
}

function startName(from: unknown): string {
  if (from === null) return "initial values";
  return Array.isArray(from) ? `the mean of ${from.join(", ")}` : String(from);
}

/** The record of a run that is the mean of several. */
export function meanRecord(records: readonly TrainingRecord[]): TrainingRecord {
  const rounded = (name: "steps" | "trainedSteps") => Math.round(mean(records.map((record) => record[name])));
  return { ...records[0]!, steps: rounded("steps"), trainedSteps: rounded("trainedSteps"), seeds: records.length };
}

/** The record of a run that an older version saved without one; `null`: nothing was trained. */
export function recordFromHistory(history: History, { epochs, steps }: TrainingSpec): TrainingRecord | null {
  const { points, evaluations, bestStep } = history;
  const last = points.at(-1);
  if (last === undefined) return null;
  const stepsPerEpoch = Math.max(1, Math.round(last.step / last.epoch));
  const plannedSteps = steps ?? (epochs === null ? last.step : epochs * stepsPerEpoch);
  const isWhole = last.step >= plannedSteps;
  const gaps = evaluations.map(({ step }, at) => step - (evaluations[at - 1]?.step ?? 0));
  return {
    steps: bestStep ?? last.step,
    trainedSteps: last.step,
    plannedSteps,
    stepsPerEpoch,
    // Early stopping also evaluates within the first epoch, and the last evaluation may come sooner.
    evaluationSteps: gaps.length === 0 ? null : Math.max(1, ...gaps),
    end: isWhole ? "as planned" : bestStep === null ? "interrupted" : "stopped early",
  };
}
