/** The whole pipeline: paths and one message for each part. TorchEasyRec's names, numbers and defaults (`pipeline.proto`, 1.3.16). */
export const pipelineProto: string = `
syntax = "proto2";
package tzrec.protos;

message EasyRecConfig {
  required string train_input_path = 1;
  required string eval_input_path = 2;
  required string model_dir = 3;
  optional TrainConfig train_config = 4;
  optional EvalConfig eval_config = 5;
  optional ExportConfig export_config = 6;
  optional DataConfig data_config = 7;
  repeated FeatureConfig feature_configs = 8;
  optional ModelConfig model_config = 9;
}
`;
