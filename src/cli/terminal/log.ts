/** What commands report while they work. */
import type { EvaluationResult, Study } from "../../api/index.js";
import type { TrainingHooks } from "../../api/model/index.js";

/** The fields of a line, in order. */
export type Fields = Readonly<Record<string, string | number | null>>;

/** A step of training. */
export type TrainingStep = Parameters<NonNullable<TrainingHooks["onStep"]>>[0];

/** Where in training an evaluation was made. */
export interface TrainingPlace {
  readonly step: number;
  readonly epoch: number;
}

/** Finished runs of a study. */
export interface StudyProgress {
  readonly variant: string;
  readonly seed: number;
  readonly kept: string;
  readonly done: number;
  readonly planned: number;
}

/** Reports the progress and the results of a command. */
export interface Log {
  /** Writes an event to standard output. */
  line(event: string, fields: Fields): void;
  /** Writes a note for people to standard error. */
  note(text: string): void;
  /** Reports a step of training. */
  step(step: TrainingStep): void;
  /** Reports an evaluation; `null`: not during training. */
  evaluation(evaluation: EvaluationResult["facts"], at: TrainingPlace | null): void;
  /** Reports a finished run of a study. */
  runs(progress: StudyProgress & Fields): void;
  /** Reports a finished study. */
  study(study: Study): void;
  /** Ends the progress bar, if any, and writes what is due at the end. */
  end(): void;
}
