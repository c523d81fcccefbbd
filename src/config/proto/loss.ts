/** Losses. TorchEasyRec's names, numbers and defaults (`loss.proto`, 1.3.16). */
export const lossProto: string = `
syntax = "proto2";
package tzrec.protos;

message LossConfig {
  oneof loss {
    BinaryCrossEntropy binary_cross_entropy = 1;
    SoftmaxCrossEntropy softmax_cross_entropy = 2;
    L2Loss l2_loss = 3;
    JRCLoss jrc_loss = 4;
    BinaryFocalLoss binary_focal_loss = 5;
    SidReconLoss recon_loss = 6;
    SidCommitmentLoss commitment_loss = 7;
    SidContrastiveLoss contrastive_loss = 8;
  }
}

message BinaryCrossEntropy {
  optional float label_smoothing = 1 [default = 0];
}

message SoftmaxCrossEntropy {
  optional float label_smoothing = 1 [default = 0];
}

message L2Loss {}

message JRCLoss {
  required string session_name = 1;
  optional float alpha = 2 [default = 0.5];
}

message BinaryFocalLoss {
  optional float gamma = 1 [default = 2];
  optional float alpha = 2 [default = 0.5];
}

message SidReconLoss {
  optional string recon_type = 1 [default = "l2"];
}

message SidCommitmentLoss {
  repeated float latent_weight = 1;
  optional string commitment_type = 2 [default = "l2"];
}

message SidContrastiveLoss {}
`;
