/**
 * Joins models of one spec into one whose logits are their mean: a wider PEPNet with their layers side by side and
 * zeros between them.
 */
import type { Weight, Weights } from "../engine/engine.js";
import { SpecError } from "../errors/index.js";
import {
  epnetGateName,
  type Plan,
  perceptronName,
  planModel,
  ppnetGateName,
  ppnetLinearName,
  towerName,
} from "../nn/plan/plan.js";
import { planProjection, projectionName } from "../nn/plan/sequences.js";
import { type FeatureSpec, featureWidth, tableName } from "../spec/feature/feature.js";
import { isProjected, projectedFeatures } from "../spec/feature/projected-feature.js";
import { customLayersOf } from "../spec/layer.js";
import type { GroupName, ModelSpec } from "../spec/model.js";
import { groupParts, isWide } from "../spec/sizes.js";

/** The spec of the mean of `count` models. @throws SpecError for parts that cannot be put side by side */
export function meanSpec(spec: ModelSpec, count: number): ModelSpec {
  assertMean(spec);
  const wide = <Part extends { readonly hidden: readonly number[] }>(part: Part): Part => {
    return { ...part, hidden: part.hidden.map((units) => units * count) };
  };
  return {
    ...spec,
    features: spec.features.map((feature) => sideBySide(feature, count)),
    layers: spec.layers.map((layer) => (layer.kind === "cross" ? { ...layer, rank: layer.rank * count } : layer)),
    epnet: { ...spec.epnet, hidden: spec.epnet.hidden && spec.epnet.hidden * count },
    ppnet: wide(spec.ppnet),
    towers: spec.towers.map((tower) => ({ ...tower, mlp: tower.mlp && wide(tower.mlp) })),
  };
}

function assertMean({ features, layers, baseline, switches, towers, groups, ppnet }: ModelSpec): void {
  const activations = [ppnet.activation, ...towers.map(({ mlp }) => mlp?.activation ?? "")];
  const used = Object.entries({
    "custom layers": customLayersOf(layers).length > 0,
    "a baseline": baseline !== undefined,
    "a WIDE group": groups.some(({ name }) => isWide({ groups }, name)),
    sequences: groups.some(({ sequences }) => sequences !== undefined),
    "a trained gamma": switches.learnableGamma,
    "gates on inputs": switches.gatePlacement === "input",
    "layer norm": towers.some(({ mlp }) => mlp?.layerNorm === true),
    PReLU: activations.some((activation) => activation.includes("PReLU")),
    autodis: features.some((each) => isProjected(each) && each.projection.kind === "autodis"),
  }).flatMap(([part, isUsed]) => (isUsed ? [part] : []));
  if (used.length === 0) return;
  const expected = "embeddings, numbers, EPNet, PPNet and towers, whose layers can be put side by side";
  const fix = "remove these parts, or train with one seed";
  throw new SpecError({ path: "fit: seeds", message: "no mean over seeds", received: used.join(", "), expected, fix });
}

/**
 * The vectors of all models, concatenated; numbers become a vector of copies, one for the gate of each model.
 */
function sideBySide(feature: FeatureSpec, count: number): FeatureSpec {
  if (feature.kind === "other") return feature;
  const embeddingDim = featureWidth(feature) * count;
  if (feature.kind !== "raw" || tableName(feature) !== null) return { ...feature, embeddingDim } as FeatureSpec;
  return { ...feature, embeddingDim, projection: { kind: "mlp" } };
}

/**
 * The widths of an axis' parts, in each of which the models are concatenated; `null`: all models share the axis.
 */
type Axis = readonly number[] | null;

/** The weights of the mean. @param models the weights of each model of `spec`; all have the same names */
export function meanWeights(spec: ModelSpec, models: readonly Weights[]): Weights {
  const count = models.length;
  const axes = weightAxes(planModel(spec));
  const numbers = new Map(
    projectedFeatures(meanSpec(spec, count)).map((feature) => {
      const plan = planProjection(feature);
      const single = projectionName({ ...plan, dim: plan.dim / count }, "proj_w");
      return [single, { name: projectionName(plan, "proj_w"), unchanged: identity(feature.valueDim) }];
    }),
  );
  return new Map(
    [...new Set([...models[0]!.keys(), ...numbers.keys()])].map((name) => {
      const arrays = models.map((weights) => weights.get(name) ?? numbers.get(name)!.unchanged);
      return [numbers.get(name)?.name ?? name, joined(name, arrays, axes(name, arrays[0]!.shape))];
    }),
  );
}

function identity(size: number): Weight {
  const data = Float32Array.from({ length: size ** 2 }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
  return { shape: size === 1 ? [1] : [size, size], data };
}

interface Axes {
  readonly rows: Axis;
  readonly columns: Axis;
}

function weightAxes(plan: Plan): (name: string, shape: readonly number[]) => Axes {
  const parts = (group: GroupName) => (groupParts(plan.spec, group) ?? []).map(({ width }) => width);
  const all = parts("all");
  const inputs = new Map([[`${epnetGateName}.dense_layers.0`, [...parts("domain"), ...all]]]);
  const outputs = new Map<string, Axis>([[`${epnetGateName}.dense_layers.2`, all]]);
  for (const { name, cross } of plan.layers) {
    for (let layer = 0; layer < (cross?.layers ?? 0); layer++) {
      inputs.set(`model.layers.${name}.${layer}.down`, all);
      outputs.set(`model.layers.${name}.${layer}.up`, all);
    }
  }
  for (const { index, ppnet, mlp } of plan.tasks) {
    const towers = Array.from({ length: plan.towers }, (_, domain) => towerName(plan, index, domain));
    const last = towers.map((name) => `${name}.linear`);
    const first = mlp.length === 0 ? last : towers.map((name) => `${perceptronName(name, 0)}.0`);
    for (const name of ppnet.length === 0 ? first : [ppnetLinearName(plan, index, 0)]) inputs.set(name, all);
    for (const layer of ppnet.keys()) {
      inputs.set(`${ppnetGateName(plan, index, layer)}.dense_layers.0`, [...parts("uia"), ...all]);
    }
    for (const name of last) outputs.set(name, null);
  }
  return (name, [height, width]) => {
    if (height === undefined) return { rows: null, columns: null };
    if (width !== undefined && name.startsWith(embeddings)) return { rows: null, columns: [width] };
    const layer = name.slice(0, name.lastIndexOf("."));
    const rows = outputs.has(layer) ? outputs.get(layer)! : [height];
    return { rows, columns: width === undefined ? null : (inputs.get(layer) ?? [width]) };
  };
}

const embeddings = "model.embedding_group.";

function joined(name: string, models: readonly Weight[], { rows, columns }: Axes): Weight {
  const count = models.length;
  const { shape } = models[0]!;
  const [height = 1, width = 1] = shape;
  const [times, wide] = [rows === null ? 1 : count, columns === null ? width : width * count];
  const data = new Float32Array(height * times * wide);
  // The models share outputs, and a norm's number of batches.
  const share = rows === null && !name.startsWith(embeddings) ? 1 / count : 1;
  for (const [model, values] of models.entries()) {
    const [down, across] = [places(rows, height, model, count), places(columns, width, model, count)];
    for (let at = 0; at < values.data.length; at++) {
      data[down[Math.floor(at / width)]! * wide + across[at % width]!]! += values.data[at]! * share;
    }
  }
  return { shape: shape.map((size, axis) => (axis === 0 ? size * times : wide)), data };
}

/** The place of each index of a model's axis in the axis of all models. */
function places(axis: Axis, size: number, model: number, count: number): Int32Array {
  const at = Int32Array.from({ length: size }, (_, index) => index);
  let start = 0;
  for (const width of axis ?? []) {
    for (let index = start; index < start + width; index++) at[index]! += (count - 1) * start + model * width;
    start += width;
  }
  return at;
}
