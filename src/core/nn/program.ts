/** The programs of a model: a gradient step, a prediction, and its gates. Each is a pure function of its inputs. */

import { losses, sessionFeature, type TensorOps } from "../spec/losses.js";
import * as tf from "../tfjs/index.js";
import type { Program } from "../tfjs/program.js";
import { chunkedTowers } from "./chunks.js";
import { modelLayers } from "./custom-layer.js";
import { gateInput, gateNu, gatePath, overriddenGate, ppnet, ppnetShared } from "./gates.js";
import { activate, batchNorm, detach, dropout, layerNorm, linear, partitionedNorm, starLinear } from "./layers.js";
import { gatePaths, lossName, type ProgramName, sessionInput } from "./plan/inputs.js";
import { inverseName, programParameters } from "./plan/parameters.js";
import {
  branchPrefix,
  epnetGateName,
  Feeds,
  matrixNames,
  type Plan,
  perceptronName,
  starName,
  type TaskPlan,
  towerActivationName,
  towerName,
  weightingEncoders,
} from "./plan/plan.js";
import { groupInput, positionWeights } from "./sequences.js";

const ops: TensorOps<tf.Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  pow: tf.pow,
  square: tf.square,
  abs: tf.abs,
  exp: tf.exp,
  log: tf.log,
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  maximum: tf.maximum,
  sum: tf.sum,
  max: tf.max,
  transpose: (a) => tf.transpose(a),
  matMul: tf.matMul,
  detach,
};

/** Returns the program with that name. @param training whether `train` and predictions use the batch's statistics */
export function makeProgram(plan: Plan, name: ProgramName, training: boolean = name === "train"): Program {
  const isTraining = training && (name === "train" || name === "predict" || name === "probe");
  return (tensors, sizes) => programs[name](new Feeds(plan, isTraining, tensors, sizes));
}

type Outputs = Map<string, tf.Tensor>;

const programs: { readonly [Name in ProgramName]: (feeds: Feeds) => Outputs } = {
  train: (feeds) => train(feeds, []),
  gradients: (feeds) => train(feeds, gatePaths(feeds.plan)),
  predict,
  probe: predict,
  gates,
  attention,
};

/** `logits.{task}` [rows, numClass], rows sorted by domain. */
function predict(feeds: Feeds): Outputs {
  return tidyOutputs(feeds, () => {
    const shared = ppnetShared(feeds, epnet(feeds).output);
    return feeds.plan.tasks.map((task): [string, tf.Tensor] => {
      return [`logits.${task.index}`, towers(feeds, task, ppnet(feeds, task, shared).output, "")];
    });
  });
}

/** `logits.{task}.{tower}` [rows, numClass] of every tower for every row; inputs of `predict` without row counts. */
export function everyTowerProgram(plan: Plan): Program {
  return (tensors, sizes) => {
    const feeds = new Feeds(plan, false, tensors, sizes);
    return tidyOutputs(feeds, () => {
      const shared = ppnetShared(feeds, epnet(feeds).output);
      return plan.tasks.flatMap((task) => {
        const { output } = ppnet(feeds, task, shared);
        return Array.from({ length: plan.towers }, (_, domain): [string, tf.Tensor] => [
          `logits.${task.index}.${domain}`,
          tower(feeds, task, domain, output),
        ]);
      });
    });
  };
}

/** `gate.epnet` and `gate.ppnet.{task}.{layer}`, [rows, units]. */
function gates(feeds: Feeds): Outputs {
  return tidyOutputs(feeds, () => {
    const ep = epnet(feeds);
    const shared = ppnetShared(feeds, ep.output);
    const outputs: [string, tf.Tensor][] = ep.gate === null ? [] : [["gate.epnet", ep.gate]];
    for (const task of feeds.plan.tasks) {
      ppnet(feeds, task, shared).gates.forEach((gate, layer) => {
        outputs.push([`gate.ppnet.${task.index}.${layer}`, gate]);
      });
    }
    return outputs;
  });
}

/** `attention.{encoder}` of encoders that weight positions, [rows, longest]. */
function attention(feeds: Feeds): Outputs {
  return tidyOutputs(feeds, () =>
    weightingEncoders(feeds.plan).map((encoder) => [`attention.${encoder.name}`, positionWeights(feeds, encoder)!]),
  );
}

/** Losses, gradients (none for a parameter without rows), batch norms' statistics. @param more inputs with gradients */
function train(feeds: Feeds, more: readonly string[]): Outputs {
  const { plan } = feeds;
  const names = [...programParameters(plan).map((p) => p.name), ...matrixNames(plan), ...more];
  const losses: [string, tf.Tensor][] = [];
  const { value, grads } = tf.engine().gradients(
    () => {
      const shared = ppnetShared(feeds, epnet(feeds).output);
      for (const task of plan.tasks) losses.push(...branch(feeds, task, shared));
      return losses
        .map(([name, loss]) => (feeds.has(`${name}.weight`) ? tf.mul(loss, feeds.tensor(`${name}.weight`)) : loss))
        .reduce((sum, loss) => tf.add(sum, loss))
        .clone() as tf.Scalar;
    },
    names.map((name) => feeds.tensor(name)),
    undefined,
    true,
  );
  value.dispose(); // a separate handle keeps each loss
  const outputs = new Map<string, tf.Tensor>([...losses, ...feeds.left]);
  names.forEach((name, i) => {
    const gradient = grads[i];
    if (gradient !== undefined && gradient !== null) outputs.set(`grad:${name}`, gradient);
  });
  return outputs;
}

function branch(feeds: Feeds, task: TaskPlan, shared: ReturnType<typeof ppnetShared>): [string, tf.Tensor][] {
  const name = `task.${task.index}`;
  const { output } = ppnet(feeds, task, shared, task.restricted);
  const logits = towers(feeds, task, output, branchPrefix(task));
  if (task.tower.trainMetrics !== undefined) feeds.left.set(`logits.${task.index}`, tf.keep(logits.clone()));
  return task.tower.losses.map((loss, index) => {
    if (loss.kind === "other") throw new Error(`the plan must not contain the loss ${loss.field}`);
    // [rows, 1] of labels, or [rows, numClass] of one-hot labels for several classes.
    const target = feeds.tensor(`${name}.target`);
    const session = sessionFeature(loss) !== null ? feeds.tensor(sessionInput(task.index, index)) : null;
    const perRow = losses[loss.kind].perRow(ops, { logits, target, classes: logits.shape[1]!, session }, loss as never);
    const scalar = tf.sum(tf.mul(perRow, feeds.tensor(`${name}.coefficient`)));
    return [lossName(task.index, index), tf.keep(scalar.clone())];
  });
}

/** Runs in a tidy that keeps the outputs and the layers' additional outputs. */
function tidyOutputs(feeds: Feeds, run: () => [string, tf.Tensor][]): Outputs {
  const outputs = new Map<string, tf.Tensor>();
  tf.tidy(() => {
    // An output may also be an input or another output, so each has a separate handle.
    for (const [name, tensor] of run()) outputs.set(name, tf.keep(tensor.clone()));
  });
  for (const [name, tensor] of feeds.left) outputs.set(name, tensor);
  return outputs;
}

/** EPNet's input, output and gate, each [rows, dim(all)], on the output of the layers before it; no gate if it is off. */
function epnet(feeds: Feeds) {
  const { plan } = feeds;
  const all = modelLayers(feeds, groupInput(feeds, "all"));
  if (plan.epnet === null) return { input: all, output: all, gate: null };
  const domain = groupInput(feeds, "domain");
  const input = gateInput(domain, gatePath(feeds, "path.epnet", all), plan.spec.switches);
  const gamma = plan.spec.switches.learnableGamma ? `${epnetGateName}.gamma` : "epnet.gamma";
  const gate = overriddenGate(feeds, "gate.epnet", gateNu(feeds, epnetGateName, input, feeds.tensor(gamma)));
  return { input: all, output: tf.mul(gate, all) as tf.Tensor2D, gate };
}

/** Logits [rows, numClass] of each row's domain, rows sorted by domain. @param prefix of the branch's inputs */
function towers(feeds: Feeds, task: TaskPlan, hidden: tf.Tensor2D, prefix: string): tf.Tensor2D {
  if (feeds.plan.towers === 1) return tower(feeds, task, 0, hidden);
  if (feeds.plan.chunkRows !== null) return chunkedTowers(feeds, task, hidden, `${prefix}chunks`);
  const counts = feeds.sizes(`${prefix}sizes`);
  if (task.everyRow) {
    const all = counts.map((_, domain) => tower(feeds, task, domain, hidden));
    return joinParts(all.map((logits, domain) => splitRows(logits, counts)[domain] ?? null));
  }
  const parts = splitRows(hidden, counts);
  const masks = task.mlp.map((_, layer) => {
    const name = `tower.${task.index}.${layer}.mask`;
    return feeds.has(name) ? splitRows(feeds.tensor(name), counts) : null;
  });
  return joinParts(
    parts.map((part, domain) => {
      const ownMasks = masks.map((mask) => mask?.[domain] ?? null);
      return part === null ? null : tower(feeds, task, domain, part, ownMasks);
    }),
  );
}

/** Logits [rows, numClass] of one domain's tower, for all rows of `input`. */
function tower(
  feeds: Feeds,
  task: TaskPlan,
  domain: number,
  input: tf.Tensor2D,
  ownMasks: readonly (tf.Tensor2D | null)[] = [],
): tf.Tensor2D {
  const name = towerName(feeds.plan, task.index, domain);
  const isStar = feeds.plan.star !== null;
  const shared = (part: string): string => starName(task.index, part);
  const inverse = inverseName(isStar ? domain : null);
  const times = (layer: string, x: tf.Tensor2D) =>
    isStar ? starLinear(feeds, shared(layer), layer, x) : linear(feeds, layer, x);
  let hidden = isStar ? partitionedNorm(feeds, shared(`${name}.norm`), `${name}.norm`, input, inverse) : input;
  for (let j = 0; j < task.mlp.length; j++) {
    const layer = perceptronName(name, j);
    hidden = times(`${layer}.0`, hidden);
    if (task.tower.mlp?.batchNorm === true) hidden = batchNorm(feeds, `${layer}.1`, hidden, inverse);
    if (task.tower.mlp?.layerNorm === true) hidden = layerNorm(feeds, `${layer}.1`, hidden);
    hidden = activate(feeds, towerActivationName(layer, task), hidden, task.activation, inverse);
    hidden = dropout(feeds, `tower.${task.index}.${j}`, hidden, ownMasks[j]);
  }
  const logits = times(`${name}.linear`, hidden);
  if (!isStar) return logits;
  // The product of the domain's embedding and its columns of the first layer is a bias of the domain.
  const auxiliary = shared(`${name}.auxiliary`);
  const units = tf.add(linear(feeds, `${auxiliary}.0`, input), feeds.tensor(`${name}.auxiliary.bias`)) as tf.Tensor2D;
  return tf.add(logits, linear(feeds, `${auxiliary}.2`, tf.relu(units)));
}

/** The rows of each domain; `null` for a domain without rows. */
function splitRows(x: tf.Tensor2D, counts: readonly number[]): (tf.Tensor2D | null)[] {
  const present = counts.filter((count) => count > 0);
  // The array is copied, since the tape keeps split's array.
  const parts = present.length === 1 ? [x] : [...tf.split(x, present, 0)];
  return counts.map((count) => (count > 0 ? (parts.shift() as tf.Tensor2D) : null));
}

function joinParts(parts: readonly (tf.Tensor2D | null)[]): tf.Tensor2D {
  const present = parts.filter((part) => part !== null);
  return present.length === 1 ? present[0]! : tf.concat(present, 0);
}

const comparisons = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr"];

for (const kernelName of [...comparisons, "LogicalNot"]) {
  if (tf.getGradient(kernelName) !== undefined) continue;
  const inputsToSave = kernelName === "LogicalNot" ? ["x"] : ["a", "b"];
  // TF.js requires float32 gradients for every input type.
  const gradFunc = (_: unknown, saved: readonly tf.Tensor[]) =>
    Object.fromEntries(inputsToSave.map((input, place) => [input, () => tf.zeros(saved[place]!.shape, "float32")]));
  tf.registerGradient({ kernelName, inputsToSave, gradFunc });
}
