/** Negative samplers. TorchEasyRec's names, numbers and defaults (`sampler.proto`, 1.3.16). */
export const samplerProto: string = `
syntax = "proto2";
package tzrec.protos;

message NegativeSampler {
  required string input_path = 1;
  required uint32 num_sample = 2;
  repeated string attr_fields = 3;
  required string item_id_field = 4;
  optional string attr_delimiter = 5 [default = ":"];
  optional uint32 num_eval_sample = 6 [default = 0];
  optional string field_delimiter = 7;
  optional string item_id_delim = 8 [default = ";"];
}

message NegativeSamplerV2 {
  required string user_input_path = 1;
  required string item_input_path = 2;
  required string pos_edge_input_path = 3;
  required uint32 num_sample = 4;
  repeated string attr_fields = 5;
  required string item_id_field = 6;
  required string user_id_field = 7;
  optional string attr_delimiter = 8 [default = ":"];
  optional uint32 num_eval_sample = 9 [default = 0];
  optional string field_delimiter = 10;
}

message HardNegativeSampler {
  required string user_input_path = 1;
  required string item_input_path = 2;
  required string hard_neg_edge_input_path = 3;
  required uint32 num_sample = 4;
  required uint32 num_hard_sample = 5;
  repeated string attr_fields = 6;
  required string item_id_field = 7;
  required string user_id_field = 8;
  optional string attr_delimiter = 9 [default = ":"];
  optional uint32 num_eval_sample = 10 [default = 0];
  optional string field_delimiter = 11;
}

message HardNegativeSamplerV2 {
  required string user_input_path = 1;
  required string item_input_path = 2;
  required string pos_edge_input_path = 3;
  required string hard_neg_edge_input_path = 4;
  required uint32 num_sample = 5;
  required uint32 num_hard_sample = 6;
  repeated string attr_fields = 7;
  required string item_id_field = 8;
  required string user_id_field = 9;
  optional string attr_delimiter = 10 [default = ":"];
  optional uint32 num_eval_sample = 11 [default = 0];
  optional string field_delimiter = 12;
}

message TDMSampler {
  required string item_input_path = 1;
  required string edge_input_path = 2;
  required string predict_edge_input_path = 3;
  repeated string attr_fields = 4;
  required string item_id_field = 5;
  repeated uint32 layer_num_sample = 6;
  optional string attr_delimiter = 7 [default = ":"];
  optional uint32 num_eval_sample = 8 [default = 0];
  optional string field_delimiter = 9;
  optional float remain_ratio = 10 [default = 1];
  optional string probability_type = 11 [default = "UNIFORM"];
}
`;
