/** Estimates the minimum memory of training before anything is allocated. */
import { type Problem, SpecError } from "../errors/index.js";
import type { JsonObject } from "../util/random.js";
import { grouped, size } from "../util/text.js";
import { sum } from "../util/turns.js";
import { allEncoders, type EncoderPart } from "./feature/encoder-part.js";
import { findFeature, tableName } from "./feature/feature.js";
import { type ProjectedFeature, projectedFeatures } from "./feature/projected-feature.js";
import { layerParameters } from "./layer.js";
import {
  defaultMlp,
  expertCount,
  type GroupName,
  hasEpnet,
  hasPpnet,
  type ModelSpec,
  type TowerSpec,
  towersPerTask,
} from "./model.js";
import { encoderLayers, groupDim, groupDims, layerInput, mlpLayers, type TableSize, tableSizes } from "./sizes.js";
import { type DenseOptimizerSpec, mostBatchRows, type SparseOptimizerSpec, type TablePlacement } from "./training.js";
import { show } from "./validate/checks.js";

/**
 * Determines the optimiser of each embedding table. In TorchEasyRec it follows from TorchRec's sharding: a table
 * sharded `data_parallel` uses the `dense` kernel and is trained by the dense optimiser; with any other sharding it
 * uses a `fused` kernel and is trained by the sparse optimiser. Constraints restrict the choice; if both remain, the
 * planner chooses the one with the lower estimated time.
 */

/** The placement that `ParameterConstraints` allow; `null`: none, such as a `dense` kernel for `table_wise`. */
export function constrainedPlacement(constraints: JsonObject): TablePlacement | null {
  const shardings = readList(constraints, "sharding_types");
  const kernels = readList(constraints, "compute_kernels");
  const allowed = (list: readonly string[], test: (name: string) => boolean) => list.length === 0 || list.some(test);
  const dense =
    allowed(shardings, (sharding) => sharding === "data_parallel") && allowed(kernels, (kernel) => kernel === "dense");
  const sparse =
    allowed(shardings, (sharding) => sharding !== "data_parallel") &&
    allowed(kernels, (kernel) => kernel.startsWith("fused"));
  if (dense && sparse) return "planner";
  return dense ? "dense" : sparse ? "sparse" : null;
}

/**
 * The names of the tables that the dense optimiser trains: by the constraints of their feature
 * (`embedding_constraints`), else by the training settings.
 * @throws SpecError for constraints that no table can meet, and for features that share a table under different ones
 */
export function denseTables(spec: ModelSpec): ReadonlySet<string> {
  const problems: Problem[] = [];
  const tables = new Set<string>();
  const whole = wholePlacement(spec, problems);
  const owned = ownPlacements(spec, problems);
  for (const { table, isOfSequences, features, rows, dim } of tableSizes(spec)) {
    if (isOfSequences) {
      tables.add(table); // TorchRec does not shard these tables on a CPU, whatever the constraints
      continue;
    }
    const placement = owned.get(table) ?? whole;
    const isDense =
      placement === "dense" ||
      (placement === "planner" && rows !== null && plannerPrefersDense(spec, { features, rows, dim }));
    if (isDense) tables.add(table);
  }
  if (problems.length > 0) throw new SpecError(problems);
  return tables;
}

/** The training setting. Impossible constraints of an opened config are rejected only if the setting follows them. */
function wholePlacement(spec: ModelSpec, problems: Problem[]): TablePlacement {
  const { tablePlacement } = spec.training;
  const train = spec.extra["train_config"] as JsonObject | undefined;
  const constraints = train?.["global_embedding_constraints"] as JsonObject | undefined;
  if (tablePlacement === "planner" && constraints !== undefined && constrainedPlacement(constraints) === null) {
    problems.push(impossible("extra.train_config.global_embedding_constraints", constraints));
  }
  return tablePlacement;
}

function ownPlacements(spec: ModelSpec, problems: Problem[]): ReadonlyMap<string, TablePlacement> {
  const placements = new Map<string, { readonly feature: string; readonly placement: TablePlacement }>();
  for (const feature of spec.features) {
    const table = tableName(feature);
    if (feature.kind === "other" || table === null) continue;
    const constraints = feature.extra["embedding_constraints"] as JsonObject | undefined;
    if (constraints === undefined) continue;
    const path = `features.${feature.name}.embedding_constraints`;
    const placement = constrainedPlacement(constraints);
    const other = placements.get(table);
    if (placement === null) problems.push(impossible(path, constraints));
    else if (other !== undefined && other.placement !== placement) {
      problems.push({
        path,
        message: `features share the table "${table}" under different constraints`,
        received: show(constraints),
        expected: `the constraints of "${other.feature}"`,
      });
    } else placements.set(table, { feature: feature.name, placement });
  }
  return new Map([...placements].map(([table, { placement }]) => [table, placement]));
}

function impossible(path: string, constraints: JsonObject): Problem {
  return {
    path,
    message: "no TorchRec sharding meets these constraints",
    received: show(constraints),
    expected: "data_parallel sharding with a dense kernel, or another sharding with a fused one",
  };
}

const bytes = { number: 4, id: 8 };
/** The planner's estimates of a CPU's memory and network, in GB/s (TorchRec `planner/constants.py`). */
const bandwidth = { sparse: 51, dense: 51 / 2, intraHost: 600, interHost: 12.5 };
/** The planner's factors: backward passes, rows of a small block, kernels of a dense optimiser. */
const factor = { forwardAndBackward: 1 + 2, weightedBackward: 1.1, optimizer: 9.22 };

/**
 * TorchRec's estimate for one process on the CPU (`planner/shard_estimators.py`) with its default settings. Dense
 * cost grows with the table and sparse cost does not, so small tables become dense: up to 348 rows at batch size
 * 2,048 and 16 columns. Measured with TorchEasyRec 1.3.16: a table of 200 rows became dense, one of 800 rows did
 * not.
 */
function plannerPrefersDense(
  spec: ModelSpec,
  table: { readonly features: readonly string[]; readonly rows: number; readonly dim: number },
): boolean {
  const { rows, dim, features } = table;
  const looked = mostBatchRows(spec.training) * features.length;
  const isWeighted = features.some((name) => {
    const feature = findFeature(spec, name);
    return feature?.kind === "id" && feature.weighted;
  });
  const passes = factor.forwardAndBackward + (isWeighted ? factor.weightedBackward : 0);
  const read = bytes.id * (isWeighted ? 2 : 1);
  const output = dim * bytes.number;
  const penalty = dim >= 128 ? 1 : dim >= 64 ? 1.15 : 1.75;
  const sparseForward = ((read + Math.max(dim, 32) * bytes.number + output) * penalty) / bandwidth.sparse;
  const sparse = looked * (passes * sparseForward + (2 * output) / bandwidth.intraHost);
  const denseForward = (read + 2 * output) / bandwidth.dense;
  const wholeTable = rows * output * (1 / bandwidth.interHost + factor.optimizer / bandwidth.dense);
  return looked * passes * denseForward + wholeTable < sparse;
}

function readList(constraints: JsonObject, name: string): readonly string[] {
  return (constraints[name] ?? []) as readonly string[];
}

/** One consumer of memory, with the arithmetic of its bytes. */
export interface MemoryItem {
  readonly what: string;
  readonly bytes: number;
  /** The arithmetic, such as `1,000,000 rows × 16 × 4 bytes × 2 (weights, adagrad)`. */
  readonly arithmetic: string;
}

/** Ids are Int32. */
const mostTableRows = 2 ** 31 - 1;

/**
 * The minimum memory of training: tables and dense parameters with their optimisers' state, and the inputs of a
 * batch with their gradients. Activations and data are not included. Tables whose rows a file determines count 0.
 */
export function memoryNeeded(spec: ModelSpec): readonly MemoryItem[] {
  const { training } = spec;
  const dense = denseTables(spec);
  const average = training.emaDecay === null ? [] : ["average"];
  const sums = training.gradientAccumulation > 1 ? ["gradient sum"] : [];
  const denseArrays = ["weights", "gradients", ...sums, ...average, ...denseSlots(training.dense)];
  const tables = tableSizes(spec).flatMap(({ table, rows, dim }): MemoryItem[] => {
    if (rows === null) return [];
    const arrays = dense.has(table) ? denseArrays : ["weights", ...sparseSlots(training.sparse)];
    return [item(`table ${table}`, { rows, "": dim }, arrays)];
  });
  const { denseParameters, groupDims } = modelSize(spec);
  const columns = Object.values(groupDims).reduce<number>((sum, dim) => sum + (dim ?? 0), 0);
  return [
    ...tables,
    item("dense parameters", { parameters: denseParameters }, denseArrays),
    item("inputs of a batch", { rows: mostBatchRows(training), columns }, ["values", "gradients"]),
  ];
}

/**
 * @param available bytes
 * @throws SpecError with the arithmetic, if a model does not fit into this memory or a table has more rows than ids
 */
export function assertFits(spec: ModelSpec, available: number): void {
  const items = memoryNeeded(spec);
  const total = items.reduce((sum, { bytes }) => sum + bytes, 0);
  const problems = tableSizes(spec).flatMap(({ table, rows }): Problem[] => {
    if (rows === null || rows <= mostTableRows) return [];
    const expected = `at most ${grouped(mostTableRows)}: ids are 32-bit integers`;
    return [{ path: `table ${table}`, message: "too many rows", received: grouped(rows), expected, fix: smaller }];
  });
  if (total > available) {
    const largest = [...items].sort((a, b) => b.bytes - a.bytes).filter(({ bytes }) => bytes > 0.01 * total);
    const lines = largest.map(({ what, bytes, arithmetic }) => `${what}: ${arithmetic} = ${size(bytes)}`);
    problems.push({
      path: "memory",
      message: "this model does not fit into this machine's memory; nothing was allocated",
      received: [`at least ${size(total)}`, ...lines].join("\n    "),
      expected: `at most ${size(available)}`,
      fix: smaller,
    });
  }
  if (problems.length > 0) throw new SpecError(problems);
}

const smaller =
  "hash into fewer rows (.hash(n)), use smaller embeddings or rowwise_adagrad (one number per row), or train on a cluster: model.toConfig()";

/** @param factors numbers by their unit */
function item(what: string, factors: Readonly<Record<string, number>>, arrays: readonly string[]): MemoryItem {
  const bytes = Object.values(factors).reduce((product, size) => product * size, 4) * arrays.length;
  const terms = Object.entries(factors).map(([unit, size]) => `${grouped(size)}${unit && ` ${unit}`}`);
  return { what, bytes, arithmetic: `${terms.join(" × ")} × 4 bytes × ${arrays.length} (${arrays.join(", ")})` };
}

const adamState = ["adam's first moment", "second moment"];

/** The optimiser state that is as large as the weights. */
function denseSlots(optimizer: DenseOptimizerSpec): string[] {
  const { kind } = optimizer;
  if (kind === "sgd") return optimizer.momentum === 0 ? [] : ["momentum"];
  if (kind === "adam" || kind === "adamw") return [...adamState, ...(optimizer.amsgrad ? ["largest"] : [])];
  return kind === "adadelta" ? ["square average", "accumulated update"] : [kind];
}

function sparseSlots({ kind }: SparseOptimizerSpec): string[] {
  if (kind === "adam") return adamState;
  if (kind === "partial_rowwise_adam") return adamState.slice(0, 1);
  return kind === "adagrad" ? ["adagrad"] : [];
}

/** One module of the model. */
export interface ModuleSize {
  /** Its name, such as `embeddings`, `epnet`, `ppnet.ctr`, `tower.ctr`. */
  readonly module: string;
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
  readonly embeddingParameters: number;
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
    ...spec.towers.map((tower) => towerSize(spec, tower)),
  ];
  const total = (of: (module: ModuleSize) => number): number => modules.reduce((sum, module) => sum + of(module), 0);
  return {
    modules,
    tables,
    groupDims: groupDims(spec),
    embeddingParameters,
    denseParameters: total((module) => module.parameters) - embeddingParameters,
    flopsPerRow: total((module) => module.flopsPerRow),
    trainingFlopsPerRow: total((module) => module.trainingFlopsPerRow),
  };
}

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

export function countParameters({ inDim, outDim, bias }: Layer): number {
  return inDim * outDim + (bias ? outDim : 0);
}

/** Gate NU over [prior, all]: the prior receives gradients unless it is detached, `all` only if enabled. */
export function gateLayers(spec: ModelSpec, prior: number, all: number, hidden: number, units: number): Layer[] {
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

/** The custom layers; their operations are unknown and count 0. */
export function layerSizes(spec: ModelSpec): ModuleSize[] {
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

export function towerInput(spec: ModelSpec): number {
  const all = groupDim(spec, "all") ?? 0;
  return hasPpnet(spec) ? (spec.ppnet.hidden.at(-1) ?? all) : all;
}

export function towerSize(spec: ModelSpec, { name, mlp, numClass }: TowerSpec): ModuleSize {
  const { layers, extra } = mlpLayers(mlp ?? defaultMlp, towerInput(spec), numClass);
  const costs = layers.map(({ inDim, outDim, bias }) => layer(inDim, outDim, { bias }));
  return moduleSize(`tower.${name}`, numClass, costs, towersPerTask(spec), extra);
}
