/** Settings that `fit` and studies choose by the number of rows, and the note that reports them. */
import { isAutomaticLength, type ModelSpec, resolveTraining } from "../../spec/index.js";
import { count, grouped } from "../../util/text/format.js";

/** A spec whose batch size and length are numbers. */
export interface ResolvedSettings {
  readonly spec: ModelSpec;
  /** Whether training stops early if the options do not say. */
  readonly stopsEarly: boolean;
  /** The choices, for the reader; empty if the model sets everything. */
  readonly notes: readonly string[];
}

/** @param validated whether there are validation rows, without which training cannot stop early */
export function resolveSettings(spec: ModelSpec, rows: number, validated: boolean): ResolvedSettings {
  const training = resolveTraining(spec.training, rows);
  const isAutomatic = isAutomaticLength(spec.training);
  const stopsEarly = isAutomatic && validated;
  const chosen: string[] = [];
  if (spec.training.batchSize === null) chosen.push(`batch size ${grouped(training.batchSize)}`);
  if (isAutomatic) {
    const length = count(training.epochs!, "epoch");
    chosen.push(stopsEarly ? `up to ${length} with early stopping` : `${length} (no validation rows to stop early by)`);
  }
  const note = `chosen for ${count(rows, "row")}: ${chosen.join(", ")}; .train({ batchSize, epochs }) overrides`;
  return { spec: { ...spec, training }, stopsEarly, notes: chosen.length === 0 ? [] : [note] };
}
