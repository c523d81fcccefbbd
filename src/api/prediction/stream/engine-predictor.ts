/** Predictions of an engine, for each row's domain or for every domain. */
import { type EncodedData, sharedInts } from "../../../data/index.js";
import type { Engine } from "../../../engine/index.js";
import { predict } from "../../../train/index.js";
import { type PredictionColumn, predictionColumns } from "../columns.js";
import type { Predictor } from "./parts.js";

/** Predicts with an engine. */
export function enginePredictor(engine: Engine, everyDomain: boolean): Predictor {
  return (rows) => predictions(engine, rows, everyDomain);
}

/** Returns columns by name. Choosing a domain changes only which towers are used; gates depend on the features. */
async function predictions(
  engine: Engine,
  data: EncodedData,
  everyDomain: boolean,
): Promise<Record<string, PredictionColumn>> {
  const { spec } = engine;
  if (spec.domains === null || !everyDomain) return predictionColumns(spec, await predict(engine, data));
  const columns: Record<string, PredictionColumn> = {};
  for (let domain = 0; domain < spec.domains.count; domain++) {
    const domains = sharedInts(data.rows).fill(domain);
    Object.assign(columns, predictionColumns(spec, await predict(engine, { ...data, domains }), domain));
  }
  return columns;
}
