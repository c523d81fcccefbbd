import type { CalibrationReport } from "../../metrics/calibration/index.js";
import type { Comparison, Evaluation } from "../../metrics/index.js";
import type { Work } from "../../util/turns.js";
import { type CalibrationRequest, calibrating } from "./calibrate.js";
import { type CompareRequest, comparing } from "./compare.js";
import { measuring } from "./measure.js";
import type { MeasureRequest } from "./measure-request.js";

export interface MeasureJobs {
  readonly evaluation: { readonly request: MeasureRequest; readonly result: Evaluation };
  readonly comparison: { readonly request: CompareRequest; readonly result: Comparison };
  readonly calibration: { readonly request: CalibrationRequest; readonly result: CalibrationReport };
}

export type MeasureKind = keyof MeasureJobs;

const works: {
  readonly [Kind in MeasureKind]: (request: MeasureJobs[Kind]["request"]) => Work<MeasureJobs[Kind]["result"]>;
} = {
  evaluation: measuring,
  comparison: comparing,
  calibration: calibrating,
};

export function measureWork<Kind extends MeasureKind>(
  kind: Kind,
  request: MeasureJobs[Kind]["request"],
): Work<MeasureJobs[Kind]["result"]> {
  return works[kind](request);
}
