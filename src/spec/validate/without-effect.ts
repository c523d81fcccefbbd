/** Options of an opened config that have no effect here: they are kept and written back. */
import { isObject, type Json, type JsonObject } from "../../util/random.js";
import type { ModelSpec } from "../model.js";

/** Why options have no effect on results, by the part of the pipeline. A field may contain others. */
const harmless: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  train_config: {
    save_checkpoints_steps: "checkpoints are options of fit",
    save_checkpoints_epochs: "checkpoints are options of fit",
    save_checkpoints_timestamp_interval: "checkpoints are options of fit",
    save_checkpoints_timestamps: "checkpoints are options of fit",
    save_checkpoints_timestamp_quorum: "checkpoints are options of fit",
    keep_checkpoint_max: "checkpoints are options of fit",
    fine_tune_ckpt_param_map: "names are mapped by fit(data, { weightMap })",
    log_step_count_steps: "for TorchEasyRec's logs",
    use_tensorboard: "for TensorBoard",
    tensorboard_summaries: "for TensorBoard",
    is_profiling: "for the profiler",
    cudnn_allow_tf32: "for GPUs",
    cuda_matmul_allow_tf32: "for GPUs",
    grad_scaler: "for half precision",
    delta_embedding_dump_config: "for GPUs",
  },
  eval_config: {
    num_steps: "evaluation covers all rows",
    log_step_count_steps: "for TorchEasyRec's logs",
  },
  export_config: { "": "for TorchEasyRec's export" },
  data_config: {
    num_workers: "rows are read in the order of the files",
    pin_memory: "for GPUs",
    in_order: "rows are read in the order of the files",
    shuffle_buffer_size: "rows are shuffled, not batches",
    fg_threads: "for the feature generator",
    input_fields: "columns have names and types of the data",
    input_fields_str: "columns have names and types of the data",
    delimiter: "an option of dataset(path)",
    with_header: "an option of dataset(path)",
    dataset_type: "the data are opened by path",
    is_orderby_partition: "for ODPS",
    odps_data_quota_name: "for ODPS",
    odps_data_compression: "for ODPS",
    force_base_data_group: "for samplers",
    negative_sample_mask_prob: "for samplers",
    sample_mask_prob: "no feature has use_mask",
  },
  model_config: {
    num_class: "PEPNet reads each tower's",
    losses: "PEPNet reads each tower's",
    metrics: "PEPNet reads each tower's",
    train_metrics: "PEPNet reads each tower's",
    kernel: "PEPNet does not use it",
    embedding_wise_variational_dropout: "TorchEasyRec ignores it",
    feature_groups: "PEPNet uses the groups all, domain and uia",
  },
};

const towerOptions: Readonly<Record<string, string>> = {
  train_metrics: "metrics of training batches are only for TorchEasyRec's logs",
  pareto_min_loss_weight: "only use_pareto_loss_weight reads it",
};

export interface IdleOption {
  /** Its path in the config. */
  readonly path: string;
  /** Why it has no effect. */
  readonly reason: string;
}

export function optionsWithoutEffect(spec: ModelSpec): readonly IdleOption[] {
  const { extra, towers } = spec;
  const options = Object.entries(harmless).flatMap(([part, fields]) =>
    Object.keys(part in extra && isObject(extra[part]) ? (extra[part] as JsonObject) : {}).flatMap((name) => {
      const reason = fields[name] ?? fields[""];
      return reason !== undefined && isSet(extra[part], name) ? [{ path: `${part}.${name}`, reason }] : [];
    }),
  );
  const ofTowers = towers.flatMap(({ name, extra: fields }) =>
    Object.entries(towerOptions).flatMap(([field, reason]) =>
      field in fields ? [{ path: `towers.${name}.${field}`, reason }] : [],
    ),
  );
  const masked = spec.features.flatMap((feature) =>
    feature.kind !== "other" && feature.extra["use_mask"] === true ? [feature.name] : [],
  );
  const probability = "data_config.sample_mask_prob";
  if (masked.length > 0 && options.some(({ path }) => path === probability)) {
    return [...options.filter(({ path }) => path !== probability), ...ofTowers]; // refused before training
  }
  const reason = "without sample_mask_prob";
  return [...options, ...ofTowers, ...masked.map((name) => ({ path: `features.${name}.use_mask`, reason }))];
}

function isSet(part: Json | undefined, name: string): boolean {
  const value = (part as JsonObject)[name];
  return !(Array.isArray(value) && value.length === 0);
}
