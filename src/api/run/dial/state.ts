/** What a dial shows at its gammas: predictions, metrics and gates of the scaled model on its rows. */
import type { EncodedData } from "../../../data/index.js";
import type { ReadingEngine } from "../../../engine/index.js";
import type { GatesReport } from "../../../gates/index.js";
import type { Evaluation } from "../../../metrics/index.js";
import type { Predictions } from "../../../train/index.js";
import type { Dataset } from "../../data/index.js";
import type { ReportedStudy } from "../../report/index.js";
import type { Readable, Subject } from "../subject.js";

/** The gammas of a dial. */
export interface DialGammas {
  /** EPNet's; `null`: the model has no EPNet. */
  readonly epnet: number | null;
  /** PPNet's; `null`: the model has no PPNet. */
  readonly ppnet: number | null;
}

/** The numbers at some gammas. */
export interface DialState {
  readonly gammas: DialGammas;
  readonly predictions: readonly Predictions[];
  readonly evaluation: Evaluation;
  readonly gates: GatesReport;
}

/** What a dial reads. `R`: the type of the run that it makes. */
export interface DialParts<R> {
  readonly subject: Subject;
  /** All rows. */
  readonly rows: Dataset;
  /** The sampled rows, and their numbers in the data. */
  readonly data: EncodedData;
  readonly numbers: Int32Array;
  /** Trained models at several gammas. */
  readonly study: ReportedStudy | null;
  readonly keep: (gammas: DialGammas) => Promise<R>;
}

/** Computes the numbers. @param earlier of the same rows: its EPNet gates stay if only PPNet's gamma differs */
export async function readState(
  { subject, data }: Pick<DialParts<unknown>, "subject" | "data">,
  gammas: DialGammas,
  earlier?: DialState,
): Promise<DialState> {
  const { measurePredictions, predict } = await import("../../../train/index.js");
  const { gatesReport } = await import("../../../gates/index.js");
  return scaledSubject(subject, gammas).engine.use(async (scaled): Promise<DialState> => {
    const predictions = await predict(scaled, data);
    const evaluation = await measurePredictions(scaled.spec, data, predictions);
    const sameEpnet = earlier?.gammas.epnet === gammas.epnet ? earlier.gates : null;
    const gates = await gatesReport(scaled, data, { rows: data.rows, details: false }, sameEpnet);
    return { gammas, predictions, evaluation, gates };
  });
}

/** The model with its gates scaled, for analyses that read rows. */
export function scaledSubject({ spec, engine }: Subject, gammas: DialGammas): Readable {
  return {
    spec,
    engine: {
      use: async (work) => {
        const { scaledEngine } = await import("../../../engine/index.js");
        return engine.use((running) => {
          const scaled: ReadingEngine = scaledEngine(running, {
            epnet: gammas.epnet ?? undefined,
            ppnet: gammas.ppnet ?? undefined,
          });
          return work(scaled);
        });
      },
    },
  };
}
