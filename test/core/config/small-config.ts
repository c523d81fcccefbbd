/** A small, complete pipeline that tests change in one place. */
export const smallConfig = `train_input_path: "train.parquet"
eval_input_path: "test.parquet"
model_dir: "model"
train_config {
  sparse_optimizer { adagrad_optimizer { lr: 0.05 } constant_learning_rate {} }
  dense_optimizer { adam_optimizer { lr: 0.001 } constant_learning_rate {} }
  num_epochs: 1
}
data_config {
  dataset_type: ParquetDataset
  fg_mode: FG_NORMAL
  label_fields: ["clk", "buy", "scene"]
}
feature_configs { id_feature { feature_name: "user" expression: "user:user" num_buckets: 100 embedding_dim: 8 } }
feature_configs { id_feature { feature_name: "brand" expression: "item:brand" hash_bucket_size: 100 embedding_dim: 8 } }
feature_configs { id_feature { feature_name: "scene" expression: "context:scene" num_buckets: 3 embedding_dim: 8 } }
model_config {
  feature_groups { group_name: "all" feature_names: ["user", "brand", "scene"] group_type: DEEP }
  feature_groups { group_name: "domain" feature_names: ["scene"] group_type: DEEP }
  feature_groups { group_name: "uia" feature_names: ["user", "brand"] group_type: DEEP }
  pepnet {
    domain_input_name: "scene"
    task_domain_num: 3
    ppnet_hidden_units: [16, 8]
    task_towers { tower_name: "ctr" label_name: "clk" losses { binary_cross_entropy {} } mlp { hidden_units: 4 } }
    task_towers { tower_name: "cvr" label_name: "buy" losses { binary_cross_entropy {} } mlp { hidden_units: 4 } }
  }
}
`;

/** The small pipeline with one text replaced; the text must be there. */
export function changed(before: string, after: string): string {
  if (!smallConfig.includes(before)) throw new Error(`the small config has no ${before}`);
  return smallConfig.replace(before, after);
}
