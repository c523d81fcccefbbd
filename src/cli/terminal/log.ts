/** What commands report while they work: lines for scripts, or a progress bar and tables for people at a terminal. */
import type { EvaluationResult, Study } from "../../api/index.js";
import type { TrainingHooks } from "../../api/model/index.js";
import { screenLog } from "./screen-log.js";
import { scriptLog } from "./script-log.js";

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

/** Choices for {@link createLog}. */
export interface LogChoices {
  /** JSON lines, also at a terminal. */
  readonly json?: boolean | undefined;
  /** Steps of training between lines for scripts. Default: 100. */
  readonly every?: number | undefined;
}

/** Whether standard output is a terminal that can redraw a line. */
function isWatched(): boolean {
  return process.stdout.isTTY === true && process.env["TERM"] !== "dumb";
}

/** Creates the log for this terminal, pipe or file. */
export function createLog({ json = false, every = 100 }: LogChoices = {}): Log {
  return !json && isWatched() ? screenLog() : scriptLog(json, every);
}
