/** Features: what a column becomes. TorchEasyRec's names, numbers and defaults (`feature.proto`, 1.3.16). */
export const featureProto: string = String.raw`
syntax = "proto2";
package tzrec.protos;

message FeatureConfig {
  oneof feature {
    IdFeature id_feature = 1;
    RawFeature raw_feature = 2;
    ComboFeature combo_feature = 3;
    LookupFeature lookup_feature = 4;
    MatchFeature match_feature = 5;
    SequenceFeature sequence_feature = 6;
    ExprFeature expr_feature = 7;
    OverlapFeature overlap_feature = 8;
    TokenizeFeature tokenize_feature = 9;
    CustomFeature custom_feature = 10;
    KvDotProduct kv_dot_product = 11;
    BoolMaskFeature bool_mask_feature = 12;
    CombineFeature combine_feature = 13;
    IdFeature sequence_id_feature = 101;
    RawFeature sequence_raw_feature = 102;
    ComboFeature sequence_combo_feature = 103;
    LookupFeature sequence_lookup_feature = 104;
    MatchFeature sequence_match_feature = 105;
    ExprFeature sequence_expr_feature = 107;
    OverlapFeature sequence_overlap_feature = 108;
    TokenizeFeature sequence_tokenize_feature = 109;
    CustomFeature sequence_custom_feature = 110;
    KvDotProduct sequence_kv_dot_product = 111;
    BoolMaskFeature sequence_bool_mask_feature = 112;
    CombineFeature sequence_combine_feature = 113;
  }
}

message SeqFeatureConfig {
  oneof feature {
    IdFeature id_feature = 1;
    RawFeature raw_feature = 2;
    ComboFeature combo_feature = 3;
    LookupFeature lookup_feature = 4;
    MatchFeature match_feature = 5;
    ExprFeature expr_feature = 7;
    OverlapFeature overlap_feature = 8;
    TokenizeFeature tokenize_feature = 9;
    CustomFeature custom_feature = 10;
    KvDotProduct kv_dot_product = 11;
    BoolMaskFeature bool_mask_feature = 12;
    CombineFeature combine_feature = 13;
  }
}

message IdFeature {
  required string feature_name = 1;
  required string expression = 2;
  optional string embedding_name = 3;
  required uint32 embedding_dim = 4;
  optional uint64 hash_bucket_size = 5;
  optional uint64 num_buckets = 6;
  repeated string vocab_list = 7;
  map<string, uint64> vocab_dict = 8;
  optional uint32 value_dim = 9;
  optional string pooling = 10 [default = "sum"];
  optional string default_value = 11 [default = ""];
  optional string separator = 12 [default = "\x1d"];
  optional bool weighted = 13 [default = false];
  optional string init_fn = 14;
  optional bool use_mask = 15;
  optional ZeroCollisionHash zch = 16;
  optional string vocab_file = 17;
  optional string asset_dir = 18;
  optional DynamicEmbedding dynamicemb = 19;
  optional string fg_encoded_default_value = 30;
  optional uint64 default_bucketize_value = 31;
  optional string fg_value_type = 32;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message RawFeature {
  required string feature_name = 1;
  required string expression = 2;
  optional string embedding_name = 3;
  optional uint32 embedding_dim = 4;
  repeated float boundaries = 5;
  optional uint32 value_dim = 6 [default = 1];
  optional string normalizer = 7;
  optional string pooling = 10 [default = "sum"];
  optional string default_value = 11 [default = "0"];
  optional string separator = 12 [default = "\x1d"];
  optional string init_fn = 13;
  optional bool use_mask = 14;
  optional string fg_encoded_default_value = 30;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message ComboFeature {
  required string feature_name = 1;
  repeated string expression = 2;
  optional string embedding_name = 3;
  optional uint32 embedding_dim = 4;
  optional uint64 hash_bucket_size = 5;
  repeated string vocab_list = 7;
  map<string, uint64> vocab_dict = 8;
  optional uint32 value_dim = 9 [default = 0];
  optional string pooling = 10 [default = "sum"];
  optional string default_value = 11 [default = ""];
  optional string separator = 12 [default = "\x1d"];
  optional string init_fn = 13;
  optional bool use_mask = 14;
  optional ZeroCollisionHash zch = 15;
  optional string vocab_file = 16;
  optional string asset_dir = 17;
  optional DynamicEmbedding dynamicemb = 18;
  optional string fg_encoded_default_value = 30;
  optional uint64 default_bucketize_value = 31;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message CombineFeature {
  required string feature_name = 1;
  required string expression = 2;
  optional string embedding_name = 3;
  optional uint32 embedding_dim = 4;
  map<string, float> value_map = 6;
  repeated float boundaries = 7;
  optional uint64 num_buckets = 8;
  optional string pooling = 11 [default = "sum"];
  optional string default_value = 12 [default = ""];
  optional string separator = 13 [default = "\x1d"];
  optional string normalizer = 14;
  optional string init_fn = 15;
  optional bool use_mask = 16;
  optional string combiner = 22 [default = "sum"];
  optional string fg_encoded_default_value = 30;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message LookupFeature {
  required string feature_name = 1;
  required string map = 2;
  required string key = 3;
  optional string embedding_name = 4;
  optional uint32 embedding_dim = 5;
  repeated float boundaries = 6;
  optional uint64 hash_bucket_size = 7;
  optional uint64 num_buckets = 8;
  repeated string vocab_list = 9;
  map<string, uint64> vocab_dict = 10;
  optional string pooling = 11 [default = "sum"];
  optional string combiner = 12 [default = "sum"];
  optional string default_value = 13 [default = "0"];
  optional string separator = 14 [default = "\x1d"];
  optional bool need_discrete = 15 [default = false];
  optional bool need_key = 16 [default = false];
  optional string normalizer = 17;
  optional string init_fn = 18;
  optional uint32 value_dim = 19;
  optional string value_separator = 20 [default = ","];
  optional bool use_mask = 21;
  optional ZeroCollisionHash zch = 22;
  optional string vocab_file = 23;
  optional string asset_dir = 24;
  optional DynamicEmbedding dynamicemb = 25;
  optional string fg_encoded_default_value = 30;
  optional uint64 default_bucketize_value = 31;
  optional string fg_value_type = 32;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message MatchFeature {
  required string feature_name = 1;
  required string nested_map = 2;
  required string pkey = 3;
  required string skey = 4;
  optional string embedding_name = 5;
  optional uint32 embedding_dim = 6;
  repeated float boundaries = 7;
  optional uint64 hash_bucket_size = 8;
  optional uint64 num_buckets = 9;
  repeated string vocab_list = 10;
  map<string, uint64> vocab_dict = 11;
  optional string pooling = 12 [default = "sum"];
  optional string default_value = 13 [default = "0"];
  optional string separator = 14 [default = "\x1d"];
  optional bool need_discrete = 15 [default = false];
  optional bool show_pkey = 16 [default = false];
  optional bool show_skey = 17 [default = false];
  optional string normalizer = 18;
  optional string init_fn = 19;
  optional uint32 value_dim = 20;
  optional bool use_mask = 21;
  optional ZeroCollisionHash zch = 22;
  optional string vocab_file = 23;
  optional string asset_dir = 24;
  optional DynamicEmbedding dynamicemb = 25;
  optional string fg_encoded_default_value = 30;
  optional uint64 default_bucketize_value = 31;
  optional string fg_value_type = 32;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message ExprFeature {
  required string feature_name = 1;
  required string expression = 2;
  repeated string variables = 3;
  optional string embedding_name = 4;
  optional uint32 embedding_dim = 5;
  repeated float boundaries = 6;
  optional string separator = 7 [default = "\x1d"];
  optional float fill_missing = 8;
  optional string pooling = 10 [default = "sum"];
  optional string default_value = 11 [default = "0"];
  optional string init_fn = 12;
  optional bool use_mask = 13;
  optional uint32 value_dim = 14 [default = 0];
  optional string fg_encoded_default_value = 30;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message OverlapFeature {
  required string feature_name = 1;
  required string query = 2;
  required string title = 3;
  required string method = 4;
  optional string embedding_name = 5;
  optional uint32 embedding_dim = 6;
  repeated float boundaries = 7;
  optional string normalizer = 8;
  optional string pooling = 10 [default = "sum"];
  optional string separator = 12 [default = "\x1d"];
  optional string init_fn = 13;
  optional bool use_mask = 14;
  optional string fg_encoded_default_value = 30;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message TokenizeFeature {
  required string feature_name = 1;
  required string expression = 2;
  optional string embedding_name = 3;
  required uint32 embedding_dim = 4;
  optional TextNormalizer text_normalizer = 6;
  required string vocab_file = 7;
  optional string asset_dir = 8;
  optional string pooling = 10 [default = "sum"];
  optional string default_value = 11 [default = ""];
  optional string tokenizer_type = 12 [default = "bpe"];
  optional string init_fn = 14;
  optional bool use_mask = 15;
  optional string fg_encoded_default_value = 30;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
  optional bool tokens_as_sequence = 104 [default = false];
}

message TextNormalizer {
  optional uint32 max_length = 1;
  optional string stop_char_file = 2;
  repeated TextNormalizeOption norm_options = 3;
}

message KvDotProduct {
  required string feature_name = 1;
  required string query = 2;
  required string document = 3;
  optional string embedding_name = 4;
  optional uint32 embedding_dim = 5;
  repeated float boundaries = 6;
  optional string separator = 7 [default = "\x1d"];
  optional float kv_delimiter = 8;
  optional string normalizer = 9;
  optional string pooling = 10 [default = "sum"];
  optional string default_value = 11 [default = "0"];
  optional string init_fn = 12;
  optional bool use_mask = 13;
  optional string fg_encoded_default_value = 30;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message CustomFeature {
  required string feature_name = 1;
  required string operator_name = 2;
  required string operator_lib_file = 3;
  optional google.protobuf.Struct operator_params = 4;
  optional bool is_op_thread_safe = 5 [default = false];
  repeated string expression = 6;
  optional string embedding_name = 7;
  optional uint32 embedding_dim = 8;
  repeated float boundaries = 9;
  optional uint64 hash_bucket_size = 10;
  optional uint64 num_buckets = 11;
  repeated string vocab_list = 12;
  map<string, uint64> vocab_dict = 13;
  optional string pooling = 14 [default = "sum"];
  optional string default_value = 15 [default = "0"];
  optional string separator = 16 [default = "\x1d"];
  optional string normalizer = 17;
  optional string init_fn = 18;
  optional uint32 value_dim = 19;
  optional bool use_mask = 20;
  optional ZeroCollisionHash zch = 21;
  optional string vocab_file = 22;
  optional string asset_dir = 23;
  optional DynamicEmbedding dynamicemb = 24;
  optional string fg_encoded_default_value = 30;
  optional uint64 default_bucketize_value = 31;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  oneof dense_embedding {
    AutoDisEmbedding autodis = 40;
    MLPEmbedding mlp = 41;
  }
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message BoolMaskFeature {
  required string feature_name = 1;
  repeated string expression = 2;
  optional string embedding_name = 3;
  required uint32 embedding_dim = 4;
  optional uint64 hash_bucket_size = 5;
  optional uint64 num_buckets = 6;
  repeated string vocab_list = 7;
  map<string, uint64> vocab_dict = 8;
  optional uint32 value_dim = 9;
  optional string pooling = 10 [default = "sum"];
  optional string default_value = 11 [default = ""];
  optional string separator = 12 [default = "\x1d"];
  optional string init_fn = 14;
  optional bool use_mask = 15;
  optional ZeroCollisionHash zch = 16;
  optional string vocab_file = 17;
  optional string asset_dir = 18;
  optional DynamicEmbedding dynamicemb = 19;
  optional string fg_encoded_default_value = 30;
  optional uint64 default_bucketize_value = 31;
  optional string fg_value_type = 32;
  optional bool trainable = 33 [default = true];
  optional bool stub_type = 34 [default = false];
  optional string data_type = 35 [default = "FP32"];
  optional ParameterConstraints embedding_constraints = 50;
  optional uint32 sequence_length = 101;
  optional string sequence_delim = 102 [default = ";"];
  repeated string sequence_fields = 103;
}

message SequenceFeature {
  required string sequence_name = 1;
  required uint32 sequence_length = 2;
  required string sequence_delim = 3 [default = ";"];
  optional string sequence_pk = 4;
  repeated SeqFeatureConfig features = 5;
}

message AutoDisEmbedding {
  required uint32 num_channels = 2;
  optional float temperature = 3 [default = 0.1];
  optional float keep_prob = 4 [default = 0.8];
}

message MLPEmbedding {}

message ParameterConstraints {
  repeated string sharding_types = 1;
  repeated string compute_kernels = 2;
}

message ZeroCollisionHash {
  required uint64 zch_size = 1;
  optional uint32 eviction_interval = 2 [default = 5];
  oneof eviction_policy {
    LFU_EvictionPolicy lfu = 101;
    LRU_EvictionPolicy lru = 102;
    DistanceLFU_EvictionPolicy distance_lfu = 103;
  }
  optional string threshold_filtering_func = 3;
}

message LFU_EvictionPolicy {}

message LRU_EvictionPolicy {
  optional float decay_exponent = 1 [default = 1];
}

message DistanceLFU_EvictionPolicy {
  optional float decay_exponent = 1 [default = 1];
}

message DynamicEmbedding {
  optional DynamicEmbInitializerArgs initializer_args = 1;
  optional DynamicEmbInitializerArgs eval_initializer_args = 2;
  optional string score_strategy = 4 [default = "STEP"];
  required uint64 max_capacity = 5;
  optional float cache_load_factor = 6;
  optional uint64 init_capacity_per_rank = 7;
  optional string init_table = 8;
  optional uint64 bucket_capacity = 9;
  oneof admission_strategy {
    DynamicEmbFrequencyAdmissionStrategy frequency_admission_strategy = 100;
  }
}

message DynamicEmbInitializerArgs {
  optional string mode = 1;
  optional float mean = 2 [default = 0];
  optional float std_dev = 3;
  optional float lower = 4;
  optional float upper = 5;
  optional float value = 6 [default = 0];
}

message DynamicEmbFrequencyAdmissionStrategy {
  required uint64 threshold = 1;
  optional DynamicEmbInitializerArgs initializer_args = 2;
  optional uint64 counter_capacity = 3;
  optional uint64 counter_bucket_capacity = 4 [default = 1024];
}

enum TextNormalizeOption {
  TEXT_LOWER2UPPER = 0;
  TEXT_UPPER2LOWER = 1;
  TEXT_SBC2DBC = 2;
  TEXT_CHT2CHS = 3;
  TEXT_FILTER = 4;
  TEXT_SPLITCHRS = 5;
  TEXT_REMOVE_SPACE = 6;
}
`;
