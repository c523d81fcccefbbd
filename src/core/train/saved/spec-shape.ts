/** The shape of `spec.json`. A field or kind of the spec that is missing here does not compile. */
import path from "node:path";
import { CheckpointError } from "../../errors/index.js";
import { type CrossNetwork, crossOptions } from "../../spec/cross-network.js";
import {
  type FeatureSpec,
  type FitRows,
  featureOptions,
  type IdEncoding,
  type NumberProjection,
} from "../../spec/feature/feature.js";
import type { GroupSequences, SequenceEncoderSpec, SequenceSpec } from "../../spec/feature/sequence.js";
import { type LossSpec, losses } from "../../spec/losses.js";
import { decayOptions, type MetricSpec, metrics, type TrainMetricSpec } from "../../spec/metrics.js";
import type { MlpSpec } from "../../spec/mlp.js";
import type { GroupSpec, ModelSpec, TowerSpec } from "../../spec/model.js";
import { optionShapes } from "../../spec/option.js";
import * as tables from "../../spec/tables.js";
import type { DenseOptimizerSpec, LearningRateSpec, SparseOptimizerSpec, TrainingSpec } from "../../spec/training.js";
import { structureProblems } from "../../spec/validate/model.js";
import * as is from "../../util/shape.js";
import { assertShape, derivedColumn } from "./shape.js";

const texts = is.listOf(is.text);

const other = { field: is.text, config: is.jsonObject };

function kindShapes<T extends { readonly kind: string }>(
  optionTables: Readonly<Record<string, object>>,
  more: (kind: string) => object = () => ({}),
  others: object = {},
): is.Shape<T> {
  const entries = Object.entries(optionTables).map(([kind, options]) => [
    kind,
    { ...optionShapes(options), ...more(kind) },
  ]);
  return is.exactKinds({ ...Object.fromEntries(entries), ...others });
}

const fitRows = is.nullable(is.exact<FitRows>({ source: is.text, rows: is.number }));

const encoding = is.exactKinds<IdEncoding>({
  buckets: { count: is.number },
  hash: { size: is.number },
  vocabList: { values: texts },
  vocabDict: { entries: is.recordOf(is.number) },
  vocabFile: { path: is.text },
  vocabFit: { minCount: is.number, most: is.nullable(is.number), from: fitRows },
});

const sequence = is.exact<SequenceSpec>({
  of: is.nullable(is.text),
  length: is.number,
  delimiter: is.text,
  extra: is.jsonObject,
});

const column = {
  separator: is.nullable(is.text),
  defaultValue: is.text,
  extra: is.jsonObject,
  generated: is.optional(is.exact({ field: is.text, config: is.jsonObject })),
  sequence: is.optional(sequence),
};

const feature = is.exactKinds<FeatureSpec>({
  id: { ...optionShapes(featureOptions.id), ...column, encoding },
  combo: { ...optionShapes(featureOptions.combo), ...column, encoding },
  raw: {
    ...optionShapes(featureOptions.raw),
    ...column,
    pieces: is.optional(is.listOf(is.number)),
    embeddingDim: is.nullable(is.number),
    projection: is.optional(kindShapes<NumberProjection>(tables.projectionOptions)),
    fit: is.optional(is.exact({ zscore: is.bool, quantiles: is.nullable(is.number), from: fitRows })),
  },
  other: { name: is.text, ...other, sequence: is.optional(sequence) },
});

function choices<T extends LossSpec | MetricSpec>(
  registry: Readonly<Record<string, { readonly options: object }>>,
  more: object = {},
): is.Shape<T> {
  const entries = Object.entries(registry).map(([kind, { options }]) => [kind, options]);
  return kindShapes(Object.fromEntries(entries), () => more, { other: { ...other, ...more } });
}

const mlp = is.exact<MlpSpec>(optionShapes(tables.mlpOptions));

const sequences = is.exact<GroupSequences>({
  groups: is.listOf(is.exact({ name: is.text, features: texts, suffix: is.nullable(is.text) })),
  encoders: is.listOf(
    kindShapes<SequenceEncoderSpec>(tables.encoderOptions, (kind) => ({
      input: is.text,
      extra: is.jsonObject,
      ...(kind.endsWith("din") ? { mlp } : {}),
    })),
  ),
});

const tower = is.exact<TowerSpec>({
  ...optionShapes(tables.towerOptions),
  mlp: is.nullable(mlp),
  losses: is.listOf(choices<LossSpec>(losses)),
  metrics: is.listOf(choices<MetricSpec>(metrics)),
  trainMetrics: is.optional(is.listOf(choices<TrainMetricSpec>(metrics, optionShapes(decayOptions)))),
  taskSpace: is.nullable(is.exact(optionShapes(tables.taskSpaceOptions))),
  minWeight: is.optional(is.number),
  extra: is.jsonObject,
});

const dense = kindShapes<DenseOptimizerSpec>(tables.denseOptions);
const sparse = kindShapes<SparseOptimizerSpec>(tables.sparseOptions, () => ({ maxGradient: is.nullable(is.number) }), {
  other,
});
const learningRate = kindShapes<LearningRateSpec>(tables.learningRateOptions);

const training = is.exact<TrainingSpec>({
  epochs: is.nullable(is.number),
  steps: is.nullable(is.number),
  ...optionShapes(tables.trainingOptions),
  shuffle: is.bool,
  dropRemainder: is.bool,
  dense,
  denseLearningRate: learningRate,
  sparse,
  sparseLearningRate: learningRate,
  partOptimizers: is.listOf(is.exact({ pattern: is.text, optimizer: dense, learningRate })),
  gradClipping: is.nullable(is.exact(optionShapes(tables.clippingOptions))),
  tablePlacement: is.oneOf(["sparse", "planner", "dense"]),
  like: is.optional(is.oneOf(["torcheasyrec"])),
  outputBias: is.optional(is.oneOf(["rate"])),
  lossWeights: is.optional(is.oneOf(["pareto"])),
});

const specShape: is.Shape<ModelSpec> = is.exact<ModelSpec>({
  features: is.listOf(feature),
  labels: texts,
  // Optional: runs of the first versions lack this field.
  derived: is.optional(is.recordOf(derivedColumn)),
  sampleWeights: texts,
  groups: is.listOf(
    is.exact<GroupSpec>({
      name: is.oneOf(["all", "domain", "uia"]),
      features: texts,
      sequences: is.optional(sequences),
      extra: is.jsonObject,
    }),
  ),
  // Optional: runs of the first versions lack this field. Custom layers are functions, of which a file has the names.
  layers: is.optional(
    is.listOf(
      is.kinds({
        layer: is.object({ name: is.text }),
        cross: is.exact<CrossNetwork>({ kind: is.oneOf(["cross"]), name: is.text, ...optionShapes(crossOptions) }),
      }),
    ),
  ) as is.Shape as is.Shape<ModelSpec["layers"]>,
  epnet: is.exact(optionShapes(tables.epnetOptions)),
  ppnet: is.exact(optionShapes(tables.ppnetOptions)),
  domains: is.nullable(is.exact({ column: is.text, count: is.number, names: is.nullable(texts) })),
  towers: is.listOf(tower),
  switches: is.exact({
    gatePlacement: is.oneOf(["output", "input"]),
    stopGradient: is.bool,
    detachPriors: is.bool,
    learnableGamma: is.bool,
    sharedTowers: is.bool,
    epnet: is.bool,
    ppnet: is.bool,
  }),
  baseline: is.optional(
    is.object({
      kind: is.oneOf(["mmoe", "ple", "star", "apart", "logistic"]),
      experts: is.optional(is.number),
      taskExperts: is.optional(is.number),
      auxiliary: is.optional(is.number),
      parts: is.optional(is.listOf(is.listOf(is.count))),
      halved: is.optional(is.count),
    }),
  ),
  training,
  extra: is.jsonObject,
});

export function specFault(spec: unknown): is.Fault | null {
  return is.faultOf(spec, specShape);
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
