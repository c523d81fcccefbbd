/**
 * The programs of a model: a gradient step, a prediction, and its gates. Each is a pure function of its inputs.
 */
import { sessionFeature } from "../spec/index.js";
import * as tf from "../tfjs/index.js";
import "./layers/comparisons.js";
import { epnet } from "./gates/epnet.js";
import { ppnet, ppnetShared } from "./gates/ppnet.js";
import { taskLoss } from "./losses.js";
import { Feeds } from "./plan/feeds.js";
import { gatePaths, type ProgramName, sessionInput } from "./plan/inputs.js";
import { matrixNames, weightingEncoders } from "./plan/names.js";
import { denseParameters } from "./plan/parameters.js";
import type { Plan, TaskPlan } from "./plan/plan.js";
import { positionWeights } from "./sequences/encode.js";
import { tower, towers } from "./towers.js";

/** Named tensors and row counts in, named tensors out; the caller disposes of the outputs. */
export type Program = (
  tensors: ReadonlyMap<string, tf.Tensor>,
  sizes: ReadonlyMap<string, readonly number[]>,
) => Map<string, tf.Tensor>;

/** Returns the program with that name. */
export function makeProgram(plan: Plan, name: ProgramName, training: boolean = name === "train"): Program {
  if (name === "train") return (tensors, sizes) => train(new Feeds(tensors, sizes), plan, training, []);
  if (name === "gradients") {
    return (tensors, sizes) => train(new Feeds(tensors, sizes), plan, false, gatePaths(plan));
  }
  if (name === "predict" || name === "probe")
    return (tensors, sizes) => predict(new Feeds(tensors, sizes), plan, training);
  if (name === "attention") return (tensors, sizes) => attention(new Feeds(tensors, sizes), plan);
  if (name === "embeddings") return (tensors, sizes) => embeddings(new Feeds(tensors, sizes), plan);
  return (tensors, sizes) => gates(new Feeds(tensors, sizes), plan);
}

/** `logits.{task}` [rows, numClass], rows sorted by domain. */
function predict(feeds: Feeds, plan: Plan, training: boolean): Map<string, tf.Tensor> {
  return tidyOutputs(() => {
    const shared = ppnetShared(feeds, plan, epnet(feeds, plan, training).output, training);
    return plan.tasks.map((task): [string, tf.Tensor] => {
      const { output } = ppnet(feeds, plan, task, shared, false);
      return [`logits.${task.index}`, towers(feeds, plan, task, output, "sizes", training)];
    });
  }, feeds);
}

/**
 * The program of a served model: `logits.{task}.{tower}` [rows, numClass] of every tower for every row, in any row
 * order and domain. Its inputs are those of `predict` without row counts.
 */
export function everyTowerProgram(plan: Plan): Program {
  return (tensors, sizes) => {
    const feeds = new Feeds(tensors, sizes);
    return tidyOutputs(() => {
      const shared = ppnetShared(feeds, plan, epnet(feeds, plan, false).output, false);
      return plan.tasks.flatMap((task) => {
        const { output } = ppnet(feeds, plan, task, shared, false);
        return Array.from({ length: plan.towers }, (_, domain): [string, tf.Tensor] => [
          `logits.${task.index}.${domain}`,
          tower(feeds, plan, task, domain, output, [], false),
        ]);
      });
    }, feeds);
  };
}

/** `gate.epnet` and `gate.ppnet.{task}.{layer}`, [rows, units]. */
function gates(feeds: Feeds, plan: Plan): Map<string, tf.Tensor> {
  return tidyOutputs(() => {
    const ep = epnet(feeds, plan, false);
    const shared = ppnetShared(feeds, plan, ep.output, false);
    const outputs: [string, tf.Tensor][] = ep.gate === null ? [] : [["gate.epnet", ep.gate]];
    for (const task of plan.tasks) {
      ppnet(feeds, plan, task, shared, false).gates.forEach((gate, layer) => {
        outputs.push([`gate.ppnet.${task.index}.${layer}`, gate]);
      });
    }
    return outputs;
  }, feeds);
}

/** `embeddings.before` and `embeddings.after` EPNet, [rows, dim(all)]. */
function embeddings(feeds: Feeds, plan: Plan): Map<string, tf.Tensor> {
  return tidyOutputs(() => {
    const { input, output } = epnet(feeds, plan, false);
    return [
      ["embeddings.before", input],
      ["embeddings.after", output],
    ];
  }, feeds);
}

/** `attention.{encoder}` of encoders that weight positions, [rows, longest]. */
function attention(feeds: Feeds, plan: Plan): Map<string, tf.Tensor> {
  return tidyOutputs(
    () =>
      weightingEncoders(plan).map((encoder): [string, tf.Tensor] => [
        `attention.${encoder.name}`,
        positionWeights(feeds, encoder, false)!,
      ]),
    feeds,
  );
}

/**
 * `loss.{task}.{loss}`, `grad:{parameter}` and `grad:{matrix}` of their sum, and the statistics of batch norms
 * (`{name}.mean`, `{name}.variance`). A parameter that no row used has no gradient output: it is zero.
 * @param more further inputs whose gradients are needed
 */
function train(feeds: Feeds, plan: Plan, training: boolean, more: readonly string[]): Map<string, tf.Tensor> {
  const names = [...denseParameters(plan).map((p) => p.name), ...matrixNames(plan), ...more];
  const losses: [string, tf.Tensor][] = [];
  const { value, grads } = tf.engine().gradients(
    () => {
      const shared = ppnetShared(feeds, plan, epnet(feeds, plan, training).output, training);
      for (const task of plan.tasks) losses.push(...branch(feeds, plan, task, shared, training));
      return losses
        .map(([, loss]) => loss as tf.Scalar)
        .reduce((sum, loss) => tf.add(sum, loss))
        .clone();
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

function branch(
  feeds: Feeds,
  plan: Plan,
  task: TaskPlan,
  shared: ReturnType<typeof ppnetShared>,
  training: boolean,
): [string, tf.Tensor][] {
  const name = `task.${task.index}`;
  const { output } = ppnet(feeds, plan, task, shared, task.restricted);
  const logits = towers(feeds, plan, task, output, task.restricted ? `${name}.sizes` : "sizes", training);
  return task.tower.losses.map((loss, index) => {
    const [target, coefficient] = [feeds.tensor(`${name}.target`), feeds.tensor(`${name}.coefficient`)];
    const session = sessionFeature(loss) !== null ? feeds.tensor(sessionInput(task.index, index)) : null;
    const scalar = taskLoss(loss, logits, { target, coefficient, session });
    return [`loss.${task.index}.${index}`, tf.keep(scalar.clone())];
  });
}

/** Runs in a tidy that keeps the outputs and the layers' additional outputs. */
function tidyOutputs(run: () => [string, tf.Tensor][], feeds: Feeds): Map<string, tf.Tensor> {
  const outputs = new Map<string, tf.Tensor>();
  tf.tidy(() => {
    // An output may also be an input or another output, so each has a separate handle.
    for (const [name, tensor] of run()) outputs.set(name, tf.keep(tensor.clone()));
  });
  for (const [name, tensor] of feeds.left) outputs.set(name, tensor);
  return outputs;
}
