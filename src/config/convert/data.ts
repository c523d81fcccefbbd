/** Converts `DataConfig` to a spec and back. */
import type { ModelSpec } from "../../spec/model.js";
import type { TrainingSpec } from "../../spec/training.js";
import type { JsonObject } from "../../util/random.js";
import { compact, type Fields, type Generation } from "./fields.js";

/** The parts of a spec from `data_config`. */
export type DataPart = Pick<ModelSpec, "labels" | "sampleWeights"> &
  Pick<TrainingSpec, "batchSize" | "evalBatchSize" | "shuffle" | "dropRemainder">;

/** The dataset type of an export. */
const ownDataset = "ParquetDataset";

/** Converts `data_config`, except its `fg_mode`. */
export function readDataConfig(data: Fields): DataPart {
  if (data.rest()["dataset_type"] === ownDataset) data.take("dataset_type");
  return {
    labels: data.texts("label_fields"),
    sampleWeights: data.texts("sample_weight_fields"),
    batchSize: data.optionalNumber("batch_size"),
    evalBatchSize: data.optionalNumber("eval_batch_size"),
    shuffle: data.flag("shuffle"),
    dropRemainder: data.flag("drop_remainder"),
  };
}

/** Returns the `data_config` of a spec. */
export function writeDataConfig(spec: ModelSpec, generation: Generation): JsonObject {
  const { training, extra } = spec;
  const opened = (extra["data_config"] ?? {}) as JsonObject;
  const { mode, separator } = generation;
  const implied = { drop_remainder: training.dropRemainder, shuffle: training.shuffle };
  const explicit = {
    batch_size: training.batchSize,
    dataset_type: opened["dataset_type"] ?? ownDataset,
    label_fields: spec.labels,
    sample_weight_fields: spec.sampleWeights,
    eval_batch_size: training.evalBatchSize,
    fg_mode: mode,
    fg_encoded_multival_sep: mode === "FG_NONE" && opened["fg_mode"] === undefined ? separator : undefined,
  };
  return compact("DataConfig", implied, explicit);
}
