/**
 * Models of one spec as one model whose logits are their mean. Its layers are their layers side by side, with zeros
 * between them, so it is a PEPNet like any other: three times as wide, with embeddings of three times the length.
 */
import type { Weight, Weights } from "../engine/engine.js";
import { type Problem, SpecError } from "../errors/index.js";
import { buffers, denseParameters } from "../nn/plan/parameters.js";
import { type Plan, planModel } from "../nn/plan/plan.js";
import { type FeatureSpec, featureWidth, tableName } from "../spec/feature/feature.js";
import type { GroupName, ModelSpec } from "../spec/model.js";
import { groupParts } from "../spec/sizes.js";

/** The spec of the mean of `count` models. @throws SpecError for parts that cannot be put side by side */
export function meanSpec(spec: ModelSpec, count: number): ModelSpec {
  const problems = meanProblems(spec);
  if (problems.length > 0) throw new SpecError(problems);
  const wide = (units: readonly number[]): number[] => units.map((unit) => unit * count);
  const copies = new Map(spec.features.map((feature) => [feature.name, sideBySide(feature, count)]));
  const names = (features: readonly string[]): string[] =>
    features.flatMap((name) => copies.get(name)!.map((feature) => feature.name));
  return {
    ...spec,
    features: [...copies.values()].flat(),
    groups: spec.groups.map((group) => ({ ...group, features: names(group.features) })),
    epnet: { ...spec.epnet, hidden: spec.epnet.hidden === null ? null : spec.epnet.hidden * count },
    ppnet: { ...spec.ppnet, hidden: wide(spec.ppnet.hidden) },
    towers: spec.towers.map((tower) => ({
      ...tower,
      mlp: tower.mlp === null ? null : { ...tower.mlp, hidden: wide(tower.mlp.hidden) },
    })),
  };
}

function meanProblems({ features, layers, baseline, switches, towers, groups }: ModelSpec): Problem[] {
  const parts = [
    ["a custom layer", layers.length > 0],
    ["a baseline", baseline !== undefined],
    ["behaviour sequences", groups.some(({ sequences }) => sequences !== undefined)],
    ["a trained gamma", switches.learnableGamma],
    ["gates on inputs", switches.gatePlacement !== "output"],
    ["layer norm", towers.some(({ mlp }) => mlp?.layerNorm === true)],
    ["autodis or mlp of a number", features.some((each) => each.kind === "raw" && each.projection !== undefined)],
    ["a feature that is only kept for export", features.some(({ kind }) => kind === "other")],
  ] as const;
  const expected = "embeddings, numbers, EPNet, PPNet and towers";
  const fix = "remove the part, or train with one seed";
  return parts.flatMap(([part, isUsed]) =>
    isUsed ? { path: "fit: seeds", message: "this part has no mean over seeds", received: part, expected, fix } : [],
  );
}

/** A feature with an embedding has a longer one; a number, which each model's gate scales, a copy per model. */
function sideBySide(feature: FeatureSpec, count: number): FeatureSpec[] {
  if (feature.kind === "other") return [feature];
  if (tableName(feature) === null) {
    return Array.from({ length: count }, (_, model) => ({ ...feature, name: copyName(feature.name, model) }));
  }
  return [{ ...feature, embeddingDim: feature.embeddingDim! * count } as FeatureSpec];
}

function copyName(name: string, model: number): string {
  return model === 0 ? name : `${name}_seed_${model + 1}`;
}

/** @param models the weights of each model of `spec`; all have the same names */
export function meanWeights(spec: ModelSpec, models: readonly Weights[]): Weights {
  const [single, wide] = [planModel(spec), planModel(meanSpec(spec, models.length))];
  const shapes = new Map([...denseParameters(wide), ...buffers(wide)].map(({ name, shape }) => [name, shape]));
  const places = axes(single, wide);
  const entries = [...models[0]!].map(([name, first]): [string, Weight] => {
    const arrays = models.map((weights) => weights.get(name)!.data);
    const shape = shapes.get(name) ?? [first.shape[0]!, first.shape[1]! * models.length];
    if (!shapes.has(name)) return [name, { shape, data: besideEachOther(first.shape[1]!, arrays) }];
    if (shape.length === 0) return [name, first];
    const [into, from] = [outputs(places, name), shape.length === 2 ? inputs(places, single, name) : null];
    const [width, wideWidth] = [first.shape[1] ?? 1, shape[1] ?? 1];
    const isLast = /_task_tower\.\d+\.linear\./.test(name);
    const data = new Float32Array(shape.reduce((size, each) => size * each, 1));
    for (const [model, values] of arrays.entries()) {
      for (const [at, value] of values.entries()) {
        const row = into(model, Math.floor(at / width), first.shape[0]!);
        const column = from === null ? 0 : from(model, at % width, width);
        data[row * wideWidth + column]! += isLast ? value / models.length : value;
      }
    }
    return [name, { shape, data }];
  });
  return new Map(entries);
}

/** Rows of tables: the vectors of each model, one after the other. */
function besideEachOther(dim: number, tables: readonly Float32Array[]): Float32Array {
  const data = new Float32Array(tables[0]!.length * tables.length);
  const rows = tables[0]!.length / dim;
  for (const [model, table] of tables.entries()) {
    for (let row = 0; row < rows; row++) {
      data.set(table.subarray(row * dim, (row + 1) * dim), (row * tables.length + model) * dim);
    }
  }
  return data;
}

/** The place in the mean's axis of an index of a model's axis, which has `size` places. */
type Axis = (model: number, index: number, size: number) => number;
type Axes = Readonly<Record<"all" | "domain" | "uia" | "hidden" | "output", Axis>>;

function axes(single: Plan, wide: Plan): Axes {
  const all = groupPlaces(single.spec, wide.spec, "all");
  /** A gate's input: its prior, then all. */
  const gated = (group: "domain" | "uia"): Axis => {
    const prior = groupPlaces(single.spec, wide.spec, group);
    const [width, wideWidth] = [single.dims[group] ?? 0, wide.dims[group] ?? 0];
    return (model, index) =>
      index < width ? prior(model, index, width) : wideWidth + all(model, index - width, single.dims.all);
  };
  const hidden: Axis = (model, index, size) => model * size + index;
  return { all, domain: gated("domain"), uia: gated("uia"), hidden, output: (_, index) => index };
}

function groupPlaces(single: ModelSpec, wide: ModelSpec, group: GroupName): Axis {
  const starts = new Map(groupParts(wide, group)?.map(({ name, start }) => [name, start]));
  const columns = (groupParts(single, group) ?? []).flatMap(({ name, width, feature }) =>
    Array.from({ length: width }, (_, at) => ({ name, at, isTable: tableName(feature!) !== null, feature: feature! })),
  );
  return (model, index) => {
    const { name, at, isTable, feature } = columns[index]!;
    if (!isTable) return starts.get(copyName(name, model))! + at;
    return starts.get(name)! + model * featureWidth(feature) + at;
  };
}

function outputs(places: Axes, name: string): Axis {
  if (name.startsWith("model.epnet.") && name.includes("dense_layers.2")) return places.all;
  return /_task_tower\.\d+\.linear\./.test(name) ? places.output : places.hidden;
}

function inputs(places: Axes, { ppnet, spec }: Plan, name: string): Axis {
  const isGate = name.includes("dense_layers.0");
  if (isGate) return name.startsWith("model.epnet.") ? places.domain : places.uia;
  const layer = /ppnet\.linears\.(\d+)\./.exec(name);
  if (layer !== null) return Number(layer[1]) % spec.ppnet.hidden.length === 0 ? places.all : places.hidden;
  const tower = /_task_tower\.\d+\.(?:tower_mlp\.mlp\.(\d+)|linear)\./.exec(name);
  if (tower === null || ppnet !== null) return places.hidden;
  const isFirst = tower[1] === undefined ? !hasMlp(spec, name) : tower[1] === "0";
  return isFirst ? places.all : places.hidden;
}

/** Whether the tower of a parameter has hidden layers. */
function hasMlp({ towers, domains, switches }: ModelSpec, name: string): boolean {
  const each = switches.sharedTowers ? 1 : (domains?.count ?? 1);
  const { mlp } = towers[Math.floor(Number(/_task_tower\.(\d+)/.exec(name)![1]) / each)]!;
  return mlp !== null && mlp.hidden.length > 0;
}
