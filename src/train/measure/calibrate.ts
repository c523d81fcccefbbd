import {
  type CalibrationCurve,
  type CalibrationReport,
  type TaskCalibration,
  withRatios,
} from "../../metrics/calibration/index.js";
import { type CalibrationOptions, calibrationCurve } from "../../metrics/index.js";
import { isBinary } from "../../spec/index.js";
import type { Work } from "../../util/turns.js";
import type { MeasureRequest } from "./measure-request.js";
import { positiveScores } from "./task-metrics.js";
import { cellRows, taskSpaceName } from "./task-rows.js";

export interface CalibrationRequest
  extends Pick<MeasureRequest, "towers" | "domainNames" | "columns" | "probabilities"> {
  readonly options: CalibrationOptions;
}

export function* calibrating(request: CalibrationRequest): Work<CalibrationReport> {
  const { towers, domainNames, columns, options } = request;
  const tasks: TaskCalibration[] = [];
  for (const [index, tower] of towers.entries()) {
    if (!isBinary(tower)) continue;
    const scores = positiveScores(tower, request.probabilities[index]!);
    const labels = columns.labels.get(tower.label)!;
    const curves: CalibrationCurve[] = [];
    for (const rows of cellRows(tower, columns, domainNames.length)) {
      curves.push(calibrationCurve(scores, labels, rows, options));
      yield;
    }
    const [overall, ...domains] = curves;
    const within = taskSpaceName(tower);
    tasks.push({ tower: tower.name, label: tower.label, within, overall: overall!, domains });
  }
  const level = options.level ?? 0.95;
  return { rows: columns.rows, domainNames, level, tasks: withRatios(tasks, level) };
}
