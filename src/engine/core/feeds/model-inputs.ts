import type { Batch } from "../../../data/encoded/index.js";
import { groupNames, type Plan, readViews } from "../../../nn/plan/index.js";
import type { Feed } from "../runner.js";
import type { WeightStore } from "../weights/weight-store.js";
import type { Arrangement } from "./arrange.js";
import { type GatherPlan, type GroupLayout, gatherGroups, gatherPlans, groupLayout, queryLayout } from "./groups.js";
import { modelFeeds } from "./program-feeds.js";
import { type SequenceLayout, sequenceFeeds, sequenceLayout } from "./sequences.js";

export interface OpenInputs {
  readonly feeds: Map<string, Feed>;
  readonly sizes: Map<string, readonly number[]>;
}

export class ModelInputs {
  readonly layouts: readonly GroupLayout[];
  readonly sequences: readonly SequenceLayout[];
  readonly #plans: readonly GatherPlan[];
  readonly #plan: Plan;
  readonly #store: WeightStore;
  readonly #training: boolean;
  readonly #matrices = new Map<string, Float32Array>();

  /** @param training whether the program trains and so computes batch norm statistics itself */
  constructor(plan: Plan, store: WeightStore, training: boolean) {
    this.#plan = plan;
    this.#store = store;
    this.#training = training;
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
    const feeds = modelFeeds(this.#plan, this.#store, this.#training);
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
    return { feeds, sizes: new Map(this.#plan.towers > 1 ? [["sizes", sizes]] : []) };
  }

  #matrix(name: string, size: number): Float32Array {
    const buffer = this.#matrices.get(name);
    if (buffer !== undefined && buffer.length >= size) return buffer.subarray(0, size);
    const matrix = new Float32Array(size);
    this.#matrices.set(name, matrix);
    return matrix;
  }
}
