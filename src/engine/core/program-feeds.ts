import type { Batch, EncodedData } from "../../data/encoded/encoded.js";
import { DataError } from "../../errors/index.js";
import { sessionInputs } from "../../nn/plan/inputs.js";
import { groupNames, readViews } from "../../nn/plan/names.js";
import type { Plan, TaskPlan } from "../../nn/plan/plan.js";
import type { GateGammas } from "../engine.js";
import { type Arrangement, arrangeTask, type TaskRows } from "./arrange.js";
import { type GatherPlan, type GroupLayout, gatherGroups, gatherPlans, groupLayout, queryLayout } from "./groups.js";
import type { Feed } from "./outputs.js";
import { type SequenceLayout, sequenceFeeds, sequenceLayout } from "./sequences.js";
import type { WeightStore } from "./weight-store.js";

export interface OpenInputs {
  readonly feeds: Map<string, Feed>;
  readonly sizes: Map<string, readonly number[]>;
}

export class ModelInputs {
  readonly layouts: readonly GroupLayout[];
  readonly sequences: readonly SequenceLayout[];
  readonly #plans: readonly GatherPlan[];
  readonly #matrices = new Map<string, Float32Array>();

  /** @param training whether the program trains and so computes batch norm statistics itself */
  constructor(
    private readonly plan: Plan,
    private readonly store: WeightStore,
    private readonly training: boolean,
  ) {
    const views = readViews(plan);
    this.layouts = [
      ...groupNames(plan).map((name) => groupLayout(plan.spec, name, store.tables)),
      ...views.map((view) => queryLayout(plan.spec, view, store.tables)),
    ];
    this.sequences = views.map((view) => sequenceLayout(plan, view, store.tables));
    this.#plans = gatherPlans(this.layouts);
  }

  /** Matrices are valid until the next call. @param longest positions of each view's sequences, over the whole batch */
  of(
    { data, rows: { length } }: Batch,
    { rows, sizes }: Arrangement,
    longest: ReadonlyMap<string, number>,
  ): OpenInputs {
    const feeds = modelFeeds(this.plan, this.store, this.training);
    const matrices = this.layouts.map(({ name, dim }) => this.#matrix(name, length * dim));
    gatherGroups(this.#plans, data, rows, matrices);
    this.layouts.forEach(({ name, dim }, group) => {
      if (dim > 0) feeds.set(name, { dtype: "float32", shape: [length, dim], data: matrices[group]! });
    });
    for (const layout of this.sequences) {
      const matrix = (name: string, size: number) => this.#matrix(name, size);
      for (const [name, feed] of sequenceFeeds(layout, data, rows, longest.get(layout.view.name)!, matrix))
        feeds.set(name, feed);
    }
    return { feeds, sizes: new Map(this.plan.towers > 1 ? [["sizes", sizes]] : []) };
  }

  #matrix(name: string, size: number): Float32Array {
    const buffer = this.#matrices.get(name);
    if (buffer !== undefined && buffer.length >= size) return buffer.subarray(0, size);
    const matrix = new Float32Array(size);
    this.#matrices.set(name, matrix);
    return matrix;
  }
}

/** Whole numbers from 0; a row without an id is a separate session. @throws DataError if there are no ids */
export function sessionNumbers(data: EncodedData, feature: string, rows: Int32Array): Float32Array {
  const column = data.features.get(feature);
  if (column === undefined || column.kind === "dense") {
    throw new DataError({
      path: `features.${feature}`,
      message: "jrc_loss needs ids of its session",
      received: column === undefined ? "no such column" : "numbers",
      fix: "encode the data with this model's spec",
    });
  }
  const firstId = (row: number): number => {
    if (column.kind === "ids") return column.ids[row]!;
    return column.offsets[row]! < column.offsets[row + 1]! ? column.ids[column.offsets[row]!]! : -1;
  };
  const numbers = new Map<number, number>();
  let next = 0;
  return Float32Array.from(rows, (row) => {
    const id = firstId(row);
    const number = id < 0 ? undefined : numbers.get(id);
    if (number !== undefined) return number;
    if (id >= 0) numbers.set(id, next);
    return next++;
  });
}

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
