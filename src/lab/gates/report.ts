/** The report of gates: statistics by domain on a sample, before training too, and the worth of each gate. */
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { type CounterfactualOptions, gateEffects } from "./counterfactual.js";
import { defaultRows, takeSample } from "./sample.js";
import { gateStatistics, type StatisticsOptions } from "./statistics.js";
import type { GatesReport } from "./types.js";

export interface GatesOptions extends CounterfactualOptions, Pick<StatisticsOptions, "untrained"> {
  /** `false`: without the slow parts. `"worth"`: of these, only the worth of each gate. Default: true. */
  readonly details?: boolean | "worth";
}

/** The number of rows for the spread of gates alone; more hardly change quantiles. */
const spreadRows = 2048;

/** The statistics of gates on a sample, and what each gate is worth. */
export async function gatesReport(
  engine: ReadingEngine,
  allRows: EncodedRows,
  options: GatesOptions = {},
): Promise<GatesReport> {
  const { details = true, rows = details === "worth" ? spreadRows : defaultRows } = options;
  const { data } = await takeSample(engine, allRows, { ...options, rows }, "gates");
  const report = await gateStatistics(engine, data, options);
  return details === false ? report : { ...report, effects: await gateEffects(engine, allRows, options) };
}
