/** The shape of `spec.json`. A field or kind of the spec that is missing here does not compile. */
import path from "node:path";
import { CheckpointError } from "../../errors/index.js";
import type { FeatureSpec, FitRows, IdEncoding, NumberProjection } from "../../spec/feature/feature.js";
import type { GroupSequences, SequenceEncoderSpec, SequenceSpec } from "../../spec/feature/sequence.js";
import { type LossSpec, losses } from "../../spec/losses/index.js";
import { type MetricSpec, metrics } from "../../spec/metrics/index.js";
import type { MlpSpec } from "../../spec/mlp.js";
import type { GroupSpec, ModelSpec, TowerSpec } from "../../spec/model.js";
import type { Option, OptionsOf } from "../../spec/option.js";
import {
  clippingOptions,
  denseOptions,
  encoderOptions,
  epnetOptions,
  learningRateOptions,
  mlpOptions,
  ppnetOptions,
  projectionOptions,
  sparseOptions,
  taskSpaceOptions,
  towerOptions,
  trainingOptions,
} from "../../spec/tables.js";
import type { DenseOptimizerSpec, LearningRateSpec, SparseOptimizerSpec, TrainingSpec } from "../../spec/training.js";
import { structureProblems } from "../../spec/validate/model.js";
import {
  assertShape,
  bool,
  derivedColumn,
  exact,
  exactKinds,
  type Fault,
  type Fields,
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

const other = { field: text, config: jsonObject };

const optionShapes = {
  number,
  "optional number": nullable(number),
  numbers,
  text,
  "optional text": nullable(text),
  texts,
  flag: bool,
};

function shapes<T>(options: OptionsOf<T>): Fields<T> {
  const entries = Object.entries<Option>(options as Readonly<Record<string, Option>>);
  const shape = ({ type }: Option): Shape =>
    typeof type === "string" ? optionShapes[type] : oneOf(type as readonly string[]);
  return Object.fromEntries(entries.map(([name, option]) => [name, shape(option)])) as unknown as Fields<T>;
}

function kindShapes<T extends { readonly kind: string }>(
  tables: Readonly<Record<string, object>>,
  more: (kind: string) => object = () => ({}),
  others: object = {},
): Shape<T> {
  const entries = Object.entries(tables).map(([kind, options]) => [kind, { ...shapes(options), ...more(kind) }]);
  return exactKinds({ ...Object.fromEntries(entries), ...others });
}

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
    projection: optional(kindShapes<NumberProjection>(projectionOptions)),
    fit: optional(exact({ zscore: bool, quantiles: nullable(number), from: fitRows })),
  },
  other: { name: text, ...other, sequence: optional(sequence) },
});

function choices<T extends LossSpec | MetricSpec>(
  registry: Readonly<Record<string, { readonly options: object }>>,
): Shape<T> {
  const entries = Object.entries(registry).map(([kind, { options }]) => [kind, options]);
  return kindShapes(Object.fromEntries(entries), undefined, { other });
}

const mlp = exact<MlpSpec>(shapes(mlpOptions));

const sequences = exact<GroupSequences>({
  groups: listOf(exact({ name: text, features: texts, suffix: nullable(text) })),
  encoders: listOf(
    kindShapes<SequenceEncoderSpec>(encoderOptions, (kind) => ({
      input: text,
      extra: jsonObject,
      ...(kind.endsWith("din") ? { mlp } : {}),
    })),
  ),
});

const tower = exact<TowerSpec>({
  ...shapes(towerOptions),
  mlp: nullable(mlp),
  losses: listOf(choices<LossSpec>(losses)),
  metrics: listOf(choices<MetricSpec>(metrics)),
  taskSpace: nullable(exact(shapes(taskSpaceOptions))),
  extra: jsonObject,
});

const dense = kindShapes<DenseOptimizerSpec>(denseOptions);
const sparse = kindShapes<SparseOptimizerSpec>(sparseOptions, () => ({ maxGradient: nullable(number) }), { other });
const learningRate = kindShapes<LearningRateSpec>(learningRateOptions);

const training = exact<TrainingSpec>({
  epochs: nullable(number),
  steps: nullable(number),
  ...shapes(trainingOptions),
  shuffle: bool,
  dropRemainder: bool,
  dense,
  denseLearningRate: learningRate,
  sparse,
  sparseLearningRate: learningRate,
  partOptimizers: listOf(exact({ pattern: text, optimizer: dense, learningRate })),
  gradClipping: nullable(exact(shapes(clippingOptions))),
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
  epnet: exact(shapes(epnetOptions)),
  ppnet: exact(shapes(ppnetOptions)),
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
  baseline: optional(object({ kind: oneOf(["mmoe", "single_domain"]), experts: optional(number) })),
  training,
  extra: jsonObject,
});

export function specFault(spec: unknown): Fault {
  return specShape(spec, "");
}

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
