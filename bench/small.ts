/** A whole run on a small model, from a Parquet file to trained weights: golden/whole-run of the folder `shared`. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { specFromConfig } from "../src/config/index.js";
import { encode, openTable } from "../src/data/index.js";
import type { ModelSpec } from "../src/spec/index.js";
import { fit } from "../src/train/index.js";
import type { Measurement } from "./figure.js";
import { projectFolder, withBatchSize } from "./models.js";
import { compiledEngine } from "./steppers.js";
import { interleaved, median, millis } from "./timing.js";

const shared = process.env.PEPNET_SHARED ?? path.resolve(projectFolder, "..", "shared");
const folder = path.join(shared, "golden", "whole-run");

/** `small`. */
export const smallMeasurement: Measurement = {
  name: "small",
  async run(report) {
    if (!existsSync(folder)) {
      console.error("small: skipped, since ../shared/golden/whole-run is not here");
      return;
    }
    const config = path.join(folder, "pipeline.config");
    const spec = specFromConfig(readFileSync(config, "utf8"), { path: config });
    let rows = 0;
    const train = async (own: ModelSpec): Promise<void> => {
      const data = await encode(await openTable(path.join(folder, "train.parquet")), own);
      rows = data.rows;
      const engine = await compiledEngine(own);
      await fit(engine, data, null);
      await engine.weights();
      await engine.dispose();
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
