/** Times a whole run on a small model, from a Parquet file to trained weights (`shared/golden/whole-run`). */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { specFromConfig } from "../src/core/config/spec-from-config.js";
import { encode } from "../src/core/data/encode/encode.js";
import { openTable } from "../src/core/data/table/open.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { fit } from "../src/core/train/loop/fit.js";
import type { Measurement } from "./figure.js";
import { sharedFolder, withBatchSize } from "./models.js";
import { compiledEngine } from "./steppers.js";
import { interleaved, median, millis } from "./timing.js";

const folder = path.join(sharedFolder, "golden", "whole-run");

/** Its training rows. */
export const smallTrain: string = path.join(folder, "train.parquet");

/** Whether the data are available; if not, reports that `measurement` is skipped. */
export function hasSmall(measurement: string): boolean {
  const isAvailable = existsSync(folder);
  if (!isAvailable) console.error(`${measurement}: skipped, since ../shared/golden/whole-run is missing`);
  return isAvailable;
}

/** The model. */
export function smallSpec(): ModelSpec {
  const config = path.join(folder, "pipeline.config");
  return specFromConfig(readFileSync(config, "utf8"), { path: config });
}

/** From the Parquet file to trained weights; returns the number of training rows. */
export async function trainSmall(spec: ModelSpec): Promise<number> {
  // Like `model.fit`: the engine starts while the data are read.
  const [data, engine] = await Promise.all([encode(await openTable(smallTrain), spec), compiledEngine(spec)]);
  await fit(engine, data, null);
  await engine.weights();
  await engine.dispose();
  return data.rows;
}

/** `small`. */
export const smallMeasurement: Measurement = {
  name: "small",
  async run(report) {
    if (!hasSmall("small")) return;
    const spec = smallSpec();
    let rows = 0;
    const train = async (sizedSpec: ModelSpec): Promise<void> => {
      rows = await trainSmall(sizedSpec);
    };
    const first = await millis(() => train(spec));
    const times = await interleaved(
      { large: () => train(withBatchSize(spec, 8192)), medium: () => train(withBatchSize(spec, 2048)) },
      { rounds: 3, warmUp: 0 },
    );
    report(`small.${spec.training.batchSize}.first-run`, rows / (first / 1000), "rows/s");
    report("small.8192", rows / (median(times.large) / 1000), "rows/s");
    report("small.2048", rows / (median(times.medium) / 1000), "rows/s");
  },
};
