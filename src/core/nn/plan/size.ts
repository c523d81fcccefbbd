/** The size of a model: parameters and operations by module. */
import { allEncoders } from "../../spec/feature/encoder-part.js";
import { projectedFeatures } from "../../spec/feature/projected-feature.js";
import type { GroupName, ModelSpec } from "../../spec/model.js";
import { groupDims, mostPositions, type TableSize, tableSizes } from "../../spec/sizes.js";
import { sum } from "../../util/numbers.js";
import { moduleParameters, type Parameter, parameterCount } from "./parameters.js";
import { type Plan, planModel } from "./plan.js";

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
  /** The modules in the order of the forward pass. */
  readonly modules: readonly ModuleSize[];
  /** One entry per table; shared tables appear once. */
  readonly tables: readonly TableSize[];
  /** Width of each group's input; `null` if the group is missing. */
  readonly groupDims: Readonly<Record<GroupName, number | null>>;
  readonly embeddingParameters: number;
  readonly denseParameters: number;
  readonly flopsPerRow: number;
  readonly trainingFlopsPerRow: number;
}

/** A multiply-add is two operations; activations, gate products, lookups and custom layers are not counted. */
export function modelSize(spec: ModelSpec): ModelSize {
  const tables = tableSizes(spec);
  const embeddingParameters = sum(tables.map(({ parameters }) => parameters ?? 0));
  const plan = planModel(spec);
  const embeddings = { module: "embeddings", output: plan.dims.all, parameters: embeddingParameters };
  const modules = [{ ...embeddings, flopsPerRow: 0, trainingFlopsPerRow: 0 }, ...programModules(plan)];
  return {
    modules,
    tables,
    groupDims: groupDims(spec),
    embeddingParameters,
    denseParameters: sum(modules.map(({ parameters }) => parameters)) - embeddingParameters,
    flopsPerRow: sum(modules.map(({ flopsPerRow }) => flopsPerRow)),
    trainingFlopsPerRow: sum(modules.map(({ trainingFlopsPerRow }) => trainingFlopsPerRow)),
  };
}

/** One PPNet module per task; in the paper's placement the gates, which all tasks share, are a separate module. */
function programModules(plan: Plan): ModuleSize[] {
  const { spec, dims, tasks, experts } = plan;
  const parameters = new Map<string, Parameter[]>();
  for (const [module, added] of moduleParameters(plan)) {
    parameters.set(module, [...(parameters.get(module) ?? []), ...added]);
  }
  /** A row passes the matrices several `times`, or one of their `copies`. */
  const size = (module: string, output: number, { times = 1, copies = 1 } = {}): ModuleSize => {
    const weights = parameters.get(module) ?? [];
    const flopsPerRow = (2 * times * sum(weights.map(matrixSize))) / copies;
    const stopped = 2 * sum(weights.map((parameter) => stoppedSize(parameter, plan)));
    return {
      module,
      output,
      parameters: parameterCount(weights),
      flopsPerRow,
      trainingFlopsPerRow: 3 * flopsPerRow - stopped,
    };
  };
  const ofTasks = (prefix: string, output: number) => tasks.map(({ tower }) => size(`${prefix}.${tower.name}`, output));
  const hidden = plan.ppnet === null ? [] : spec.ppnet.hidden;
  const output = hidden.at(-1) ?? dims.all;
  const gateUnits = sum([dims.all, ...hidden.slice(0, -1)]) * tasks.length;
  const ppnet =
    experts > 0
      ? [size("mmoe.experts", output), ...(experts > 1 ? ofTasks("mmoe", output) : [])]
      : [...(parameters.has("ppnet.gates") ? [size("ppnet.gates", gateUnits)] : []), ...ofTasks("ppnet", output)];
  const starModules = tasks.flatMap(({ tower: { name, numClass } }) => [
    size(`star.${name}`, numClass, { times: 0 }), // rows are multiplied by its products with a domain's weights
    size(`auxiliary.${name}`, numClass),
  ]);
  return [
    ...projectedFeatures(spec).map(({ name, embeddingDim }) => size(`number.${name}`, embeddingDim)),
    ...allEncoders(spec).map((part) => size(`sequence.${part.name}`, part.width, { times: mostPositions(part) })),
    ...spec.layers.map(({ name, kind }) => size(`layers.${name}`, dims.all, { times: kind === "cross" ? 1 : 0 })),
    ...(plan.epnet === null ? [] : [size("epnet", dims.all)]),
    ...(plan.ppnet === null ? [] : ppnet),
    ...(plan.star === null ? [] : starModules),
    ...tasks.map(({ tower }) => size(`tower.${tower.name}`, tower.numClass, { copies: plan.towers })),
  ];
}

/** The size of a matrix that multiplies rows; 0 for biases and norms. A projection of one number is a vector. */
function matrixSize(parameter: Parameter): number {
  const { name, shape } = parameter;
  return shape.length === 2 || name.includes(".dense_embs.") ? parameterCount([parameter]) : 0;
}

/** The part of a gate's first matrix whose input columns get no gradient. */
function stoppedSize({ name, shape: [units, inDim] }: Parameter, { dims, spec: { switches } }: Plan): number {
  if (!/\.gate_nus?\b.*\.dense_layers\.0\.weight$/.test(name)) return 0;
  const prior = inDim! - dims.all;
  return units! * ((switches.stopGradient ? dims.all : 0) + (switches.detachPriors ? prior : 0));
}
