/** Building blocks that models share. TorchEasyRec's names, numbers and defaults (`module.proto`, 1.3.16). */
export const moduleProto: string = `
syntax = "proto2";
package tzrec.protos;

message MLP {
  repeated uint32 hidden_units = 1;
  repeated float dropout_ratio = 2;
  optional string activation = 3 [default = "nn.ReLU"];
  optional bool use_bn = 4 [default = false];
  optional bool bias = 5 [default = true];
  optional bool use_ln = 6 [default = false];
}

message VariationalDropout {
  optional float regularization_lambda = 1 [default = 0.01];
  optional bool embedding_wise_variational_dropout = 2 [default = false];
}
`;
