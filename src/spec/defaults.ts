/**
 * The empty spec that builders start from, and the defaults that they fill in (TorchEasyRec's if it has one).
 */
import { deepFreeze } from "../util/freeze.js";
import type { MlpSpec } from "./mlp.js";
import type { ModelSpec } from "./model.js";

/** A spec without features or towers, trained by Adam 0.001 and sparse Adagrad 0.05. */
export const emptySpec: ModelSpec = deepFreeze<ModelSpec>({
  features: [],
  labels: [],
  sampleWeights: [],
  groups: [],
  layers: [],
  epnet: { hidden: null, gamma: 2 },
  ppnet: { hidden: [], activation: "nn.ReLU", dropout: [], gamma: 2 },
  domains: null,
  towers: [],
  switches: {
    gatePlacement: "output",
    stopGradient: true,
    detachPriors: false,
    learnableGamma: false,
    sharedTowers: false,
    epnet: true,
    ppnet: true,
  },
  training: {
    epochs: null,
    steps: null,
    batchSize: null,
    evalBatchSize: null,
    seed: 1,
    shuffle: true,
    dropRemainder: false,
    dense: { kind: "adam", lr: 0.001, beta1: 0.9, beta2: 0.999, weightDecay: 0, eps: 1e-8, amsgrad: false },
    denseLearningRate: { kind: "constant" },
    sparse: { kind: "adagrad", lr: 0.05, initialAccumulator: 0, maxGradient: null },
    sparseLearningRate: { kind: "constant" },
    partOptimizers: [],
    emaDecay: null,
    gradientAccumulation: 1,
    gradClipping: null,
    tablePlacement: "sparse",
  },
  extra: {},
});

/** TorchEasyRec's defaults of `MLP`. */
export const defaultMlp: MlpSpec = deepFreeze<MlpSpec>({
  hidden: [],
  dropout: [],
  activation: "nn.ReLU",
  batchNorm: false,
  layerNorm: false,
  bias: true,
});
