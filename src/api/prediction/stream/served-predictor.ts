/** Predictions of an exported model as columns. */
import type { EncodedData } from "../../../data/index.js";
import type { OpenModel, ServedOutput } from "../../../serve/index.js";
import { classLists, type PredictionColumn } from "../columns.js";
import type { Predictor } from "./parts.js";

/** Predicts with an exported model: every output, or those of each row's domain, named without the domain. */
export function servedPredictor(model: OpenModel, everyDomain: boolean): Predictor {
  const { outputs, domains } = model.encoders;
  return async (data) => {
    const values = await model.predict(data);
    const rowDomains = everyDomain || domains === null ? null : data.domains;
    if (rowDomains === null) return predictionColumns(outputs, (output) => values.get(output.name)!);
    return predictionColumns(ownOutputs(outputs), (output) => ownValues(output, outputs, values, data));
  };
}

/** Merges the outputs of all domains into one: each row's domain, under the tower's name. */
function ownOutputs(outputs: readonly ServedOutput[]): ServedOutput[] {
  return outputs
    .filter(({ domain }) => domain === 0)
    .map((output) => ({ ...output, name: `${output.kind}_${output.tower}` }));
}

function ownValues(
  { tower, kind, classes }: ServedOutput,
  outputs: readonly ServedOutput[],
  values: ReadonlyMap<string, Float32Array>,
  { rows, domains }: EncodedData,
): Float32Array {
  const byDomain = outputs
    .filter((output) => output.tower === tower && output.kind === kind)
    .map((output) => values.get(output.name)!);
  const results = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const from = byDomain[domains![row]!]!;
    for (let at = row * classes; at < (row + 1) * classes; at++) results[at] = from[at]!;
  }
  return results;
}

function predictionColumns(
  outputs: readonly ServedOutput[],
  values: (output: ServedOutput) => Float32Array,
): Record<string, PredictionColumn> {
  return Object.fromEntries(outputs.map((output) => [output.name, classLists(values(output), output.classes)]));
}
