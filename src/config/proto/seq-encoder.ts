/** Sequence encoders inside a feature group. TorchEasyRec's names, numbers and defaults (`seq_encoder.proto`, 1.3.16). */
export const seqEncoderProto: string = `
syntax = "proto2";
package tzrec.protos;

message SeqEncoderConfig {
  oneof seq_module {
    DINEncoder din_encoder = 1;
    SimpleAttention simple_attention = 2;
    PoolingEncoder pooling_encoder = 3;
    MultiWindowDINEncoder multi_window_din_encoder = 4;
    SelfAttentionEncoder self_attention_encoder = 6;
  }
}

message DINEncoder {
  optional string name = 1;
  required string input = 2;
  required MLP attn_mlp = 3;
  optional int32 max_seq_length = 6 [default = 0];
}

message SimpleAttention {
  optional string name = 1;
  required string input = 2;
  optional int32 max_seq_length = 6 [default = 0];
}

message PoolingEncoder {
  optional string name = 1;
  required string input = 2;
  optional string pooling_type = 3 [default = "mean"];
  optional int32 max_seq_length = 6 [default = 0];
}

message MultiWindowDINEncoder {
  optional string name = 1;
  required string input = 2;
  required MLP attn_mlp = 3;
  repeated uint32 windows_len = 4;
}

message SelfAttentionEncoder {
  optional string name = 1;
  required string input = 2;
  optional int32 multihead_attn_dim = 3 [default = 512];
  optional int32 num_heads = 4 [default = 8];
  optional float dropout = 5 [default = 0];
  optional int32 max_seq_length = 6 [default = 0];
}
`;
