/**
 * The host side of a model: it owns the weights, arranges batches, gathers embeddings, asks a runner for the program's
 * results, and applies the optimisers. The compiled engine runs it in its worker, the eager one on the main thread.
 */
import type { Batch } from "../../data/encoded.js";
import { DataError } from "../../errors/index.js";
import { type DropoutSite, dropoutSites, gateOutputs } from "../../nn/inputs.js";
import { batchNorms, groupsOf, type Plan, type TaskPlan } from "../../nn/plan.js";
import type { GroupName } from "../../spec/index.js";
import type { EngineState, GateOverride, GateValues, StepResult, TowerOutput, Weights } from "../engine.js";
import { type Arrangement, arrangeRows } from "./arrange.js";
import { alone, type Crew, shareOf } from "./crew.js";
import { MaskSource } from "./dropout-masks.js";
import type { Exchange, ShownGradient, ShownShare } from "./exchange.js";
import { gateSites } from "./gate-sites.js";
import { type GroupLayout, gatherGroup, groupLayout } from "./groups.js";
import { type ModelArrays, storesIn } from "./model-arrays.js";
import { lossesOf, stepResult, towerOutput, unsort } from "./outputs.js";
import { overrideFeeds } from "./override-feeds.js";
import { feedTasks, modelFeeds, scalar } from "./program-feeds.js";
import type { Feed, Runner } from "./runner.js";
import { moveStatistics } from "./running-statistics.js";
import { type EmbeddedFeature, embeddedFeatures, scatterGradients } from "./scatter.js";
import { divideWeights, type OwnShare, sharesOf } from "./shares.js";
import { addInto } from "./simd/add-into.js";
import { Updates } from "./updates.js";
import { readWeights, type WeightStore, writeWeights } from "./weight-store.js";

type Layouts = ReadonlyMap<GroupName, GroupLayout>;

/** What a host may be given. */
export interface HostOptions {
  /** Of dropout. */
  readonly seed: number;
  readonly arrays: ModelArrays;
  /** Default: it trains the model alone. */
  readonly crew?: Crew;
}

/** A model on the host. */
export class ModelHost {
  readonly #plan: Plan;
  readonly #runner: Runner;
  readonly #crew: Crew;
  /** The weights that are trained. */
  readonly #store: WeightStore;
  /** What predictions and gates are computed with: the weights, or their moving averages. */
  readonly #shown: WeightStore;
  readonly #owners: ReadonlyMap<string, number>;
  readonly #updates: Updates;
  readonly #layouts: Layouts;
  readonly #shownLayouts: Layouts;
  /** Features whose tables this member trains. */
  readonly #embedded: readonly EmbeddedFeature[];
  readonly #masks: MaskSource;
  readonly #sites: readonly { readonly task: TaskPlan; readonly site: DropoutSite }[];
  readonly #matrices = new Map<string, Float32Array>();
  #steps = 0;

  constructor(plan: Plan, runner: Runner, { seed, arrays, crew = alone }: HostOptions) {
    this.#plan = plan;
    this.#runner = runner;
    this.#crew = crew;
    const { trained, shown } = storesIn(plan, arrays);
    this.#store = trained;
    this.#shown = shown;
    this.#layouts = layoutsOf(plan, trained);
    this.#shownLayouts = layoutsOf(plan, shown);
    const embedded = embeddedFeatures(this.#layouts.values());
    this.#owners = divideWeights(plan, trained, embedded, crew.size);
    this.#updates = new Updates(plan, trained, arrays.averages, (name) => this.#owns(name));
    this.#embedded = embedded.filter(({ table }) => this.#owns(table.name));
    this.#masks = new MaskSource(seed);
    this.#sites = plan.tasks.flatMap((task) => dropoutSites(task).map((site) => ({ task, site })));
  }

  get steps(): number {
    return this.#steps;
  }

  /**
   * One optimiser step. Every member of a crew is called with the same batch.
   * @param exchange where members show each other their gradients; a host alone needs none
   */
  async step(batch: Batch, epoch: number, exchange: Exchange | null = null): Promise<StepResult> {
    checkTrainable(batch, this.#plan);
    const { rank, size } = this.#crew;
    const share = shareOf(batch, rank, size);
    const arrangement = arrangeRows(share, this.#plan);
    const outputs = share.rows.length === 0 ? null : await this.#gradients(batch, share, arrangement);
    if (exchange !== null && outputs !== null) this.#show(exchange, arrangement, outputs);
    this.#crew.meet();
    const losses = this.#learn(batch, epoch, { arrangement, outputs, exchange });
    return stepResult(this.#plan, losses);
  }

  /**
   * Every tower's output for each row's own domain, in the batch's row order; of this member's share.
   * @param overrides gate values to compute with instead of the model's own
   */
  async predict(batch: Batch, overrides?: readonly GateOverride[]): Promise<TowerOutput[]> {
    const { outputs, arrangement } = await this.#runOnShare(overrides ? "probe" : "predict", batch, overrides);
    return this.#plan.tasks.map(({ index, tower }) =>
      towerOutput(tower, unsort(outputs?.get(`logits.${index}`), arrangement, tower.numClass)),
    );
  }

  /** Every gate's values, in the batch's row order; of this member's share. */
  async gates(batch: Batch): Promise<GateValues[]> {
    if (gateOutputs(this.#plan).length === 0) return [];
    const { outputs, arrangement } = await this.#runOnShare("gates", batch);
    return gateSites(this.#plan, this.#shown).map(({ output, ...site }) => ({
      ...site,
      values: unsort(outputs?.get(output), arrangement, site.units),
    }));
  }

  /** A copy of the weights that predictions are made with. */
  weights(): Weights {
    return readWeights(this.#shown);
  }

  /**
   * A copy of everything that training goes on from; dropout follows from the seed and the step. Of a crew, each member
   * has the optimisers' state of what it trains, and the first one the weights.
   */
  state(): EngineState {
    const weights: Weights = this.#crew.rank === 0 ? readWeights(this.#store) : new Map();
    return { step: this.#steps, weights, slots: this.#updates.read() };
  }

  /** Takes from a whole state what is this member's. */
  restore(state: EngineState): void {
    this.#updates.write(state.slots);
    if (this.#crew.rank === 0) writeWeights(this.#store, state.weights);
    this.#steps = state.step;
  }

  #owns(name: string): boolean {
    return this.#owners.get(name) === this.#crew.rank;
  }

  async #runOnShare(program: "predict" | "probe" | "gates", batch: Batch, overrides: readonly GateOverride[] = []) {
    const share = shareOf(batch, this.#crew.rank, this.#crew.size);
    const arrangement = arrangeRows(share, this.#plan);
    const { rows } = arrangement;
    const { domains } = batch.data;
    const own =
      domains === null || this.#plan.spec.domains === null
        ? null
        : Int32Array.from(rows, (row) => domains[row] as number);
    // Before a share's rows are counted: every member refuses a wrong override.
    const overridden = program === "probe" ? overrideFeeds(this.#plan, overrides, rows.length, own) : [];
    if (rows.length === 0) return { outputs: null, arrangement };
    const { feeds, sizes } = this.#inputs(share, arrangement, false);
    for (const [name, feed] of overridden) feeds.set(name, feed);
    return { outputs: await this.#runner.run(program, { feeds, sizes }), arrangement };
  }

  #gradients(batch: Batch, share: Batch, arrangement: Arrangement): Promise<ReadonlyMap<string, Float32Array>> {
    const { feeds, sizes } = this.#inputs(share, arrangement, true);
    feedTasks(feeds, sizes, share, arrangement, this.#plan, batch);
    this.#feedDropout(feeds);
    return this.#runner.run("train", { feeds, sizes });
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

  /** Each member draws masks of its own. */
  #feedDropout(feeds: Map<string, Feed>): void {
    this.#sites.forEach(({ task, site }, index) => {
      const count = feeds.get(`task.${task.index}.coefficient`)?.shape[0] ?? 0;
      const drawn = this.#crew.rank * this.#sites.length + index;
      const mask = this.#masks.draw(count * site.units, site.rate, this.#steps, drawn);
      feeds.set(`${site.name}.mask`, { dtype: "bool", shape: [count, site.units], data: mask });
      feeds.set(`${site.name}.scale`, scalar(this.#masks.scale(site.rate)));
    });
  }

  /** Shows the others what they need of this member's share. */
  #show(exchange: Exchange, arrangement: Arrangement, outputs: ReadonlyMap<string, Float32Array>): void {
    const shown = exchange.shares[this.#crew.rank] as ShownShare;
    shown.losses.set(lossesOf(this.#plan, outputs));
    shown.order.set(arrangement.order);
    const show = (name: string, { values, there }: ShownGradient) => {
      const gradient = outputs.get(`grad:${name}`);
      there[0] = gradient === undefined ? 0 : 1;
      if (gradient !== undefined) values.set(gradient);
    };
    for (const [name, gradient] of shown.dense) if (!this.#owns(name)) show(name, gradient);
    for (const [name, gradient] of shown.groups) show(name, gradient);
  }

  /** Updates what this member trains by the gradients of all. Returns the batch's losses. */
  #learn(batch: Batch, epoch: number, own: OwnShare): ArrayLike<number> {
    const shares = sharesOf(this.#plan, batch, this.#crew, own);
    for (const { rows, order, groups } of shares)
      scatterGradients(this.#embedded, { data: batch.data, rows }, order, groups);
    const gradients = new Map<string, Float32Array>();
    for (const { name } of this.#store.parameters) {
      if (!this.#owns(name)) continue;
      const [sum, ...others] = shares.flatMap(({ dense }) => dense(name) ?? []);
      if (sum === undefined) continue;
      for (const other of others) addInto(sum, other);
      gradients.set(name, sum);
    }
    this.#updates.apply(gradients, this.#steps, epoch);
    if (own.outputs !== null) moveStatistics(this.#plan, this.#store, own.outputs, batch.rows.length);
    this.#steps++;
    const [first, ...rest] = shares.map(({ losses }) => losses);
    return Array.from(first as ArrayLike<number>, (loss, i) => rest.reduce((sum, l) => sum + (l[i] as number), loss));
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

function checkTrainable(batch: Batch, plan: Plan): void {
  const rows = batch.rows.length;
  if (rows === 0) throw new DataError({ path: "batch", message: "a training batch without rows" });
  if (rows === 1 && batchNorms(plan).length > 0) {
    throw new DataError({
      path: "batch",
      message: "batch norm needs more than one row in training",
      received: "1 row",
    });
  }
}
