/** Converts `data_config` to the labels, sample weights and batches of a spec, and back. */
import type { ModelSpec } from "../../spec/model.js";
import { flag, type OptionsOf, optionalNumber, texts } from "../../spec/option.js";
import type { TrainingSpec } from "../../spec/training.js";
import type { JsonObject } from "../../util/json.js";
import { type Fields, type Generation, writeOptions } from "./fields.js";

export type DataPart = Pick<ModelSpec, "labels" | "sampleWeights"> &
  Pick<TrainingSpec, "batchSize" | "evalBatchSize" | "shuffle" | "dropRemainder">;

const dataOptions: OptionsOf<DataPart> = {
  labels: texts("label_fields"),
  sampleWeights: texts("sample_weight_fields"),
  batchSize: optionalNumber(),
  evalBatchSize: optionalNumber(),
  shuffle: flag(),
  dropRemainder: flag(),
};

const ownDataset = "ParquetDataset";

export function readDataConfig(data: Fields): DataPart {
  if (data.rest()["dataset_type"] === ownDataset) data.take("dataset_type");
  return data.options(dataOptions);
}

export function writeDataConfig(spec: ModelSpec, generation: Generation): JsonObject {
  const { training, extra } = spec;
  const opened = (extra["data_config"] ?? {}) as JsonObject;
  const { mode, separator } = generation;
  return writeOptions("DataConfig", { ...training, ...spec }, dataOptions, {
    dataset_type: opened["dataset_type"] ?? ownDataset,
    fg_mode: mode,
    fg_encoded_multival_sep: mode === "FG_NONE" && opened["fg_mode"] === undefined ? separator : undefined,
  });
}
