/** Where columns come from and how they are batched. TorchEasyRec's names, numbers and defaults (`data.proto`, 1.3.16). */
export const dataProto: string = String.raw`
syntax = "proto2";
package tzrec.protos;

message DataConfig {
  optional uint32 batch_size = 1 [default = 1024];
  required DatasetType dataset_type = 2 [default = OdpsDataset];
  optional bool fg_encoded = 3 [default = true];
  optional string fg_encoded_multival_sep = 4 [default = "\x03"];
  repeated string label_fields = 5;
  optional uint32 num_workers = 6 [default = 8];
  optional bool pin_memory = 7 [default = true];
  repeated Field input_fields = 8;
  optional string delimiter = 9 [default = ","];
  optional bool with_header = 10 [default = false];
  optional uint32 eval_batch_size = 11;
  optional bool drop_remainder = 12 [default = false];
  optional uint32 fg_threads = 13 [default = 1];
  optional bool is_orderby_partition = 14 [default = false];
  optional string odps_data_quota_name = 15 [default = "pay-as-you-go"];
  optional float sample_mask_prob = 16 [default = 0];
  optional float negative_sample_mask_prob = 17 [default = 0];
  optional bool force_base_data_group = 18 [default = false];
  repeated string sample_weight_fields = 19;
  optional FgMode fg_mode = 20 [default = FG_NONE];
  optional bool shuffle = 22 [default = false];
  optional uint32 shuffle_buffer_size = 23 [default = 32];
  optional string odps_data_compression = 24 [default = "LZ4_FRAME"];
  optional string sample_cost_field = 25;
  optional uint64 batch_cost_size = 26;
  optional string input_fields_str = 27;
  optional bool in_order = 28 [default = true];
  oneof sampler {
    NegativeSampler negative_sampler = 101;
    NegativeSamplerV2 negative_sampler_v2 = 102;
    HardNegativeSampler hard_negative_sampler = 103;
    HardNegativeSamplerV2 hard_negative_sampler_v2 = 104;
    TDMSampler tdm_sampler = 105;
  }
}

message Field {
  required string input_name = 1;
  optional FieldType input_type = 2;
}

enum DatasetType {
  OdpsDataset = 1;
  ParquetDataset = 2;
  CsvDataset = 3;
  OdpsDatasetV1 = 4;
  KafkaDataset = 5;
}

enum FieldType {
  INT32 = 0;
  INT64 = 1;
  STRING = 2;
  FLOAT = 3;
  DOUBLE = 4;
  ARRAY_INT32 = 5;
  ARRAY_INT64 = 6;
  ARRAY_STRING = 7;
  ARRAY_FLOAT = 8;
  ARRAY_DOUBLE = 9;
  ARRAY_ARRAY_INT32 = 10;
  ARRAY_ARRAY_INT64 = 11;
  ARRAY_ARRAY_STRING = 12;
  ARRAY_ARRAY_FLOAT = 13;
  ARRAY_ARRAY_DOUBLE = 14;
  MAP_STRING_INT32 = 15;
  MAP_STRING_INT64 = 16;
  MAP_STRING_STRING = 17;
  MAP_STRING_FLOAT = 18;
  MAP_STRING_DOUBLE = 19;
  MAP_INT64_INT32 = 20;
  MAP_INT64_INT64 = 21;
  MAP_INT64_STRING = 22;
  MAP_INT64_FLOAT = 23;
  MAP_INT64_DOUBLE = 24;
  MAP_INT32_INT32 = 25;
  MAP_INT32_INT64 = 26;
  MAP_INT32_STRING = 27;
  MAP_INT32_FLOAT = 28;
  MAP_INT32_DOUBLE = 29;
}

enum FgMode {
  FG_NONE = 1;
  FG_NORMAL = 2;
  FG_DAG = 3;
  FG_BUCKETIZE = 4;
}
`;
