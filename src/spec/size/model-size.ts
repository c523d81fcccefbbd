/** How large a model is: parameters and floating-point operations, module by module, for its summary table. */
import { sum } from "../../util/sums.js";
import { tableName, tableRows } from "../feature/feature.js";
import { layerParameters } from "../layer/layer.js";
import { layerInput } from "../layer/layer-input.js";
import type { GroupName, ModelSpec } from "../model.js";
import { groupFeatures, hasEpnet, hasPpnet, towersPerTask } from "../model.js";
import type { TowerSpec } from "../tower.js";
import { groupDim } from "./group-dim.js";

/** One module of the model. */
export interface ModuleSize {
  /** Such as `embeddings`, `epnet`, `ppnet.ctr`, `tower.ctr`. */
  readonly module: string;
  /** Columns that leave it, for each row. */
  readonly output: number;
  /** Trained parameters, those of all domains included. */
  readonly parameters: number;
  /** Of its matrix products, forward, for one row (which passes the tower of its own domain only). */
  readonly flopsPerRow: number;
  /** Of its matrix products in a training step, for one row: forward, and backward to weights and inputs. */
  readonly trainingFlopsPerRow: number;
}

/** One embedding table. */
export interface TableSize {
  /** Its name, such as `user_id_emb`. */
  readonly table: string;
  /** Features that read it. */
  readonly features: readonly string[];
  /** `null`: a vocabulary file decides. */
  readonly rows: number | null;
  /** Columns. */
  readonly dim: number;
  /** rows × dim; `null` where a file decides the rows. */
  readonly parameters: number | null;
}

/** A model's size. A table whose rows a file decides counts 0. */
export interface ModelSize {
  /** In the order in which a row passes through them. */
  readonly modules: readonly ModuleSize[];
  /** One a table, shared ones once. */
  readonly tables: readonly TableSize[];
  /** Columns of each group's input; `null` where the group is absent. */
  readonly groupDims: Readonly<Record<GroupName, number | null>>;
  /** Of all tables together. */
  readonly embeddingParameters: number;
  /** Of all modules together. */
  readonly denseParameters: number;
  /** Of all modules together, forward. */
  readonly flopsPerRow: number;
  /** Of all modules together, in a training step. */
  readonly trainingFlopsPerRow: number;
}

/**
 * Sizes of a valid model. A multiply-add is two operations; activations, gates' products, lookups
 * and layers of the user's own are left out.
 *
 * @example modelSize(model.spec).denseParameters
 */
export function modelSize(spec: ModelSpec): ModelSize {
  const all = groupDim(spec, "all") ?? 0;
  const tables = tableSizes(spec);
  const embeddingParameters = tables.reduce((sum, table) => sum + (table.parameters ?? 0), 0);
  const embeddings = { module: "embeddings", output: all, parameters: embeddingParameters };
  const modules = [
    { ...embeddings, flopsPerRow: 0, trainingFlopsPerRow: 0 },
    ...layerSizes(spec),
    ...epnetSize(spec, all),
    ...ppnetSizes(spec, all),
    ...spec.towers.map((tower) => towerSize(spec, tower, all)),
  ];
  const total = (of: (module: ModuleSize) => number): number => modules.reduce((sum, module) => sum + of(module), 0);
  return {
    modules,
    tables,
    groupDims: { all, domain: groupDim(spec, "domain"), uia: groupDim(spec, "uia") },
    embeddingParameters,
    denseParameters: total((module) => module.parameters) - embeddingParameters,
    flopsPerRow: total((module) => module.flopsPerRow),
    trainingFlopsPerRow: total((module) => module.trainingFlopsPerRow),
  };
}

/** The embedding tables of the features that some group uses, in the order of the features. */
export function tableSizes(spec: ModelSpec): readonly TableSize[] {
  const used = new Set((["all", "domain", "uia"] as const).flatMap((name) => groupFeatures(spec, name) ?? []));
  const readers = new Map<string, string[]>();
  const sizes = new Map<string, { rows: number | null; dim: number }>();
  for (const feature of spec.features) {
    const table = tableName(feature);
    if (table === null || feature.kind === "other" || !used.has(feature.name)) continue;
    const features = readers.get(table) ?? [];
    features.push(feature.name);
    readers.set(table, features);
    const rows = sizes.get(table)?.rows ?? tableRows(feature);
    sizes.set(table, { rows, dim: feature.embeddingDim! });
  }
  return [...sizes].map(([table, { rows, dim }]) => ({
    table,
    features: readers.get(table) ?? [],
    rows,
    dim,
    parameters: rows === null ? null : rows * dim,
  }));
}

/** A fully connected layer, as far as its cost goes. */
interface Layer {
  readonly inDim: number;
  readonly outDim: number;
  readonly bias: boolean;
  /** Input columns that a gradient flows back to. */
  readonly backward: number;
}

function layer(inDim: number, outDim: number, { bias = true, backward = inDim } = {}): Layer {
  return { inDim, outDim, bias, backward };
}

function moduleOf(module: string, output: number, layers: readonly Layer[], copies = 1, extra = 0): ModuleSize {
  const products = layers.map(({ inDim, outDim }) => 2 * inDim * outDim);
  const flopsPerRow = sum(products);
  return {
    module,
    output,
    parameters: copies * (sum(layers.map(parametersOf)) + extra),
    flopsPerRow,
    trainingFlopsPerRow: 2 * flopsPerRow + sum(layers.map(({ backward, outDim }) => 2 * backward * outDim)),
  };
}

function parametersOf({ inDim, outDim, bias }: Layer): number {
  return inDim * outDim + (bias ? outDim : 0);
}

/** Gate NU over [prior, all]: gradients flow back to the prior unless it is detached, to `all` only when told. */
function gateLayers(spec: ModelSpec, prior: number, all: number, hidden: number, units: number): Layer[] {
  const { stopGradient, detachPriors } = spec.switches;
  const backward = (detachPriors ? 0 : prior) + (stopGradient ? 0 : all);
  return [layer(prior + all, hidden, { backward }), layer(hidden, units)];
}

/** Operations of a layer of the user's own are not known: they count 0. */
function layerSizes(spec: ModelSpec): ModuleSize[] {
  const input = layerInput(spec);
  return spec.layers.map((layer) => {
    const shapes = layerParameters(layer, input).map(({ shape }) => shape.reduce((product, dim) => product * dim, 1));
    return {
      module: `layers.${layer.name}`,
      output: input.width,
      parameters: sum(shapes),
      flopsPerRow: 0,
      trainingFlopsPerRow: 0,
    };
  });
}

function epnetSize(spec: ModelSpec, all: number): ModuleSize[] {
  if (!hasEpnet(spec)) return [];
  const layers = gateLayers(spec, groupDim(spec, "domain") ?? 0, all, spec.epnet.hidden ?? all, all);
  return [moduleOf("epnet", all, layers, 1, spec.switches.learnableGamma ? 1 : 0)];
}

/** One module a task; in the paper's placement the gates, which all tasks share, are a module of their own. */
function ppnetSizes(spec: ModelSpec, all: number): ModuleSize[] {
  if (!hasPpnet(spec)) return [];
  const { hidden } = spec.ppnet;
  const uia = groupDim(spec, "uia") ?? 0;
  const inDims = [all, ...hidden.slice(0, -1)];
  const linears = hidden.map((units, index) => layer(inDims[index]!, units));
  const output = hidden.at(-1) ?? all;
  const gated = spec.switches.ppnet;
  const gammas = gated && spec.switches.learnableGamma ? hidden.length : 0;
  if (gated && spec.switches.gatePlacement === "input") {
    const gates = inDims.flatMap((inDim) => gateLayers(spec, uia, all, inDim, inDim * spec.towers.length));
    const units = sum(inDims) * spec.towers.length;
    return [
      moduleOf("ppnet.gates", units, gates, 1, gammas),
      ...spec.towers.map((tower) => moduleOf(`ppnet.${tower.name}`, output, linears)),
    ];
  }
  const gates = gated ? hidden.flatMap((units) => gateLayers(spec, uia, all, units, units)) : [];
  return spec.towers.map((tower) => moduleOf(`ppnet.${tower.name}`, output, [...linears, ...gates], 1, gammas));
}

function towerSize(spec: ModelSpec, tower: TowerSpec, all: number): ModuleSize {
  const { mlp } = tower;
  const hidden = mlp?.hidden ?? [];
  const inDim = hasPpnet(spec) ? (spec.ppnet.hidden.at(-1) ?? all) : all;
  const bias = mlp?.bias === true && !mlp.batchNorm;
  const dims = [inDim, ...hidden];
  const layers = hidden.map((units, index) => layer(dims[index]!, units, { bias }));
  const norms = mlp !== null && (mlp.batchNorm || mlp.layerNorm) ? 2 * sum(hidden) : 0;
  const last = layer(dims.at(-1)!, tower.numClass);
  return moduleOf(`tower.${tower.name}`, tower.numClass, [...layers, last], towersPerTask(spec), norms);
}
