/** Settings that follow from the number of rows, and how to shorten a long training. */
import type { ModelSpec } from "../../core/spec/model.js";
import { isAutomaticLength, resolveTraining } from "../../core/spec/training.js";
import type { Progress } from "../../core/train/loop/recorder.js";
import { count, grouped } from "../../core/util/text.js";

const MEASURED_SECONDS = 3;
const LONG_SECONDS = 60;

/** How to shorten a training; `null`: it is not long, or that is not known yet. @param measuredSeconds after warm-up */
export function longTraining({ secondsLeft }: Pick<Progress, "secondsLeft">, measuredSeconds: number): string | null {
  if (measuredSeconds < MEASURED_SECONDS || secondsLeft < LONG_SECONDS) return null;
  return "fit(data, { steps: 100 }) is a short look, and model.estimate(data) says what takes the time";
}

/** @param validated whether there are rows to stop early by; `null`: TorchEasyRec trains, and the export says how long */
export function resolveSettings(
  spec: ModelSpec,
  rows: number,
  validated: boolean | null,
): { readonly spec: ModelSpec; readonly stopsEarly: boolean; readonly notes: readonly string[] } {
  const training = resolveTraining(spec.training, rows);
  const isAutomatic = isAutomaticLength(spec.training);
  const stopsEarly = isAutomatic && validated === true;
  const chosen: string[] = [];
  if (spec.training.batchSize === null) chosen.push(`batch size ${grouped(training.batchSize)}`);
  if (isAutomatic && validated !== null) {
    const length = count(training.epochs!, "epoch");
    chosen.push(stopsEarly ? `up to ${length} with early stopping` : `${length} (no validation rows to stop early by)`);
  }
  const settings = validated === null ? "batchSize" : "batchSize, epochs";
  const note = `chosen for ${count(rows, "row")}: ${chosen.join(", ")}; .train({ ${settings} }) overrides`;
  return { spec: { ...spec, training }, stopsEarly, notes: chosen.length === 0 ? [] : [note] };
}
