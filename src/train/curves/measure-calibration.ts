/**
 * Calibration curves of an engine's predictions, computed in a separate thread if there are many rows.
 */
import { type EncodedRows, measuredColumns } from "../../data/encoded/index.js";
import type { Engine } from "../../engine/index.js";
import type { CalibrationOptions, CalibrationReport } from "../../metrics/calibration/index.js";
import { listDomainNames, predict } from "../evaluate.js";
import { measureAside } from "../measure/measure-aside.js";

/** Predicts all rows and computes the calibration curves of every binary task. */
export async function measureCalibration(
  engine: Engine,
  data: EncodedRows,
  options: CalibrationOptions = {},
): Promise<CalibrationReport> {
  const predictions = await predict(engine, data);
  const { rows, labels, domains } = await measuredColumns(data, new Set());
  return measureAside("calibration", {
    towers: engine.spec.towers,
    domainNames: listDomainNames(engine.spec),
    columns: { rows, features: new Map(), labels, domains },
    probabilities: predictions.map(({ probabilities }) => probabilities),
    options,
  });
}
