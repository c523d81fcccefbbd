/** The dense parameters of a model: TorchEasyRec's names and shapes, and PyTorch's initial values from a seed. */

import { projectedFeatures, projectionArrays } from "../../spec/feature/projected-feature.js";
import { expertsOf, type ModelSpec } from "../../spec/model.js";
import type { Activation } from "../../spec/validate/mlp.js";
import type { InitialValues } from "../../spec/validate/unsupported.js";
import { getOrMake } from "../../util/growing.js";
import { sum } from "../../util/numbers.js";
import type { Random } from "../../util/random.js";
import {
  epnetGateName,
  expertLayerName,
  expertMixName,
  hasCustomLayer,
  type Plan,
  perceptronName,
  ppnetActivationName,
  ppnetGateName,
  ppnetLinearName,
  ranksSessions,
  starName,
  type TaskPlan,
  towerActivationName,
  towerName,
  towersName,
} from "./plan.js";
import {
  attentionLayers,
  type EncoderPlan,
  type LayerPlan,
  normName,
  planProjection,
  projectionName,
} from "./sequences.js";

export type Init = InitialValues;

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
  /** The batch norm of the layer, with as many units. */
  readonly norm?: string;
}

const constant = (value: number): Init => ({ kind: "constant", value });

type ModuleParameters = readonly [module: string, parameters: readonly Parameter[]];

/**
 * The trained dense parameters by module, in TorchEasyRec's order, which separates a task's PPNet layers from its
 * gates.
 */
export function moduleParameters(plan: Plan): readonly ModuleParameters[] {
  return [
    ...projectionParameters(plan),
    ...plan.encoders.map((encoder) => [`sequence.${encoder.label}`, encoderParameters(encoder)] as const),
    ...plan.layers.map(({ name, parameters }) => [`layers.${name}`, parameters] as const),
    ["epnet", epnetParameters(plan)],
    ...ppnetParameters(plan),
    ...(plan.star === null ? [] : plan.tasks.flatMap((task) => starParameters(plan, task))),
    ...plan.tasks.map((task) => [`tower.${task.tower.name}`, towerParameters(plan, task)] as const),
  ];
}

export function denseParameters(plan: Plan): Parameter[] {
  return moduleParameters(plan).flatMap(([, parameters]) => parameters);
}

/** A parameter of the program: a dense parameter, or those of all towers of a task. */
export interface ProgramParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** The dense parameters in it, in their order in memory. */
  readonly parts: readonly Parameter[];
}

/** The dense parameters as the program reads them, in their order. */
export function programParameters(plan: Plan): ProgramParameter[] {
  const alone = (part: Parameter): ProgramParameter => ({ name: part.name, shape: part.shape, parts: [part] });
  if (plan.chunkRows === null) return denseParameters(plan).map(alone);
  const others = moduleParameters(plan).slice(0, -plan.tasks.length);
  return [
    ...others.flatMap(([, parameters]) => parameters.map(alone)),
    ...plan.tasks.map((task): ProgramParameter => {
      const parts = towerParameters(plan, task);
      return { name: towersName(task.index), shape: [plan.towers, parameterCount(parts) / plan.towers], parts };
    }),
  ];
}

/** The parameters of one tower, by their names within it. */
export function partsOfTower(task: TaskPlan): Parameter[] {
  return ofTower(task, "tower");
}

export function parameterCount(parameters: readonly Pick<Parameter, "shape">[]): number {
  return sum(parameters.map(({ shape }) => shape.reduce((product, dim) => product * dim, 1)));
}

export interface BatchNormPlan {
  readonly name: string;
  readonly units: number;
  /** The view whose positions it sees; `null`: rows. */
  readonly view: string | null;
  /** The domain whose rows it sees, in a STAR; `null`: all. */
  readonly domain: number | null;
}

/** The input with the inverse of the number of rows that a norm sees. */
export function inverseName(domain: number | null): string {
  return domain === null ? "rows.inverse" : `rows.of${domain}.inverse`;
}

const norms = new WeakMap<Plan, readonly BatchNormPlan[]>();

export function batchNorms(plan: Plan): readonly BatchNormPlan[] {
  return getOrMake(norms, plan, () =>
    denseParameters(plan).flatMap(({ norm: name, shape: [units = 0] }) => {
      if (name === undefined) return [];
      const view = plan.encoders.find(({ prefix }) => name.startsWith(`${prefix}.`))?.view.name ?? null;
      const tower = plan.star && /_task_tower\.(\d+)/.exec(name);
      return [{ name, units, view, domain: tower && Number(tower[1]) % plan.towers }];
    }),
  );
}

/**
 * Whether rows depend on each other, so that a batch cannot be split: by batch norm, losses over sessions, weights of
 * losses by their gradients, and possibly custom layers.
 */
export function needsWholeBatch(plan: Plan): boolean {
  const isPareto = plan.spec.training.lossWeights === "pareto";
  if (isPareto || hasCustomLayer(plan) || batchNorms(plan).length > 0) return true;
  return plan.tasks.some(({ tower }) => ranksSessions(tower));
}

/** Running statistics of batch norms (`num_batches_tracked` as one number). */
export function buffers(plan: Plan): Parameter[] {
  return batchNorms(plan).flatMap(({ name, units }) => [
    { name: `${name}.running_mean`, shape: [units], init: constant(0) },
    { name: `${name}.running_var`, shape: [units], init: constant(1) },
    { name: `${name}.num_batches_tracked`, shape: [], init: constant(0) },
  ]);
}

/** Each parameter has a random stream forked by its name: variants of a model share equal parameters' values. */
export function fillInitial(parameter: Parameter, seed: Random, values: Float32Array): void {
  if (parameter.init.kind === "constant") {
    values.fill(parameter.init.value);
    return;
  }
  const next = drawer(parameter.init, seed.fork(parameter.name));
  for (let i = 0; i < values.length; i++) values[i] = next();
}

/** Draws values of a distribution. Normal values outside of limits are drawn again, as in PyTorch. */
function drawer(init: Exclude<Init, { kind: "constant" }>, source: Random): () => number {
  if (init.kind === "uniform") return () => (2 * source.uniform() - 1) * init.bound;
  if (init.kind === "between") return () => init.low + source.uniform() * (init.high - init.low);
  const { mean = 0, deviation, low = -Infinity, high = Infinity } = init;
  return () => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const value = mean + source.normal() * deviation;
      if (value >= low && value <= high) return value;
    }
    return Math.min(Math.max(mean, low), high);
  };
}

function linearParameters(name: string, inDim: number, outDim: number, bias = true): Parameter[] {
  const init: Init = { kind: "uniform", bound: 1 / Math.sqrt(inDim) };
  const weight: Parameter = { name: `${name}.weight`, shape: [outDim, inDim], init };
  return bias ? [weight, { name: `${name}.bias`, shape: [outDim], init }] : [weight];
}

function activationParameters(name: string, units: number, { name: kind, options }: Activation): Parameter[] {
  if (kind === "Dice") return [{ name: `${name}.alpha`, shape: [units], init: constant(0), norm: `${name}.bn` }];
  return kind === "PReLU" ? [{ name: `${name}.weight`, shape: [1], init: constant(Number(options["init"])) }] : [];
}

function normParameters(name: string, units: number, isBatch: boolean): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [units], init: constant(1), ...(isBatch && { norm: name }) },
    { name: `${name}.bias`, shape: [units], init: constant(0) },
  ];
}

/** The parameters of learned embeddings, each feature once, sorted by name as in TorchEasyRec. */
function projectionParameters({ spec }: Plan): ModuleParameters[] {
  return [...projectedFeatures(spec)]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((feature) => {
      const arrays = projectionArrays(feature).map(({ name, shape, deviation }): Parameter => {
        return { name: projectionName(planProjection(feature), name), shape, init: { kind: "normal", deviation } };
      });
      return [`number.${feature.name}`, arrays];
    });
}

function encoderParameters(plan: EncoderPlan): Parameter[] {
  const { encoder, prefix, view } = plan;
  if (encoder.kind === "self_attention") return selfAttentionParameters(prefix, view.width, encoder.dim);
  const layers = attentionLayers(plan);
  if (layers.length === 0) return [];
  return [
    ...layers.flatMap(({ name, mlp, inDim, outDim }) => [
      ...linearParameters(`${name}.0`, inDim, outDim, mlp.bias && !mlp.batchNorm),
      ...(mlp.batchNorm ? normParameters(normName.batch(name), outDim, true) : []),
      ...(mlp.layerNorm && !mlp.batchNorm ? normParameters(normName.layer(name), outDim, false) : []),
      ...activationParameters(normName.activation(name, mlp), outDim, plan.activation!),
    ]),
    ...linearParameters(`${prefix}.linear`, layers.at(-1)!.outDim, 1),
    ...(encoder.kind === "multi_window_din"
      ? [{ name: `${prefix}.active.weight`, shape: [1], init: constant(0.25) }]
      : []),
  ];
}

function selfAttentionParameters(prefix: string, width: number, dim: number): Parameter[] {
  const attention = `${prefix}._multihead_attn`;
  return [
    ...["_query", "_key", "_value"].flatMap((name) => linearParameters(`${prefix}.${name}`, width, dim)),
    {
      name: `${attention}.in_proj_weight`,
      shape: [3 * dim, dim],
      init: { kind: "uniform", bound: Math.sqrt(6 / (4 * dim)) },
    },
    { name: `${attention}.in_proj_bias`, shape: [3 * dim], init: constant(0) },
    ...linearParameters(`${attention}.out_proj`, dim, dim, false),
    { name: `${attention}.out_proj.bias`, shape: [dim], init: constant(0) },
  ];
}

export function gateParameters(
  { switches }: Pick<ModelSpec, "switches">,
  name: string,
  { inDim, hidden, units, gamma }: { inDim: number; hidden: number; units: number; gamma: number },
): Parameter[] {
  return [
    ...linearParameters(`${name}.dense_layers.0`, inDim, hidden),
    ...linearParameters(`${name}.dense_layers.2`, hidden, units),
    ...(switches.learnableGamma ? [{ name: `${name}.gamma`, shape: [1], init: constant(gamma) }] : []),
  ];
}

function epnetParameters({ spec, epnet, dims }: Plan): Parameter[] {
  if (epnet === null) return [];
  const { all: units, domain } = dims;
  const { gamma } = spec.epnet;
  return gateParameters(spec, epnetGateName, { inDim: (domain ?? 0) + units, hidden: epnet.hidden, units, gamma });
}

function ppnetParameters(plan: Plan): ModuleParameters[] {
  if (plan.ppnet === null) return [];
  if (plan.experts > 0) return expertParameters(plan);
  const { spec, dims, tasks } = plan;
  const { activation } = plan.ppnet;
  const linears = tasks.map(({ index, tower, ppnet }): ModuleParameters => {
    const name = (layer: number) => ppnetLinearName(plan, index, layer);
    const ofLayer = (layer: LayerPlan, j: number) => [
      ...linearParameters(name(j), layer.inDim, layer.outDim),
      ...activationParameters(ppnetActivationName(name(j)), layer.outDim, activation),
    ];
    return [`ppnet.${tower.name}`, ppnet.flatMap(ofLayer)];
  });
  if (!plan.ppnet.gated) return linears;
  const gates = (task: TaskPlan | undefined, unitsOf: (layer: LayerPlan) => [hidden: number, units: number]) =>
    (task?.ppnet ?? []).flatMap((layer, j) => {
      const [hidden, units] = unitsOf(layer);
      const shape = { inDim: (dims.uia ?? 0) + dims.all, hidden, units, gamma: spec.ppnet.gamma };
      return gateParameters(spec, ppnetGateName(plan, task!.index, j), shape);
    });
  if (spec.switches.gatePlacement === "input") {
    return [...linears, ["ppnet.gates", gates(tasks[0], ({ inDim }) => [inDim, inDim * tasks.length])]];
  }
  const ofTask = (task: TaskPlan): ModuleParameters => [
    `ppnet.${task.tower.name}`,
    gates(task, ({ outDim }) => [outDim, outDim]),
  ];
  return [...linears, ...tasks.map(ofTask)];
}

function expertParameters({ experts, tasks, dims, ppnet, spec }: Plan): ModuleParameters[] {
  const layers = Array.from({ length: experts }, (_, expert) =>
    (tasks[0]?.ppnet ?? []).flatMap(({ inDim, outDim }, layer) => {
      const name = expertLayerName(expert, layer);
      return [
        ...linearParameters(name, inDim, outDim),
        ...activationParameters(`${name}.activation`, outDim, ppnet!.activation),
      ];
    }),
  );
  const mixes = tasks.map(({ index, tower }): ModuleParameters => {
    return [`mmoe.${tower.name}`, linearParameters(expertMixName(index), dims.all, expertsOf(spec, index).length)];
  });
  return [["mmoe.experts", layers.flat()], ...(experts === 1 ? [] : mixes)];
}

function towerParameters(plan: Plan, task: TaskPlan): Parameter[] {
  const names = Array.from({ length: plan.towers }, (_, domain) => towerName(plan, task.index, domain));
  return names.flatMap((name) => (plan.star === null ? ofTower(task, name) : ofStar(plan, task, name)));
}

/** A domain's part of a STAR. Before training it leaves the shared part unchanged: factors are 1, terms are 0. */
function ofStar({ dims, star }: Plan, task: TaskPlan, name: string): Parameter[] {
  const layers = ofTower(task, name).map((parameter): Parameter => {
    if (parameter.init.kind !== "uniform") return parameter;
    return { ...parameter, init: constant(parameter.name.endsWith(".weight") ? 1 : 0) };
  });
  const auxiliary = { name: `${name}.auxiliary.bias`, shape: [star!.auxiliary], init: constant(0) };
  return [...normParameters(`${name}.norm`, dims.all, true), ...layers, auxiliary];
}

/** What domains share: the first norm's scale and shift, the layers' weights, and the auxiliary network. */
function starParameters({ dims, star }: Plan, task: TaskPlan): ModuleParameters[] {
  const { name, numClass } = task.tower;
  const prefix = starName(task.index, "model._task_tower.0");
  const layers = ofTower(task, prefix).filter(({ init }) => init.kind === "uniform");
  const auxiliary = [
    ...linearParameters(`${prefix}.auxiliary.0`, dims.all, star!.auxiliary),
    ...linearParameters(`${prefix}.auxiliary.2`, star!.auxiliary, numClass),
  ];
  return [
    [`star.${name}`, [...normParameters(`${prefix}.norm`, dims.all, false), ...layers]],
    [`auxiliary.${name}`, auxiliary],
  ];
}

function ofTower(task: TaskPlan, name: string): Parameter[] {
  const { tower, mlp, outDim: lastDim } = task;
  const { bias = true, batchNorm = false, layerNorm = false } = tower.mlp ?? {};
  return [
    ...mlp.flatMap(({ inDim, outDim }, j) => {
      const layer = perceptronName(name, j);
      return [
        ...linearParameters(`${layer}.0`, inDim, outDim, bias && !batchNorm),
        ...(batchNorm || layerNorm ? normParameters(`${layer}.1`, outDim, batchNorm) : []),
        ...activationParameters(towerActivationName(layer, task), outDim, task.activation),
      ];
    }),
    ...linearParameters(`${name}.linear`, lastDim, tower.numClass),
  ];
}
