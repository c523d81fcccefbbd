/** One of the trainings of a call that trains several times on one engine. */
import type { EncodedData } from "../../data/encoded/encoded.js";
import type { EngineState } from "../../engine/engine.js";

export interface PartTraining {
  /** Such as `start`, `warm-2024-05-06` or `from-feed-300`. Also its folder. */
  readonly name: string;
  readonly data: EncodedData;
  /** The state of the engine before its first step. */
  readonly from: EngineState;
  /** Whether it starts from initial weights, so that outputs start at the labels' rates if the model says so. */
  readonly isUntrained: boolean;
  /** The training whose weights and optimizers it continues; `null`: none. */
  readonly continues: string | null;
}

/** Trains the engine; `null` if interrupted. @returns the number of steps */
export type TrainPart = (training: PartTraining) => Promise<number | null>;
