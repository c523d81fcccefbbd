/** The shape of `spec.json`. A field or kind of the spec that is missing here does not compile. */
import path from "node:path";
import { CheckpointError } from "../../errors/index.js";
import type { OptionType } from "../../spec/choice.js";
import type { FeatureSpec, FitRows, IdEncoding, NumberProjection } from "../../spec/feature/feature.js";
import type { GroupSequences, SequenceEncoderSpec, SequenceSpec } from "../../spec/feature/sequence.js";
import { type LossSpec, losses } from "../../spec/losses/index.js";
import { type MetricSpec, metrics } from "../../spec/metrics/index.js";
import type { MlpSpec } from "../../spec/mlp.js";
import type { GroupSpec, ModelSpec, TowerSpec } from "../../spec/model.js";
import type { DenseOptimizerSpec, LearningRateSpec, SparseOptimizerSpec, TrainingSpec } from "../../spec/training.js";
import { structureProblems } from "../../spec/validate/model.js";
import {
  assertShape,
  bool,
  derivedColumn,
  exact,
  exactKinds,
  type Fault,
  jsonObject,
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

const texts = listOf(text);
const numbers = listOf(number);

const fitRows = nullable(exact<FitRows>({ source: text, rows: number }));

const encoding = exactKinds<IdEncoding>({
  buckets: { count: number },
  hash: { size: number },
  vocabList: { values: texts },
  vocabDict: { entries: recordOf(number) },
  vocabFile: { path: text },
  vocabFit: { minCount: number, most: nullable(number), from: fitRows },
});

const sequence = exact<SequenceSpec>({ of: nullable(text), length: number, delimiter: text, extra: jsonObject });

const embedded = {
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
const other = { field: text, config: jsonObject };

const feature = exactKinds<FeatureSpec>({
  id: { ...encoded, expression: text, weighted: bool },
  combo: { ...encoded, expressions: texts },
  raw: {
    ...embedded,
    expression: text,
    valueDim: number,
    normalizer: nullable(text),
    boundaries: numbers,
    embeddingDim: nullable(number),
    projection: optional(
      exactKinds<NumberProjection>({ autodis: { channels: number, temperature: number, keepProb: number }, mlp: {} }),
    ),
    fit: optional(exact({ zscore: bool, quantiles: nullable(number), from: fitRows })),
  },
  other: { name: text, ...other, sequence: optional(sequence) },
});

const optionShapes = { number, "optional number": nullable(number), text, flag: bool };

/** The shapes of a registry's entries, by their options. */
function choices<T extends LossSpec | MetricSpec>(
  registry: Readonly<Record<string, { readonly options: Readonly<Record<string, OptionType>> }>>,
): Shape<T> {
  const shape = (type: OptionType): Shape => (typeof type === "string" ? optionShapes[type] : oneOf(type));
  const fields = (options: Readonly<Record<string, OptionType>>) =>
    Object.fromEntries(Object.entries(options).map(([name, type]) => [name, shape(type)]));
  const entries = Object.entries(registry).map(([kind, { options }]) => [kind, fields(options)]);
  return exactKinds({ ...Object.fromEntries(entries), other });
}

const layers = { hidden: numbers, dropout: numbers, activation: text };
const mlp = exact<MlpSpec>({ ...layers, batchNorm: bool, layerNorm: bool, bias: bool });

const cut = { input: text, maxLength: number, extra: jsonObject };
const sequences = exact<GroupSequences>({
  groups: listOf(exact({ name: text, features: texts, suffix: nullable(text) })),
  encoders: listOf(
    exactKinds<SequenceEncoderSpec>({
      din: { ...cut, mlp },
      simple_attention: cut,
      pooling: { ...cut, pooling: oneOf(["sum", "mean"]) },
      multi_window_din: { input: text, extra: jsonObject, mlp, windows: numbers },
      self_attention: { ...cut, dim: number, heads: number, dropout: number },
    }),
  ),
});

const tower = exact<TowerSpec>({
  name: text,
  label: text,
  numClass: number,
  mlp: nullable(mlp),
  losses: listOf(choices<LossSpec>(losses)),
  metrics: listOf(choices<MetricSpec>(metrics)),
  weight: number,
  sampleWeight: nullable(text),
  taskSpace: nullable(exact({ indicatorLabel: text, inWeight: number, outWeight: number })),
  extra: jsonObject,
});

const moments = { lr: number, beta1: number, beta2: number, weightDecay: number };
const adam = { ...moments, eps: number, amsgrad: bool };
const dense = exactKinds<DenseOptimizerSpec>({
  sgd: { lr: number, momentum: number, weightDecay: number, dampening: number, nesterov: bool },
  adagrad: { lr: number, weightDecay: number, initialAccumulator: number, eps: number },
  adam,
  adamw: adam,
  adadelta: { lr: number, rho: number, eps: number, weightDecay: number },
  rmsprop: { lr: number, alpha: number, eps: number, weightDecay: number },
});

const maxGradient = nullable(number);
const sparse = exactKinds<SparseOptimizerSpec>({
  sgd: { lr: number, maxGradient },
  adagrad: { lr: number, initialAccumulator: number, maxGradient },
  rowwise_adagrad: {
    lr: number,
    weightDecay: number,
    weightDecayMode: oneOf(["NONE", "L2", "DECOUPLE"]),
    maxGradient,
  },
  adam: { ...moments, maxGradient },
  partial_rowwise_adam: { ...moments, maxGradient },
  other,
});

const warmedUp = { minLearningRate: number, warmupLearningRate: number, warmupSize: number, byEpoch: bool };
const learningRate = exactKinds<LearningRateSpec>({
  constant: {},
  exponential_decay: { ...warmedUp, decaySize: number, decayFactor: number, staircase: bool },
  manual_step: { scheduleSizes: numbers, learningRates: numbers, warmup: bool, byEpoch: bool },
  cosine_annealing: { ...warmedUp, tMax: number },
  cosine_annealing_warm_restarts: { ...warmedUp, t0: number, tMult: number },
});

const training = exact<TrainingSpec>({
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
  gradClipping: nullable(
    exact({ type: oneOf(["norm", "value"]), maxGradient: number, normType: number, global: bool }),
  ),
  tablePlacement: oneOf(["sparse", "planner", "dense"]),
});

const specShape: Shape<ModelSpec> = exact<ModelSpec>({
  features: listOf(feature),
  labels: texts,
  // Optional: runs of the first versions lack this field.
  derived: optional(recordOf(derivedColumn)),
  sampleWeights: texts,
  groups: listOf(
    exact<GroupSpec>({
      name: oneOf(["all", "domain", "uia"]),
      features: texts,
      sequences: optional(sequences),
      extra: jsonObject,
    }),
  ),
  // Optional: runs of the first versions lack this field. Layers are functions, of which a file has the names.
  layers: optional(listOf(object({ name: text }))) as Shape as Shape<ModelSpec["layers"]>,
  epnet: exact({ hidden: nullable(number), gamma: number }),
  ppnet: exact({ ...layers, gamma: number }),
  domains: nullable(exact({ column: text, count: number, names: nullable(texts) })),
  towers: listOf(tower),
  switches: exact({
    gatePlacement: oneOf(["output", "input"]),
    stopGradient: bool,
    detachPriors: bool,
    learnableGamma: bool,
    sharedTowers: bool,
    epnet: bool,
    ppnet: bool,
  }),
  // Of a model in a study.
  baseline: optional(object({ kind: oneOf(["mmoe", "single_domain"]), experts: optional(number) })),
  training,
  extra: jsonObject,
});

export function specFault(spec: unknown): Fault {
  return specShape(spec, "");
}

/** The model of a saved file. @throws CheckpointError with the file and the path of the invalid value */
export function checkedSpec(file: string, value: unknown): ModelSpec {
  assertShape(file, value, specShape);
  return value;
}

/** @throws CheckpointError with every problem that prevents building a saved model, such as an unknown feature */
export function assertBuildable(folder: string, spec: ModelSpec): void {
  const problems = structureProblems(spec);
  if (problems.length === 0) return;
  const file = path.join(folder, "spec.json");
  throw new CheckpointError(problems.map((problem) => ({ ...problem, path: `${file}: ${problem.path}` })));
}
