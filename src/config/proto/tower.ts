/** Task towers. TorchEasyRec's names, numbers and defaults (`tower.proto`, 1.3.16). */
export const towerProto: string = `
syntax = "proto2";
package tzrec.protos;

message TaskTower {
  required string tower_name = 1;
  required string label_name = 2;
  repeated MetricConfig metrics = 3;
  repeated TrainMetricConfig train_metrics = 20;
  repeated LossConfig losses = 4;
  optional uint32 num_class = 5 [default = 1];
  optional MLP mlp = 6;
  optional float weight = 7 [default = 1];
  optional string sample_weight_name = 8;
  optional string task_space_indicator_label = 9;
  optional float in_task_space_weight = 10 [default = 1];
  optional float out_task_space_weight = 11 [default = 1];
  optional float pareto_min_loss_weight = 12 [default = 0];
}

message BayesTaskTower {
  required string tower_name = 1;
  optional string label_name = 2;
  repeated MetricConfig metrics = 3;
  repeated TrainMetricConfig train_metrics = 20;
  repeated LossConfig losses = 4;
  optional uint32 num_class = 5 [default = 1];
  optional MLP mlp = 6;
  optional float weight = 7 [default = 1];
  repeated string relation_tower_names = 8;
  optional MLP relation_mlp = 9;
  optional string sample_weight_name = 10;
  optional string task_space_indicator_label = 11;
  optional float in_task_space_weight = 12 [default = 1];
  optional float out_task_space_weight = 13 [default = 1];
  optional float pareto_min_loss_weight = 14 [default = 0];
}
`;
