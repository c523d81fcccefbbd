import type { EvaluationResult, Study } from "../../api/index.js";
import type { TrainingHooks } from "../../api/model/index.js";

export type Fields = Readonly<Record<string, string | number | null>>;

export type TrainingStep = Parameters<NonNullable<TrainingHooks["onStep"]>>[0];

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

export interface Log {
  line(event: string, fields: Fields): void;
  note(text: string): void;
  step(step: TrainingStep): void;
  evaluation(evaluation: EvaluationResult["facts"], at: TrainingPlace | null): void;
  runs(progress: StudyProgress & Fields): void;
  study(study: Study): void;
  end(): void;
}
