/** The dense parameters of a model: TorchEasyRec's names and shapes, and PyTorch's initial values from a seed. */

import { projectedFeatures, projectionArrays } from "../../spec/feature/projected-feature.js";
import type { InitialValues } from "../../spec/validate/unsupported.js";
import type { Random } from "../../util/random.js";
import {
  batchNorms,
  epnetGateName,
  expertLayerName,
  expertMixName,
  perceptronName,
  ppnetGateName,
  ppnetLinearName,
  towerName,
} from "./names.js";
import type { Plan } from "./plan.js";
import { attentionLayers, type EncoderPlan, isDice, normName, planProjection, projectionName } from "./sequences.js";

export type Init = InitialValues;

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
}

const constant = (value: number): Init => ({ kind: "constant", value });

/** The trained dense parameters, in TorchEasyRec's order. */
export function denseParameters(plan: Plan): Parameter[] {
  const customParameters = plan.layers.flatMap((layer) => layer.parameters);
  const encoders = plan.encoders.flatMap(encoderParameters);
  const numbers = projectionParameters(plan);
  return [
    ...numbers,
    ...encoders,
    ...customParameters,
    ...epnetParameters(plan),
    ...ppnetParameters(plan),
    ...towerParameters(plan),
  ];
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

/** Draws values of a distribution; a limited normal distribution draws again outside its limits, as PyTorch's. */
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

function normParameters(name: string, units: number): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [units], init: constant(1) },
    { name: `${name}.bias`, shape: [units], init: constant(0) },
  ];
}

/** Each feature once, sorted by name as in TorchEasyRec. */
function projectionParameters({ spec }: Plan): Parameter[] {
  return [...projectedFeatures(spec)]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((feature) =>
      projectionArrays(feature).map(({ name, shape, deviation }): Parameter => {
        return { name: projectionName(planProjection(feature), name), shape, init: { kind: "normal", deviation } };
      }),
    );
}

function encoderParameters(plan: EncoderPlan): Parameter[] {
  const { encoder, prefix, view } = plan;
  if (encoder.kind === "self_attention") return selfAttentionParameters(prefix, view.width, encoder.dim);
  const layers = attentionLayers(plan);
  if (layers.length === 0) return [];
  return [
    ...layers.flatMap(({ name, mlp, inDim, outDim }) => [
      ...linearParameters(`${name}.0`, inDim, outDim, mlp.bias && !mlp.batchNorm),
      ...(mlp.batchNorm ? normParameters(normName.batch(name), outDim) : []),
      ...(mlp.layerNorm && !mlp.batchNorm ? normParameters(normName.layer(name), outDim) : []),
      ...(isDice(mlp) ? [{ name: `${normName.dice(name, mlp)}.alpha`, shape: [outDim], init: constant(0) }] : []),
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

function gateParameters(plan: Plan, name: string, inDim: number, hidden: number, units: number, gamma: number) {
  return [
    ...linearParameters(`${name}.dense_layers.0`, inDim, hidden),
    ...linearParameters(`${name}.dense_layers.2`, hidden, units),
    ...(plan.spec.switches.learnableGamma ? [{ name: `${name}.gamma`, shape: [1], init: constant(gamma) }] : []),
  ];
}

function epnetParameters(plan: Plan): Parameter[] {
  if (plan.epnet === null) return [];
  const { all, domain } = plan.dims;
  return gateParameters(plan, epnetGateName, (domain ?? 0) + all, plan.epnet.hidden, all, plan.spec.epnet.gamma);
}

function ppnetParameters(plan: Plan): Parameter[] {
  if (plan.ppnet === null) return [];
  if (plan.experts > 0) return expertParameters(plan);
  const gateIn = (plan.dims.uia ?? 0) + plan.dims.all;
  const { gamma } = plan.spec.ppnet;
  const linears = plan.tasks.flatMap((task) =>
    task.ppnet.flatMap((layer, j) => linearParameters(ppnetLinearName(plan, task.index, j), layer.inDim, layer.outDim)),
  );
  if (!plan.ppnet.gated) return linears;
  const perTask = plan.spec.switches.gatePlacement === "output";
  const gates = perTask
    ? plan.tasks.flatMap((task) =>
        task.ppnet.flatMap((layer, j) =>
          gateParameters(plan, ppnetGateName(plan, task.index, j), gateIn, layer.outDim, layer.outDim, gamma),
        ),
      )
    : (plan.tasks[0]?.ppnet ?? []).flatMap((layer, j) =>
        gateParameters(plan, ppnetGateName(plan, 0, j), gateIn, layer.inDim, layer.inDim * plan.tasks.length, gamma),
      );
  return [...linears, ...gates];
}

function expertParameters({ experts, tasks, dims }: Plan): Parameter[] {
  const layers = Array.from({ length: experts }, (_, expert) =>
    tasks[0]!.ppnet.flatMap(({ inDim, outDim }, layer) =>
      linearParameters(expertLayerName(expert, layer), inDim, outDim),
    ),
  ).flat();
  if (experts === 1) return layers;
  return [...layers, ...tasks.flatMap(({ index }) => linearParameters(expertMixName(index), dims.all, experts))];
}

function towerParameters(plan: Plan): Parameter[] {
  return plan.tasks.flatMap((task) =>
    Array.from({ length: plan.towers }, (_, domain) => towerName(plan, task.index, domain)).flatMap((tower) => [
      ...task.mlp.flatMap(({ inDim, outDim }, j) => {
        const { bias = true, batchNorm = false, layerNorm = false } = task.tower.mlp ?? {};
        const name = perceptronName(tower, j);
        const linear = linearParameters(`${name}.0`, inDim, outDim, bias && !batchNorm);
        return batchNorm || layerNorm ? [...linear, ...normParameters(`${name}.1`, outDim)] : linear;
      }),
      ...linearParameters(`${tower}.linear`, task.outDim, task.tower.numClass),
    ]),
  );
}
