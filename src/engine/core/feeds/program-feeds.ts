import type { Batch } from "../../../data/encoded/index.js";
import { type Plan, sessionInputs, type TaskPlan } from "../../../nn/plan/index.js";
import type { GateGammas } from "../../engine.js";
import type { Feed } from "../runner.js";
import type { WeightStore } from "../weights/weight-store.js";
import { type Arrangement, arrangeTask, type TaskRows } from "./arrange.js";
import { sessionNumbers } from "./sessions.js";

/** Parameters, running statistics if needed, and gammas. Arrays are not copied. */
export function modelFeeds(
  plan: Plan,
  store: Pick<WeightStore, "parameters" | "buffers" | "changes">,
  training: boolean,
): Map<string, Feed> {
  const feeds = new Map<string, Feed>();
  const version = store.changes.count;
  for (const { name, shape, values } of store.parameters) {
    feeds.set(name, { dtype: "float32", shape, data: values, version });
  }
  if (!training) {
    for (const { name, shape, values } of store.buffers) {
      if (!name.endsWith("num_batches_tracked")) feeds.set(name, { dtype: "float32", shape, data: values, version });
    }
  }
  if (!plan.spec.switches.learnableGamma) {
    if (plan.epnet !== null) feeds.set("epnet.gamma", scalar(plan.spec.epnet.gamma));
    if (plan.ppnet?.gated) feeds.set("ppnet.gamma", scalar(plan.spec.ppnet.gamma));
  }
  return feeds;
}

/** The inputs that replace the model's gammas; none for gammas that are trained. */
export function gammaFeeds(plan: Plan, { epnet, ppnet }: GateGammas = {}): Map<string, Feed> {
  const feeds = new Map<string, Feed>();
  if (plan.spec.switches.learnableGamma) return feeds;
  if (epnet !== undefined && plan.epnet !== null) feeds.set("epnet.gamma", scalar(epnet));
  if (ppnet !== undefined && plan.ppnet?.gated) feeds.set("ppnet.gamma", scalar(ppnet));
  return feeds;
}

/** @param whole the batch over which losses are averaged, if `batch` is a share of it */
export function feedTasks(
  feeds: Map<string, Feed>,
  sizes: Map<string, readonly number[]>,
  batch: Batch,
  arrangement: Arrangement,
  plan: Plan,
  whole: Batch = batch,
): void {
  if (plan.towers > 1) sizes.set("sizes", arrangement.sizes);
  for (const task of plan.tasks) {
    feedTask(feeds, sizes, arrangement, plan, task, arrangeTask(batch, arrangement, task, whole));
    for (const { input, feature } of sessionInputs(task)) {
      const data = sessionNumbers(batch.data, feature, arrangement.rows);
      feeds.set(input, { dtype: "float32", shape: [data.length, 1], data });
    }
  }
  feeds.set("rows.inverse", scalar(1 / arrangement.rows.length));
}

function feedTask(
  feeds: Map<string, Feed>,
  sizes: Map<string, readonly number[]>,
  arrangement: Arrangement,
  plan: Plan,
  task: TaskPlan,
  { picked, target, coefficient, sizes: domainSizes }: TaskRows,
): void {
  const name = `task.${task.index}`;
  const count = coefficient.length;
  feeds.set(`${name}.target`, { dtype: "float32", shape: [count, task.tower.numClass], data: target });
  feeds.set(`${name}.coefficient`, { dtype: "float32", shape: [count, 1], data: coefficient });
  if (picked === null) return;
  const rows = arrangement.rows.length;
  const inverse = new Int32Array(rows);
  const inside = new Float32Array(rows);
  picked.forEach((sorted, place) => {
    inverse[sorted] = place;
    inside[sorted] = 1;
  });
  feeds.set(`${name}.rows`, { dtype: "int32", shape: [count], data: picked });
  feeds.set(`${name}.inverse`, { dtype: "int32", shape: [rows], data: inverse });
  feeds.set(`${name}.inside`, { dtype: "float32", shape: [rows, 1], data: inside });
  if (plan.towers > 1) sizes.set(`${name}.sizes`, domainSizes);
}

export function scalar(value: number): Feed {
  return { dtype: "float32", shape: [], data: Float32Array.of(value) };
}
