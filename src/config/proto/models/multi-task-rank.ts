/** Multi-task rankers, PEPNet among them. TorchEasyRec's names, numbers and defaults (`models/multi_task_rank.proto`, 1.3.16). */
export const multiTaskRankProto: string = `
syntax = "proto2";
package tzrec.protos;

message PEPNet {
  optional uint32 epnet_hidden_unit = 1;
  optional float epnet_gamma = 2 [default = 2];
  repeated uint32 ppnet_hidden_units = 3;
  optional string ppnet_activation = 4 [default = "nn.ReLU"];
  repeated float ppnet_dropout_ratio = 5;
  optional float ppnet_gamma = 6 [default = 2];
  optional string domain_input_name = 7;
  optional uint32 task_domain_num = 8 [default = 1];
  repeated TaskTower task_towers = 9;
}

message SimpleMultiTask {
  repeated TaskTower task_towers = 1;
}

message MMoE {
  required MLP expert_mlp = 1;
  optional MLP gate_mlp = 2;
  required uint32 num_expert = 3 [default = 3];
  repeated TaskTower task_towers = 4;
}

message PLE {
  repeated ExtractionNetwork extraction_networks = 1;
  repeated TaskTower task_towers = 2;
}

message DBMTL {
  optional MaskNetModule mask_net = 6;
  optional MLP bottom_mlp = 1;
  optional MLP expert_mlp = 2;
  optional MLP gate_mlp = 3;
  optional uint32 num_expert = 4 [default = 3];
  repeated BayesTaskTower task_towers = 5;
}
`;
