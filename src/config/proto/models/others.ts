/** Architectures whose fields this library does not list: open messages (`extensions 1 to max`), read and printed as they are written. TorchEasyRec's names, numbers and defaults (`models/others.proto`, 1.3.16). */
export const othersProto: string = `
syntax = "proto2";
package tzrec.protos;

message DLRM {
  extensions 1 to max;
}

message DeepFM {
  extensions 1 to max;
}

message MultiTower {
  extensions 1 to max;
}

message MultiTowerDIN {
  extensions 1 to max;
}

message MaskNet {
  extensions 1 to max;
}

message WideAndDeep {
  extensions 1 to max;
}

message DCNV1 {
  extensions 1 to max;
}

message DCNV2 {
  extensions 1 to max;
}

message xDeepFM {
  extensions 1 to max;
}

message WuKong {
  extensions 1 to max;
}

message DC2VR {
  extensions 1 to max;
}

message DlrmHSTU {
  extensions 1 to max;
}

message UltraHSTU {
  extensions 1 to max;
}

message DSSM {
  extensions 1 to max;
}

message DSSMV2 {
  extensions 1 to max;
}

message DAT {
  extensions 1 to max;
}

message HSTUMatch {
  extensions 1 to max;
}

message MIND {
  extensions 1 to max;
}

message TDM {
  extensions 1 to max;
}

message RocketLaunching {
  extensions 1 to max;
}

message SidRqvae {
  extensions 1 to max;
}

message SidRqkmeans {
  extensions 1 to max;
}

message ExtractionNetwork {
  extensions 1 to max;
}

message MaskNetModule {
  extensions 1 to max;
}
`;
