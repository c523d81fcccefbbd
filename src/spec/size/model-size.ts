/**
 * Computes the size of a model for its summary table: parameters and floating-point operations of each module.
 */
import { sum } from "../../util/sums.js";
import { type ProjectedFeature, projectedFeatures } from "../feature/projected-feature.js";
import { allEncoders, type EncoderPart } from "../feature/sequence/encoder-part.js";
import { layerParameters } from "../layer/layer.js";
import { layerInput } from "../layer/layer-input.js";
import type { GroupName, ModelSpec } from "../model.js";
import { expertCount, hasEpnet, hasPpnet, towersPerTask } from "../model.js";
import type { TowerSpec } from "../tower.js";
import { encoderLayers } from "./encoder-layers.js";
import { groupDim } from "./group-dim.js";
import { type TableSize, tableSizes } from "./tables.js";

/** One module of the model. */
export interface ModuleSize {
  /** Its name, such as `embeddings`, `epnet`, `ppnet.ctr`, `tower.ctr`. */
  readonly module: string;
  /** Number of output columns. */
  readonly output: number;
  /** Number of trained parameters, over all domains. */
  readonly parameters: number;
  /** Operations of the matrix products in a forward pass of one row (which passes only its domain's tower). */
  readonly flopsPerRow: number;
  /** Operations of the matrix products in a training step of one row: forward, and backward to weights and inputs. */
  readonly trainingFlopsPerRow: number;
}

/** The size of a model. A table whose rows a file determines counts 0. */
export interface ModelSize {
  /** In the order of the forward pass. */
  readonly modules: readonly ModuleSize[];
  /** One entry per table; shared tables appear once. */
  readonly tables: readonly TableSize[];
  /** Width of each group's input; `null` if the group is missing. */
  readonly groupDims: Readonly<Record<GroupName, number | null>>;
  /** Parameters of all tables. */
  readonly embeddingParameters: number;
  /** Parameters of all modules. */
  readonly denseParameters: number;
  /** Forward operations of all modules. */
  readonly flopsPerRow: number;
  /** Training operations of all modules. */
  readonly trainingFlopsPerRow: number;
}

/**
 * The size of a valid model. A multiply-add is two operations; activations, gate products, lookups and custom layers
 * are not counted.
 * @example modelSize(model.spec).denseParameters
 */
export function modelSize(spec: ModelSpec): ModelSize {
  const all = groupDim(spec, "all") ?? 0;
  const tables = tableSizes(spec);
  const embeddingParameters = tables.reduce((sum, table) => sum + (table.parameters ?? 0), 0);
  const embeddings = { module: "embeddings", output: all, parameters: embeddingParameters };
  const modules = [
    { ...embeddings, flopsPerRow: 0, trainingFlopsPerRow: 0 },
    ...projectedFeatures(spec).map(projectionSize),
    ...allEncoders(spec).map(encoderSize),
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

/** The cost of a fully connected layer. */
interface Layer {
  readonly inDim: number;
  readonly outDim: number;
  readonly bias: boolean;
  /** Input columns that receive a gradient. */
  readonly backward: number;
}

function layer(inDim: number, outDim: number, { bias = true, backward = inDim } = {}): Layer {
  return { inDim, outDim, bias, backward };
}

function moduleSize(module: string, output: number, layers: readonly Layer[], copies = 1, extra = 0): ModuleSize {
  const products = layers.map(({ inDim, outDim }) => 2 * inDim * outDim);
  const flopsPerRow = sum(products);
  return {
    module,
    output,
    parameters: copies * (sum(layers.map(countParameters)) + extra),
    flopsPerRow,
    trainingFlopsPerRow: 2 * flopsPerRow + sum(layers.map(({ backward, outDim }) => 2 * backward * outDim)),
  };
}

function countParameters({ inDim, outDim, bias }: Layer): number {
  return inDim * outDim + (bias ? outDim : 0);
}

/** Gate NU over [prior, all]: the prior receives gradients unless it is detached, `all` only if enabled. */
function gateLayers(spec: ModelSpec, prior: number, all: number, hidden: number, units: number): Layer[] {
  const { stopGradient, detachPriors } = spec.switches;
  const backward = (detachPriors ? 0 : prior) + (stopGradient ? 0 : all);
  return [layer(prior + all, hidden, { backward }), layer(hidden, units)];
}

function projectionSize(feature: ProjectedFeature): ModuleSize {
  const { name, embeddingDim: dim, projection, valueDim } = feature;
  const layers =
    projection.kind === "mlp"
      ? [layer(valueDim, dim, { bias: false })]
      : [
          layer(1, projection.channels, { bias: false }),
          layer(projection.channels, projection.channels, { bias: false }),
          layer(projection.channels, dim, { bias: false }),
        ];
  return moduleSize(`number.${name}`, dim, layers);
}

/** The operations of a sequence of its full length. */
function encoderSize(part: EncoderPart): ModuleSize {
  const { layers, extra, positions } = encoderLayers(part);
  const size = moduleSize(
    `sequence.${part.name}`,
    part.width,
    layers.map(({ inDim, outDim, bias }) => layer(inDim, outDim, { bias })),
    1,
    extra,
  );
  const { flopsPerRow, trainingFlopsPerRow } = size;
  return { ...size, flopsPerRow: positions * flopsPerRow, trainingFlopsPerRow: positions * trainingFlopsPerRow };
}

/** Operations of custom layers are unknown and count 0. */
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
  return [moduleSize("epnet", all, layers, 1, spec.switches.learnableGamma ? 1 : 0)];
}

/** One module per task; in the paper's placement the gates, which all tasks share, are a separate module. */
function ppnetSizes(spec: ModelSpec, all: number): ModuleSize[] {
  if (!hasPpnet(spec)) return [];
  const { hidden } = spec.ppnet;
  const uia = groupDim(spec, "uia") ?? 0;
  const inDims = [all, ...hidden.slice(0, -1)];
  const linears = hidden.map((units, index) => layer(inDims[index]!, units));
  const output = hidden.at(-1) ?? all;
  const experts = expertCount(spec);
  if (experts > 0) {
    const mixes =
      experts === 1 ? [] : spec.towers.map(({ name }) => moduleSize(`mmoe.${name}`, output, [layer(all, experts)]));
    const shared = Array.from({ length: experts }, () => linears).flat();
    return [moduleSize("mmoe.experts", output, shared), ...mixes];
  }
  const gated = spec.switches.ppnet;
  const gammas = gated && spec.switches.learnableGamma ? hidden.length : 0;
  if (gated && spec.switches.gatePlacement === "input") {
    const gates = inDims.flatMap((inDim) => gateLayers(spec, uia, all, inDim, inDim * spec.towers.length));
    const units = sum(inDims) * spec.towers.length;
    return [
      moduleSize("ppnet.gates", units, gates, 1, gammas),
      ...spec.towers.map((tower) => moduleSize(`ppnet.${tower.name}`, output, linears)),
    ];
  }
  const gates = gated ? hidden.flatMap((units) => gateLayers(spec, uia, all, units, units)) : [];
  return spec.towers.map((tower) => moduleSize(`ppnet.${tower.name}`, output, [...linears, ...gates], 1, gammas));
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
  return moduleSize(`tower.${tower.name}`, tower.numClass, [...layers, last], towersPerTask(spec), norms);
}
