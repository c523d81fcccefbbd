/** Sparse and dense optimisers, learning rates. TorchEasyRec's names, numbers and defaults (`optimizer.proto`, 1.3.16). */
export const optimizerProto: string = `
syntax = "proto2";
package tzrec.protos;

message SparseOptimizer {
  oneof optimizer {
    FusedSGDOptimizer sgd_optimizer = 1;
    FusedAdagradOptimizer adagrad_optimizer = 2;
    FusedAdamOptimizer adam_optimizer = 3;
    FusedLarsSGDOptimizer lars_sgd_optimizer = 4;
    FusedLAMBOptimizer lamb_optimizer = 5;
    FusedPartialRowWiseLAMBOptimizer partial_rowwise_lamb_optimizer = 6;
    FusedPartialRowWiseAdamOptimizer partial_rowwise_adam_optimizer = 7;
    FusedRowWiseAdagradOptimizer rowwise_adagrad_optimizer = 8;
    FusedAdadeltaOptimizer adadelta_optimizer = 9;
    FusedRMSpropOptimizer rmsprop_optimizer = 10;
  }
  oneof learning_rate {
    ConstantLR constant_learning_rate = 101;
    ExponentialDecayLR exponential_decay_learning_rate = 102;
    ManualStepLR manual_step_learning_rate = 103;
    CosineAnnealingLR cosine_annealing_learning_rate = 104;
    CosineAnnealingWarmRestartsLR cosine_annealing_warm_restarts_learning_rate = 105;
  }
}

message FusedSGDOptimizer {
  required float lr = 1 [default = 0.002];
  optional bool gradient_clipping = 2 [default = false];
  optional float max_gradient = 3 [default = 1];
}

message FusedAdagradOptimizer {
  required float lr = 1 [default = 0.002];
  optional bool gradient_clipping = 2 [default = false];
  optional float max_gradient = 3 [default = 1];
  optional float initial_accumulator_value = 4 [default = 0];
}

message FusedAdamOptimizer {
  required float lr = 1 [default = 0.002];
  optional float beta1 = 2 [default = 0.9];
  optional float beta2 = 3 [default = 0.999];
  optional float weight_decay = 4 [default = 0];
  optional bool gradient_clipping = 5 [default = false];
  optional float max_gradient = 6 [default = 1];
}

message FusedLarsSGDOptimizer {
  required float lr = 1 [default = 0.002];
  optional float momentum = 2 [default = 0.9];
  optional float weight_decay = 3 [default = 0];
  optional bool gradient_clipping = 4 [default = false];
  optional float max_gradient = 5 [default = 1];
}

message FusedLAMBOptimizer {
  required float lr = 1 [default = 0.002];
  optional float beta1 = 2 [default = 0.9];
  optional float beta2 = 3 [default = 0.999];
  optional float weight_decay = 4 [default = 0];
  optional bool gradient_clipping = 5 [default = false];
  optional float max_gradient = 6 [default = 1];
}

message FusedPartialRowWiseLAMBOptimizer {
  required float lr = 1 [default = 0.002];
  optional float beta1 = 2 [default = 0.9];
  optional float beta2 = 3 [default = 0.999];
  optional float weight_decay = 4 [default = 0];
  optional bool gradient_clipping = 5 [default = false];
  optional float max_gradient = 6 [default = 1];
}

message FusedPartialRowWiseAdamOptimizer {
  required float lr = 1 [default = 0.002];
  optional float beta1 = 2 [default = 0.9];
  optional float beta2 = 3 [default = 0.999];
  optional float weight_decay = 4 [default = 0];
  optional bool gradient_clipping = 5 [default = false];
  optional float max_gradient = 6 [default = 1];
}

message FusedRowWiseAdagradOptimizer {
  required float lr = 1 [default = 0.002];
  optional float weight_decay = 2 [default = 0];
  optional WeightDecayMode weight_decay_mode = 3 [default = NONE];
  optional bool gradient_clipping = 4 [default = false];
  optional float max_gradient = 5 [default = 1];
}

message FusedAdadeltaOptimizer {
  required float lr = 1 [default = 0.002];
  optional float rho = 2 [default = 0.95];
  optional float eps = 3 [default = 1e-06];
  optional float weight_decay = 4 [default = 0];
  optional bool gradient_clipping = 5 [default = false];
  optional float max_gradient = 6 [default = 1];
}

message FusedRMSpropOptimizer {
  required float lr = 1 [default = 0.002];
  optional float alpha = 2 [default = 0.99];
  optional float eps = 3 [default = 1e-08];
  optional float weight_decay = 4 [default = 0];
  optional bool gradient_clipping = 5 [default = false];
  optional float max_gradient = 6 [default = 1];
}

message DenseOptimizer {
  oneof optimizer {
    SGDOptimizer sgd_optimizer = 1;
    AdagradOptimizer adagrad_optimizer = 2;
    AdamOptimizer adam_optimizer = 3;
    AdamWOptimizer adamw_optimizer = 4;
    AdadeltaOptimizer adadelta_optimizer = 5;
    RMSpropOptimizer rmsprop_optimizer = 6;
  }
  oneof learning_rate {
    ConstantLR constant_learning_rate = 101;
    ExponentialDecayLR exponential_decay_learning_rate = 102;
    ManualStepLR manual_step_learning_rate = 103;
    CosineAnnealingLR cosine_annealing_learning_rate = 104;
    CosineAnnealingWarmRestartsLR cosine_annealing_warm_restarts_learning_rate = 105;
  }
  repeated PartOptimizer part_optimizers = 201;
  optional EMAConfig ema = 202;
}

message PartOptimizer {
  oneof optimizer {
    SGDOptimizer sgd_optimizer = 1;
    AdagradOptimizer adagrad_optimizer = 2;
    AdamOptimizer adam_optimizer = 3;
    AdamWOptimizer adamw_optimizer = 4;
    AdadeltaOptimizer adadelta_optimizer = 6;
    RMSpropOptimizer rmsprop_optimizer = 7;
  }
  required string regex_pattern = 5;
  oneof learning_rate {
    ConstantLR constant_learning_rate = 101;
    ExponentialDecayLR exponential_decay_learning_rate = 102;
    ManualStepLR manual_step_learning_rate = 103;
    CosineAnnealingLR cosine_annealing_learning_rate = 104;
    CosineAnnealingWarmRestartsLR cosine_annealing_warm_restarts_learning_rate = 105;
  }
}

message EMAConfig {
  optional float decay = 1 [default = 0.999];
}

message SGDOptimizer {
  required float lr = 1 [default = 0.002];
  optional float momentum = 2 [default = 0.9];
  optional float weight_decay = 3 [default = 0];
  optional float dampening = 4 [default = 0];
  optional bool nesterov = 5 [default = false];
  optional bool fused = 6 [default = false];
}

message AdagradOptimizer {
  required float lr = 1 [default = 0.002];
  optional float weight_decay = 2 [default = 0];
  optional float initial_accumulator_value = 3 [default = 0];
  optional float eps = 4 [default = 1e-10];
  optional bool fused = 5 [default = false];
}

message AdamOptimizer {
  required float lr = 1 [default = 0.002];
  optional float beta1 = 2 [default = 0.9];
  optional float beta2 = 3 [default = 0.999];
  optional float weight_decay = 4 [default = 0];
  optional float eps = 5 [default = 1e-08];
  optional bool amsgrad = 6 [default = false];
  optional bool fused = 7 [default = false];
}

message AdamWOptimizer {
  required float lr = 1 [default = 0.002];
  optional float beta1 = 2 [default = 0.9];
  optional float beta2 = 3 [default = 0.999];
  optional float weight_decay = 4 [default = 0];
  optional float eps = 5 [default = 1e-08];
  optional bool amsgrad = 6 [default = false];
  optional bool fused = 7 [default = false];
}

message AdadeltaOptimizer {
  required float lr = 1 [default = 0.002];
  optional float rho = 2 [default = 0.95];
  optional float eps = 3 [default = 1e-06];
  optional float weight_decay = 4 [default = 0];
}

message RMSpropOptimizer {
  required float lr = 1 [default = 0.002];
  optional float alpha = 2 [default = 0.99];
  optional float eps = 3 [default = 1e-08];
  optional float weight_decay = 4 [default = 0];
}

message ConstantLR {}

message ExponentialDecayLR {
  optional uint32 decay_size = 1;
  optional float decay_factor = 2 [default = 0.95];
  optional bool staircase = 3 [default = true];
  optional float warmup_learning_rate = 4 [default = 0];
  optional uint32 warmup_size = 5 [default = 0];
  optional float min_learning_rate = 6 [default = 0];
  optional bool by_epoch = 7 [default = false];
}

message ManualStepLR {
  repeated uint32 schedule_sizes = 1;
  repeated float learning_rates = 2;
  optional bool warmup = 3 [default = false];
  optional bool by_epoch = 4 [default = false];
}

message CosineAnnealingLR {
  optional uint32 T_max = 1;
  optional float min_learning_rate = 2 [default = 0];
  optional float warmup_learning_rate = 3 [default = 0];
  optional uint32 warmup_size = 4 [default = 0];
  optional bool by_epoch = 5 [default = false];
}

message CosineAnnealingWarmRestartsLR {
  optional uint32 T_0 = 1;
  optional uint32 T_mult = 2 [default = 1];
  optional float min_learning_rate = 3 [default = 0];
  optional float warmup_learning_rate = 4 [default = 0];
  optional uint32 warmup_size = 5 [default = 0];
  optional bool by_epoch = 6 [default = false];
}

enum WeightDecayMode {
  NONE = 0;
  L2 = 1;
  DECOUPLE = 2;
}
`;
