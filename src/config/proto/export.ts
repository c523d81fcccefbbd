/** How it is exported for serving. TorchEasyRec's names, numbers and defaults (`export.proto`, 1.3.16). */
export const exportProto: string = `
syntax = "proto2";
package tzrec.protos;

message ExportConfig {
  optional string exporter_type = 1 [default = "latest"];
  optional string best_exporter_metric = 2 [default = "auc"];
  optional bool metric_larger_is_better = 3 [default = true];
  optional string mixed_precision = 4 [default = ""];
  optional bool cudnn_allow_tf32 = 5 [default = true];
  optional bool cuda_matmul_allow_tf32 = 6 [default = false];
  optional bool use_dense_ema = 7;
}
`;
