/**
 * The shape of `spec.json`: every field of a model. A test compares it with random specs.
 */
import path from "node:path";
import { CheckpointError } from "../../../errors/index.js";
import { type ModelSpec, structureProblems } from "../../../spec/index.js";
import { derivedColumn } from "./derived-shape.js";
import {
  assertShape,
  bool,
  exact,
  type Fault,
  jsonObject,
  kinds,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  recordOf,
  type Shape,
  text,
} from "./shape.js";

const kind = text;
const texts = listOf(text);
const numbers = listOf(number);

const fitRows = nullable(exact({ source: text, rows: number }));

const encoding = kinds({
  buckets: exact({ kind, count: number }),
  hash: exact({ kind, size: number }),
  vocabList: exact({ kind, values: texts }),
  vocabDict: exact({ kind, entries: recordOf(number) }),
  vocabFile: exact({ kind, path: text }),
  vocabFit: exact({ kind, minCount: number, most: nullable(number), from: fitRows }),
});

const sequence = exact({ of: nullable(text), length: number, delimiter: text, extra: jsonObject });

const embedded = {
  kind,
  name: text,
  embeddingName: nullable(text),
  pooling: oneOf(["sum", "mean"]),
  separator: nullable(text),
  defaultValue: text,
  extra: jsonObject,
  generated: optional(exact({ field: text, config: jsonObject })),
  sequence: optional(sequence),
};
const encoded = { ...embedded, encoding, defaultBucket: nullable(number), embeddingDim: number };
const other = exact({ kind, field: text, config: jsonObject });

const feature = kinds({
  id: exact({ ...encoded, expression: text, weighted: bool }),
  combo: exact({ ...encoded, expressions: texts }),
  raw: exact({
    ...embedded,
    expression: text,
    valueDim: number,
    normalizer: nullable(text),
    boundaries: numbers,
    embeddingDim: nullable(number),
    projection: optional(
      kinds({
        autodis: exact({ kind, channels: number, temperature: number, keepProb: number }),
        mlp: exact({ kind }),
      }),
    ),
    fit: optional(exact({ zscore: bool, quantiles: nullable(number), from: fitRows })),
  }),
  other: exact({ kind, name: text, field: text, config: jsonObject, sequence: optional(sequence) }),
});

const smoothed = exact({ kind, labelSmoothing: number });
const loss = kinds({
  binary_cross_entropy: smoothed,
  softmax_cross_entropy: smoothed,
  l2_loss: exact({ kind }),
  binary_focal_loss: exact({ kind, gamma: number, alpha: number }),
  jrc_loss: exact({ kind, sessionName: text, alpha: number }),
  other,
});

const metric = kinds({
  auc: exact({ kind, thresholds: number }),
  grouped_auc: exact({ kind, groupingKey: text }),
  accuracy: exact({ kind, threshold: number, topK: number }),
  multiclass_auc: exact({ kind, thresholds: number, average: oneOf(["macro", "weighted"]) }),
  xauc: exact({ kind, sampleRatio: number, maxPairs: nullable(number), inBatch: bool }),
  grouped_xauc: exact({ kind, groupingKey: text, maxPairsPerGroup: number }),
  mean_absolute_error: exact({ kind }),
  mean_squared_error: exact({ kind }),
  normalized_entropy: exact({ kind, eta: number }),
  other,
});

const layers = { hidden: numbers, dropout: numbers, activation: text };

const mlp = exact({ ...layers, batchNorm: bool, layerNorm: bool, bias: bool });

const cut = { kind, input: text, maxLength: number, extra: jsonObject };
const sequences = exact({
  groups: listOf(exact({ name: text, features: texts, suffix: nullable(text) })),
  encoders: listOf(
    kinds({
      din: exact({ ...cut, mlp }),
      simple_attention: exact(cut),
      pooling: exact({ ...cut, pooling: oneOf(["sum", "mean"]) }),
      multi_window_din: exact({ kind, input: text, extra: jsonObject, mlp, windows: numbers }),
      self_attention: exact({ ...cut, dim: number, heads: number, dropout: number }),
    }),
  ),
});

const tower = exact({
  name: text,
  label: text,
  numClass: number,
  mlp: nullable(mlp),
  losses: listOf(loss),
  metrics: listOf(metric),
  weight: number,
  sampleWeight: nullable(text),
  taskSpace: nullable(exact({ indicatorLabel: text, inWeight: number, outWeight: number })),
  extra: jsonObject,
});

const momentFields = { kind, lr: number, beta1: number, beta2: number, weightDecay: number };
const adam = exact({ ...momentFields, eps: number, amsgrad: bool });
const dense = kinds({
  sgd: exact({ kind, lr: number, momentum: number, weightDecay: number, dampening: number, nesterov: bool }),
  adagrad: exact({ kind, lr: number, weightDecay: number, initialAccumulator: number, eps: number }),
  adam,
  adamw: adam,
  adadelta: exact({ kind, lr: number, rho: number, eps: number, weightDecay: number }),
  rmsprop: exact({ kind, lr: number, alpha: number, eps: number, weightDecay: number }),
});

const maxGradient = nullable(number);
const sparseMoments = exact({ ...momentFields, maxGradient });
const sparse = kinds({
  sgd: exact({ kind, lr: number, maxGradient }),
  adagrad: exact({ kind, lr: number, initialAccumulator: number, maxGradient }),
  rowwise_adagrad: exact({
    kind,
    lr: number,
    weightDecay: number,
    weightDecayMode: oneOf(["NONE", "L2", "DECOUPLE"]),
    maxGradient,
  }),
  adam: sparseMoments,
  partial_rowwise_adam: sparseMoments,
  other,
});

const warmedUp = { kind, minLearningRate: number, warmupLearningRate: number, warmupSize: number, byEpoch: bool };
const learningRate = kinds({
  constant: exact({ kind }),
  exponential_decay: exact({ ...warmedUp, decaySize: number, decayFactor: number, staircase: bool }),
  manual_step: exact({ kind, scheduleSizes: numbers, learningRates: numbers, warmup: bool, byEpoch: bool }),
  cosine_annealing: exact({ ...warmedUp, tMax: number }),
  cosine_annealing_warm_restarts: exact({ ...warmedUp, t0: number, tMult: number }),
});

const clippingFields = { type: oneOf(["norm", "value"]), maxGradient: number, normType: number, global: bool };

const trainingFields: Readonly<Record<keyof ModelSpec["training"], Shape>> = {
  epochs: nullable(number),
  steps: nullable(number),
  batchSize: nullable(number),
  evalBatchSize: nullable(number),
  seed: number,
  shuffle: bool,
  dropRemainder: bool,
  dense,
  denseLearningRate: learningRate,
  sparse,
  sparseLearningRate: learningRate,
  partOptimizers: listOf(exact({ pattern: text, optimizer: dense, learningRate })),
  emaDecay: nullable(number),
  gradientAccumulation: number,
  gradClipping: nullable(exact(clippingFields)),
  tablePlacement: oneOf(["sparse", "planner", "dense"]),
};

const switchFields: Readonly<Record<keyof ModelSpec["switches"], Shape>> = {
  gatePlacement: oneOf(["output", "input"]),
  stopGradient: bool,
  detachPriors: bool,
  learnableGamma: bool,
  sharedTowers: bool,
  epnet: bool,
  ppnet: bool,
};

/** Of a model in a study. */
const baseline: Shape = object({ kind: oneOf(["mmoe", "single_domain"]), experts: optional(number) });

const specFields: Readonly<Record<keyof ModelSpec, Shape>> = {
  features: listOf(feature),
  labels: texts,
  // Optional: runs of the first versions lack this field.
  derived: optional(recordOf(derivedColumn)),
  sampleWeights: texts,
  groups: listOf(
    exact({
      name: oneOf(["all", "domain", "uia"]),
      features: texts,
      sequences: optional(sequences),
      extra: jsonObject,
    }),
  ),
  // Optional: runs of the first versions lack this field.
  layers: optional(listOf(object({ name: text }))),
  epnet: exact({ hidden: nullable(number), gamma: number }),
  ppnet: exact({ ...layers, gamma: number }),
  domains: nullable(exact({ column: text, count: number, names: nullable(texts) })),
  towers: listOf(tower),
  switches: exact(switchFields),
  baseline: optional(baseline),
  training: exact(trainingFields),
  extra: jsonObject,
};

/** `spec.json`. */
export const specShape: Shape = exact(specFields);

/** The first value of a spec whose type is wrong, or `null`. */
export function specFault(spec: unknown): Fault {
  return specShape(spec, "");
}

/** The model of a saved file. @throws CheckpointError with the file and the path of the invalid value */
export function checkedSpec(file: string, value: unknown): ModelSpec {
  assertShape(file, value, specShape);
  return value as ModelSpec;
}

/** @throws CheckpointError with every problem that prevents building a saved model, such as an unknown feature */
export function assertBuildable(folder: string, spec: ModelSpec): void {
  const problems = structureProblems(spec);
  if (problems.length === 0) return;
  const file = path.join(folder, "spec.json");
  throw new CheckpointError(problems.map((problem) => ({ ...problem, path: `${file}: ${problem.path}` })));
}
