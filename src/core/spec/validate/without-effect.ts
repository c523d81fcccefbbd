/** Options of an opened config that have no effect here: they are kept and written back. */

import { isObject } from "../../util/json.js";
import type { ModelSpec } from "../model.js";

/** The options without effect, by part of the pipeline and reason; `""`: in every part. A field may contain other fields. */
const harmless: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  train_config: {
    "checkpoints are options of fit": [
      "save_checkpoints_steps",
      "save_checkpoints_epochs",
      "save_checkpoints_timestamp_interval",
      "save_checkpoints_timestamps",
      "save_checkpoints_timestamp_quorum",
      "keep_checkpoint_max",
    ],
    "names are mapped by fit(data, { weightMap })": ["fine_tune_ckpt_param_map"],
    "for TorchEasyRec's logs": ["log_step_count_steps"],
    "for TensorBoard": ["use_tensorboard", "tensorboard_summaries"],
    "for the profiler": ["is_profiling"],
    "for GPUs": ["cudnn_allow_tf32", "cuda_matmul_allow_tf32", "delta_embedding_dump_config"],
    "for half precision": ["grad_scaler"],
  },
  eval_config: { "evaluation covers all rows": ["num_steps"], "for TorchEasyRec's logs": ["log_step_count_steps"] },
  export_config: { "for TorchEasyRec's export": [""] },
  data_config: {
    "rows are read in the order of the files": ["num_workers", "in_order"],
    "for GPUs": ["pin_memory"],
    "rows are shuffled, not batches": ["shuffle_buffer_size"],
    "for the feature generator": ["fg_threads"],
    "columns have names and types of the data": ["input_fields", "input_fields_str"],
    "an option of dataset(path)": ["delimiter", "with_header"],
    "the data are opened by path": ["dataset_type"],
    "for ODPS": ["is_orderby_partition", "odps_data_quota_name", "odps_data_compression"],
    "for samplers": ["force_base_data_group", "negative_sample_mask_prob"],
    "no feature has use_mask": ["sample_mask_prob"],
  },
  model_config: {
    "PEPNet reads each tower's": ["num_class", "losses", "metrics", "train_metrics"],
    "PEPNet does not use it": ["kernel"],
    "TorchEasyRec ignores it": ["embedding_wise_variational_dropout"],
    "PEPNet uses the groups all, domain and uia": ["feature_groups"],
  },
};

export function optionsWithoutEffect(spec: ModelSpec): readonly { readonly path: string; readonly reason: string }[] {
  const { extra, towers, training } = spec;
  const options = Object.entries(harmless).flatMap(([part, names]) => {
    const fields = extra[part];
    return Object.entries(isObject(fields) ? fields : {}).flatMap(([name, value]) => {
      const [reason] = Object.entries(names).find(([, all]) => all.includes(name) || all.includes("")) ?? [];
      return reason === undefined || (Array.isArray(value) && value.length === 0)
        ? []
        : [{ path: `${part}.${name}`, reason }];
    });
  });
  const ofTowers = towers.flatMap(({ name, minWeight }) =>
    minWeight === undefined || training.lossWeights === "pareto"
      ? []
      : [{ path: `towers.${name}.minWeight`, reason: "only lossWeights: pareto reads it" }],
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
