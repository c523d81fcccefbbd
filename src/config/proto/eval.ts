/** How it is evaluated. TorchEasyRec's names, numbers and defaults (`eval.proto`, 1.3.16). */
export const evalProto: string = `
syntax = "proto2";
package tzrec.protos;

message EvalConfig {
  optional uint32 num_steps = 1;
  optional uint32 log_step_count_steps = 2 [default = 10];
  optional bool use_dense_ema = 3;
}
`;
