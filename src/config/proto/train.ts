/** How a model is trained, saved and watched. TorchEasyRec's names, numbers and defaults (`train.proto`, 1.3.16). */
export const trainProto: string = `
syntax = "proto2";
package tzrec.protos;

message TrainConfig {
  required SparseOptimizer sparse_optimizer = 1;
  required DenseOptimizer dense_optimizer = 2;
  optional uint32 num_steps = 3;
  optional uint32 num_epochs = 4;
  optional uint32 save_checkpoints_steps = 5 [default = 1000];
  optional string fine_tune_checkpoint = 6;
  optional string fine_tune_ckpt_param_map = 7;
  optional uint32 log_step_count_steps = 8 [default = 100];
  optional bool is_profiling = 9 [default = false];
  optional bool use_tensorboard = 10 [default = true];
  optional uint32 save_checkpoints_epochs = 11;
  repeated string tensorboard_summaries = 12;
  optional bool cudnn_allow_tf32 = 13 [default = true];
  optional bool cuda_matmul_allow_tf32 = 14 [default = false];
  optional ParameterConstraints global_embedding_constraints = 15;
  optional string mixed_precision = 16;
  optional GradScaler grad_scaler = 17;
  optional uint32 gradient_accumulation_steps = 18;
  optional GradClipping grad_clipping = 19;
  optional uint32 keep_checkpoint_max = 20 [default = 0];
  optional uint32 save_checkpoints_timestamp_interval = 21 [default = 0];
  repeated uint64 save_checkpoints_timestamps = 22;
  optional float save_checkpoints_timestamp_quorum = 23 [default = 0.5];
  optional DeltaEmbeddingDumpConfig delta_embedding_dump_config = 24;
}

message GradScaler {
  optional float init_scale = 1 [default = 65536];
  optional float growth_factor = 2 [default = 2];
  optional float backoff_factor = 3 [default = 0.5];
  optional uint32 growth_interval = 4 [default = 2000];
}

message GradClipping {
  optional string clipping_type = 1 [default = "none"];
  optional float max_gradient = 2 [default = 1];
  optional float norm_type = 3 [default = 2];
  optional bool enable_global_grad_clip = 4 [default = false];
}

message DeltaEmbeddingDumpConfig {
  optional uint32 dump_interval_steps = 1 [default = 1000];
  optional string output_dir = 2;
  optional string file_prefix = 3 [default = "delta_embedding"];
  optional FeatureStoreConfig feature_store_config = 4;
  optional uint32 dump_interval_minutes = 5;
  optional DeltaEmbeddingQuantType quant_type = 6 [default = DELTA_EMBEDDING_QUANT_NONE];
}

message FeatureStoreConfig {
  reserved 4, 16;
  reserved "feature_entity_name", "allow_custom_endpoint";
  required string region = 1;
  required string project_name = 2;
  required string feature_view_name = 3;
  required string version = 5;
  optional string endpoint = 6;
  optional uint32 upload_batch_size = 7 [default = 1000];
  optional uint32 max_retries = 8 [default = 3];
  optional uint32 retry_backoff_secs = 9 [default = 5];
  optional uint32 shutdown_timeout_secs = 10 [default = 600];
  optional uint32 max_pending_steps = 11 [default = 32];
  optional uint32 poll_interval_secs = 12 [default = 1];
  optional uint32 feature_view_ttl_secs = 13 [default = 1296000];
  optional uint32 feature_view_shard_count = 14 [default = 20];
  optional uint32 feature_view_replication_count = 15 [default = 1];
  optional bool retain_local_dump = 17 [default = false];
  optional string upload_format = 18 [default = "ARROW"];
}

enum DeltaEmbeddingQuantType {
  DELTA_EMBEDDING_QUANT_NONE = 0;
  DELTA_EMBEDDING_QUANT_INT8 = 1;
}
`;
