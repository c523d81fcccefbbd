/**
 * The host side of a model: it owns the weights, arranges batches, gathers embeddings, asks a runner for the program's
 * results, and applies the optimisers. The compiled engine runs it in its worker, the eager one on the main thread.
 */
import type { Batch } from "../../data/encoded.js";
import { DataError } from "../../errors/index.js";
import { type DropoutSite, dropoutSites } from "../../nn/inputs.js";
import { batchNorms, groupsOf, type Plan, type TaskPlan } from "../../nn/plan.js";
import type { GroupName } from "../../spec/index.js";
import type { EngineState, GateValues, StepResult, TowerOutput, Weights } from "../engine.js";
import { type Arrangement, arrangeRows } from "./arrange.js";
import { MaskSource } from "./dropout-masks.js";
import { gateSites } from "./gate-sites.js";
import {
  type EmbeddedFeature,
  embeddedFeatures,
  type GroupLayout,
  gatherGroup,
  groupLayout,
  scatterGradients,
} from "./groups.js";
import { stepResult, towerOutput, unsort } from "./outputs.js";
import { feedTasks, modelFeeds, scalar } from "./program-feeds.js";
import type { Feed, Runner } from "./runner.js";
import { moveStatistics } from "./running-statistics.js";
import { Updates } from "./updates.js";
import { createWeights, readWeights, storeWith, type WeightStore, writeWeights } from "./weight-store.js";

type Layouts = ReadonlyMap<GroupName, GroupLayout>;

/** A model on the host. */
export class ModelHost {
  readonly #plan: Plan;
  readonly #runner: Runner;
  readonly #store: WeightStore;
  /** What predictions and gates are computed with: the weights, or their moving averages. */
  readonly #shown: WeightStore;
  readonly #updates: Updates;
  readonly #layouts: Layouts;
  readonly #shownLayouts: Layouts;
  readonly #embedded: readonly EmbeddedFeature[];
  readonly #masks: MaskSource;
  readonly #sites: readonly { readonly task: TaskPlan; readonly site: DropoutSite }[];
  readonly #matrices = new Map<string, Float32Array>();
  #steps = 0;

  constructor(plan: Plan, runner: Runner, seed: number, weights: Weights | null) {
    this.#plan = plan;
    this.#runner = runner;
    this.#store = createWeights(plan, seed, weights);
    this.#updates = new Updates(plan, this.#store);
    this.#shown = storeWith(this.#store, this.#updates.shownAverages());
    this.#layouts = layoutsOf(plan, this.#store);
    this.#shownLayouts = layoutsOf(plan, this.#shown);
    this.#embedded = embeddedFeatures(this.#layouts.values());
    this.#masks = new MaskSource(seed);
    this.#sites = plan.tasks.flatMap((task) => dropoutSites(task).map((site) => ({ task, site })));
  }

  get steps(): number {
    return this.#steps;
  }

  /** One optimiser step. */
  async step(batch: Batch, epoch: number): Promise<StepResult> {
    const arrangement = arrangeRows(batch, this.#plan);
    const rows = batch.rows.length;
    if (rows === 0) throw new DataError({ path: "batch", message: "a training batch without rows" });
    if (rows === 1 && batchNorms(this.#plan).length > 0) {
      throw new DataError({
        path: "batch",
        message: "batch norm needs more than one row in training",
        received: "1 row",
      });
    }
    const { feeds, sizes } = this.#inputs(batch, arrangement, true);
    feedTasks(feeds, sizes, batch, arrangement, this.#plan);
    this.#feedDropout(feeds);
    const outputs = await this.#runner.run("train", { feeds, sizes });
    this.#learn(batch, arrangement, outputs, epoch);
    return stepResult(this.#plan, outputs);
  }

  /** Every tower's output for each row's own domain, in the batch's row order. */
  async predict(batch: Batch): Promise<TowerOutput[]> {
    const arrangement = arrangeRows(batch, this.#plan);
    const outputs =
      batch.rows.length === 0 ? null : await this.#runner.run("predict", this.#inputs(batch, arrangement, false));
    return this.#plan.tasks.map(({ index, tower }) =>
      towerOutput(tower, unsort(outputs?.get(`logits.${index}`), arrangement, tower.numClass)),
    );
  }

  /** Every gate's values, in the batch's row order. */
  async gates(batch: Batch): Promise<GateValues[]> {
    const arrangement = arrangeRows(batch, this.#plan);
    const outputs =
      batch.rows.length === 0 ? null : await this.#runner.run("gates", this.#inputs(batch, arrangement, false));
    return gateSites(this.#plan, this.#shown).map(({ output, ...site }) => ({
      ...site,
      values: unsort(outputs?.get(output), arrangement, site.units),
    }));
  }

  /** A copy of the weights that predictions are made with. */
  weights(): Weights {
    return readWeights(this.#shown);
  }

  /** A copy of everything that training goes on from; dropout follows from the seed and the step. */
  state(): EngineState {
    return { step: this.#steps, weights: readWeights(this.#store), slots: this.#updates.read() };
  }

  restore(state: EngineState): void {
    this.#updates.write(state.slots);
    writeWeights(this.#store, state.weights);
    this.#steps = state.step;
  }

  #inputs(batch: Batch, arrangement: Arrangement, training: boolean) {
    const rows = batch.rows.length;
    const feeds = modelFeeds(this.#plan, training ? this.#store : this.#shown, training);
    for (const [name, layout] of training ? this.#layouts : this.#shownLayouts) {
      const matrix = this.#matrix(name, rows * layout.dim);
      gatherGroup(layout, batch.data, arrangement.rows, matrix);
      feeds.set(name, { dtype: "float32", shape: [rows, layout.dim], data: matrix });
    }
    const sizes = new Map<string, readonly number[]>();
    if (this.#plan.towers > 1) sizes.set("sizes", arrangement.sizes);
    return { feeds, sizes };
  }

  #feedDropout(feeds: Map<string, Feed>): void {
    this.#sites.forEach(({ task, site }, index) => {
      const count = feeds.get(`task.${task.index}.coefficient`)?.shape[0] ?? 0;
      const mask = this.#masks.draw(count * site.units, site.rate, this.#steps, index);
      feeds.set(`${site.name}.mask`, { dtype: "bool", shape: [count, site.units], data: mask });
      feeds.set(`${site.name}.scale`, scalar(this.#masks.scale(site.rate)));
    });
  }

  #learn(batch: Batch, arrangement: Arrangement, outputs: ReadonlyMap<string, Float32Array>, epoch: number): void {
    const byGroup = new Map<GroupName, Float32Array>();
    for (const name of this.#layouts.keys()) {
      const gradient = outputs.get(`grad:${name}`);
      if (gradient !== undefined) byGroup.set(name, gradient);
    }
    scatterGradients(this.#embedded, batch, arrangement.order, byGroup);
    const gradients = new Map<string, Float32Array>();
    for (const { name } of this.#store.parameters) {
      const gradient = outputs.get(`grad:${name}`);
      if (gradient !== undefined) gradients.set(name, gradient);
    }
    this.#updates.apply(gradients, this.#steps, epoch);
    moveStatistics(this.#plan, this.#store, outputs, batch.rows.length);
    this.#steps++;
  }

  /** A matrix to gather into, kept between steps of the same size. */
  #matrix(name: string, size: number): Float32Array {
    const kept = this.#matrices.get(name);
    if (kept?.length === size) return kept;
    const matrix = new Float32Array(size);
    this.#matrices.set(name, matrix);
    return matrix;
  }
}

function layoutsOf(plan: Plan, store: WeightStore): Layouts {
  return new Map(groupsOf(plan).map((name) => [name, groupLayout(plan.spec, name, store.tables)]));
}
