/**
 * Why an option of TorchEasyRec is not supported, and what to do instead.
 */

/** A reason, and a fix if there is a better one than to remove the option. */
export interface RefusalReason {
  readonly why: string;
  readonly fix?: string;
}

const sampler: RefusalReason = {
  why: "negative samples are for retrieval, and TorchEasyRec also stops if a group mixes them with other features",
};

const generated: RefusalReason = {
  why: "TorchEasyRec's feature generator computes it, which is a closed package",
  fix: "read generated columns (fg_mode: FG_NONE), or remove it from the groups; the config keeps it",
};

const onGpus: RefusalReason = {
  why: "TorchEasyRec has it for tables on GPUs only, and stops at it on a CPU",
  fix: "use adagrad_optimizer, rowwise_adagrad_optimizer or sgd_optimizer",
};

const semanticIds: RefusalReason = { why: "it is a loss of models of semantic ids; PEPNet has no such outputs" };

/** By field. */
const reasons: Readonly<Record<string, RefusalReason>> = {
  zch: {
    why: "it gives rows to ids as training meets them, so the rows depend on the history of training",
    fix: "use hash_bucket_size, or train with TorchEasyRec",
  },
  dynamicemb: {
    why: "its table grows in the memory of a GPU",
    fix: "use hash_bucket_size, or train with TorchEasyRec",
  },
  lookup_feature: generated,
  match_feature: generated,
  expr_feature: generated,
  overlap_feature: generated,
  kv_dot_product: generated,
  combine_feature: generated,
  custom_feature: generated,
  bool_mask_feature: generated,
  sequence_fields: generated,
  asset_dir: generated,
  tokenize_feature: { why: "its table has a row for each token of a tokenizer's file, which a closed package counts" },
  data_type: {
    why: "every update of its table would be rounded to half precision; every number here is a float32",
    fix: "remove it to train; a trained model with FP16 tables opens and predicts",
  },
  lars_sgd_optimizer: onGpus,
  lamb_optimizer: onGpus,
  partial_rowwise_lamb_optimizer: onGpus,
  adadelta_optimizer: onGpus,
  rmsprop_optimizer: onGpus,
  recon_loss: semanticIds,
  commitment_loss: semanticIds,
  contrastive_loss: semanticIds,
  variational_dropout: { why: "its dropout has a learned probability per feature, for feature selection" },
  group_type: { why: "PEPNet's groups are DEEP; TorchEasyRec stops at SEQUENCE, and WIDE has tables of width 4" },
  negative_sampler: sampler,
  negative_sampler_v2: sampler,
  hard_negative_sampler: sampler,
  hard_negative_sampler_v2: sampler,
  tdm_sampler: sampler,
  sample_mask_prob: { why: "training would replace values of features with use_mask by nulls at random" },
  sample_cost_field: { why: "its batches hold rows up to a sum of costs", fix: "remove it, and set batch_size" },
  batch_cost_size: { why: "its batches hold rows up to a sum of costs", fix: "remove it, and set batch_size" },
  mixed_precision: { why: "every number here is a float32" },
  fine_tune_checkpoint: {
    why: "it is a checkpoint of torch.distributed, which only Python reads",
    fix: "convert it by convert_weights.py, remove the field, and start from it: fit(data, { weights }) or --weights",
  },
  use_pareto_loss_weight: {
    why: "it weighs the losses anew in each step by their gradients; TorchEasyRec itself fails at it with NumPy 2",
    fix: "set constant weights: t.weight(…)",
  },
  init_fn: {
    why: "this initializer, which TorchEasyRec runs as Python, is not known",
    fix: "use a known one, remove it (uniform in ±1/√rows), or pass initial weights: fit(data, { weights })",
  },
  embedding_name_suffix: {
    why: "its group would have tables of its own, besides those of the other groups",
    fix: "declare features with other names for this group, and remove the suffix",
  },
};

/** The reason for a field, if it has a specific one. */
export function refusalReason(field: string): RefusalReason | undefined {
  return reasons[field.replace(/^sequence_(?!fields)/, "")];
}
