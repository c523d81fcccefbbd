/** Describes a spec for the PyTorch twin; unsupported parts are rejected. */
import { type Plan, planModel, type TaskPlan } from "../../src/core/nn/plan/plan.js";
import { featureWidth, findFeature, tableName, tableRows } from "../../src/core/spec/feature/feature.js";
import { groupFeatures, type ModelSpec } from "../../src/core/spec/model.js";

/** The description from which bench/torch/trainer.py builds a model. */
export type TwinDescription = Readonly<Record<string, unknown>>;

/** @throws Error with the part that the twin does not support */
export function twinDescription(spec: ModelSpec): TwinDescription {
  const plan = planModel(spec);
  const { dense, sparse } = spec.training;
  const { switches } = spec;
  if (plan.epnet === null || plan.ppnet === null || !plan.ppnet.gated || spec.domains === null) throw lacks("no gates");
  if (dense.kind !== "adam" || dense.weightDecay !== 0) throw lacks(`the dense optimiser ${dense.kind}`);
  if (sparse.kind !== "adagrad") throw lacks(`the sparse optimiser ${sparse.kind}`);
  if (switches.gatePlacement !== "output" || !switches.stopGradient) throw lacks("switches");
  const { features, tables } = embedded(spec);
  return {
    features,
    tables,
    embeddingDim: 16,
    groups: Object.fromEntries(["all", "domain", "uia"].map((group) => [group, groupFeatures(spec, group as "all")])),
    dims: plan.dims,
    sequence: sequenceOf(plan),
    epnet: { hidden: plan.epnet.hidden, gamma: spec.epnet.gamma },
    ppnet: { hidden: spec.ppnet.hidden, gamma: spec.ppnet.gamma },
    domains: plan.towers,
    domain: spec.domains.column,
    labels: spec.labels,
    tasks: plan.tasks.map(taskOf),
    dense: { rate: dense.lr, betas: [dense.beta1, dense.beta2], eps: dense.eps },
    sparse: { rate: sparse.lr, accumulator: sparse.initialAccumulator },
  };
}

/** A sequence with DIN that adds columns to the group `all`; `null` without one. */
function sequenceOf({ spec, encoders }: Plan) {
  const [plan, ...others] = encoders;
  if (plan === undefined) return null;
  const { encoder, view } = plan;
  if (others.length > 0 || encoder.kind !== "din" || view.width !== view.queryWidth) throw lacks("its encoders");
  const { batchNorm, layerNorm, dropout, activation, bias, hidden } = encoder.mlp;
  if (batchNorm || layerNorm || dropout.length > 0 || activation !== "nn.ReLU" || !bias) throw lacks("DIN's layers");
  const tables: Record<string, number> = {};
  const fields = (names: readonly string[]) =>
    names.map((name) => {
      const feature = findFeature(spec, name);
      if (feature?.kind !== "id" || feature.embeddingDim !== 16) throw lacks(`${name} in a sequence`);
      tables[tableName(feature)!] = tableRows(feature)!;
      return { name, table: tableName(feature) };
    });
  const [query, sequence] = [fields(view.query), fields(view.sequence)];
  return { prefix: plan.prefix, hidden, width: view.width, dim: 16, query, sequence, tables };
}

/** The features in the order of the group `all`, and the rows of each table. */
function embedded(spec: ModelSpec) {
  const tables: Record<string, number> = {};
  const features = (groupFeatures(spec, "all") ?? []).map((name) => {
    const feature = spec.features.find((candidate) => candidate.name === name);
    if (feature === undefined || feature.kind === "other") throw lacks(`the feature ${name}`);
    const table = tableName(feature);
    if (table !== null) {
      if (feature.embeddingDim !== 16) throw lacks(`${name}'s embedding dim ${feature.embeddingDim}`);
      tables[table] = tableRows(feature) as number;
    }
    return { name, column: name, table, width: featureWidth(feature), pooling: feature.pooling };
  });
  return { features, tables };
}

function taskOf({ tower, ppnet, mlp }: TaskPlan) {
  const [loss] = tower.losses;
  if (loss?.kind !== "binary_cross_entropy" || loss.labelSmoothing !== 0) throw lacks(`${tower.name}'s loss`);
  if (tower.weight !== 1 || tower.mlp?.batchNorm || tower.mlp?.layerNorm) throw lacks(`${tower.name}'s layers`);
  if ([...ppnet, ...mlp].some(({ dropout }) => dropout > 0)) throw lacks("dropout");
  const space = tower.taskSpace;
  return {
    label: tower.label,
    hidden: mlp.map(({ outDim }) => outDim),
    space: space && { label: space.indicatorLabel, inside: space.inWeight, outside: space.outWeight },
  };
}

function lacks(what: string): Error {
  return new Error(`the PyTorch twin does not compute this model: ${what}`);
}
