/** The host side of a model: it prepares the inputs of each step, runs the program and updates the weights. */
import type { Batch } from "../../data/encoded/encoded.js";
import { DataError } from "../../errors/index.js";
import { programSignature } from "../../nn/plan/inputs.js";
import { batchNorms } from "../../nn/plan/parameters.js";
import { type DropoutSite, dropoutSites, type Plan } from "../../nn/plan/plan.js";
import { flatName, type ProgramInput } from "../../tfjs/program.js";
import type { EngineState, StepResult, Weights } from "../engine.js";
import { arrangeRows, inCommon } from "./arrange.js";
import { alone, type Crew, type Exchange, memberShare } from "./crew.js";
import { drawMask } from "./dropout-mask.js";
import { addGradient, joinLists } from "./gradient-sums.js";
import { Inference, ModelInputs, scalar, taskInputs } from "./inference.js";
import { totalNorm, Updates } from "./optimizers.js";
import {
  type Feed,
  isFiniteStep,
  type Learned,
  type RunInputs,
  type Runner,
  stepResult,
  towerOutput,
  unsort,
} from "./outputs.js";
import { paretoOutputs } from "./pareto.js";
import { moveStatistics } from "./running-statistics.js";
import { type EmbeddedFeature, embeddedFeatures, scatterGradients, scatterSequences } from "./scatter.js";
import { longestPositions, type SequenceLayout, splitPieces } from "./sequences.js";
import { nonEmptyShares, OwnShare } from "./shares.js";
import { divideWeights } from "./weight-division.js";
import {
  type EmbeddingTable,
  type ModelArrays,
  readWeights,
  storesIn,
  type WeightStore,
  writeWeights,
} from "./weight-store.js";

export interface HostOptions {
  readonly seed: number;
  readonly arrays: ModelArrays;
  /** Default: a single member that trains the model. */
  readonly crew?: Crew;
  /** Maximum rows per program run. Default: the whole share of a batch. */
  readonly pieceRows?: number;
}

export class ModelHost {
  readonly #plan: Plan;
  readonly #runner: Runner;
  readonly #crew: Crew;
  readonly #pieceRows: number;
  readonly #store: WeightStore;
  readonly #predicting: WeightStore;
  readonly inference: Inference;
  readonly #names: readonly string[];
  readonly #owners: ReadonlyMap<string, number>;
  readonly #updates: Updates;
  readonly #inputs: ModelInputs;
  readonly #embedded: readonly EmbeddedFeature[];
  readonly #sequences: readonly SequenceLayout[];
  /** A key of everything besides the batch that the inputs of tasks depend on. */
  readonly #settings: string;
  readonly #seed: number;
  readonly #sites: readonly DropoutSite[];
  readonly #symbolic: readonly ProgramInput[];
  #steps = 0;

  constructor(plan: Plan, runner: Runner, { seed, arrays, crew = alone, pieceRows }: HostOptions) {
    this.#plan = plan;
    this.#runner = runner;
    this.#crew = crew;
    this.#pieceRows = pieceRows ?? Number.POSITIVE_INFINITY;
    const { trained, shown } = storesIn(plan, arrays);
    this.#store = trained;
    this.#predicting = shown;
    this.#names = trained.blocks.map(({ name }) => name);
    const pieces = (batch: Batch) => splitPieces(this.#share(batch), this.#pieceRows);
    this.inference = new Inference(plan, runner, shown, pieces);
    this.#inputs = new ModelInputs(plan, trained, true);
    // All parameters are one array only if there is a single member.
    this.#owners = new Map([...divideWeights(plan, trained, this.#inputs, crew.size), [flatName, 0]]);
    this.#updates = new Updates(plan, trained, arrays.averages, (name) => this.#owns(name));
    this.#embedded = embeddedFeatures(this.#inputs.layouts, plan.spec).filter(({ table }) => this.#owns(table.name));
    this.#sequences = this.#inputs.sequences.map((layout) => ({
      ...layout,
      slots: layout.slots.filter(({ table }) => table !== null && this.#owns(table.name)),
    }));
    this.#settings = JSON.stringify([plan.tasks, plan.towers, plan.star, plan.chunkRows]);
    this.#seed = seed;
    this.#sites = dropoutSites(plan);
    const { inputs } = programSignature(plan, "train");
    const isMask = (name: string) => this.#sites.some((site) => name === `${site.name}.mask`);
    this.#symbolic = inputs.filter(({ name, shape }) => !isMask(name) && shape.some((dim) => typeof dim === "string"));
  }

  get steps(): number {
    return this.#steps;
  }

  /**
   * Trains on a batch; every member of a crew must be called with the same one.
   * @param exchange unused by a single member
   */
  async step(batch: Batch, epoch: number, exchange: Exchange | null = null): Promise<StepResult> {
    checkTrainable(batch, this.#plan);
    const share = await this.#compute(batch);
    this.#store.changes.count++; // batch norm statistics have changed, weights are about to change
    if (exchange !== null) share.show(exchange.shares[this.#crew.rank]!, (name) => this.#owns(name));
    this.#crew.meet();
    const result = stepResult(this.#plan, this.#learn(batch, epoch, share, exchange));
    const isTracked = this.#plan.tasks.some(({ tower }) => tower.trainMetrics !== undefined);
    return isTracked ? { ...result, predictions: joinLists(share.predictions) } : result;
  }

  /** Trains on batches. Every member stops at the same step, since each adds up all losses. */
  async train(batches: readonly Batch[], epoch: number, exchange: Exchange | null = null): Promise<StepResult[]> {
    const results: StepResult[] = [];
    for (const batch of batches) {
      if (results.length > 0) this.#crew.meet(); // all have read the last step's gradients and written their weights
      const result = await this.step(batch, epoch, exchange);
      results.push(result);
      if (!isFiniteStep(result)) break;
    }
    return results;
  }

  weights(): Weights {
    return readWeights(this.#predicting);
  }

  /**
   * The state for checkpoints. In a crew, each member has the optimiser state of its parameters, and the first has the
   * weights.
   */
  state(): EngineState {
    const weights: Weights = this.#crew.rank === 0 ? readWeights(this.#store) : new Map();
    return { step: this.#steps, weights, slots: this.#updates.read() };
  }

  restore(state: EngineState): void {
    this.#updates.write(state.slots);
    if (this.#crew.rank === 0) writeWeights(this.#store, state.weights);
    this.#store.changes.count++;
    this.#steps = state.step;
  }

  #owns(name: string): boolean {
    return this.#owners.get(name) === this.#crew.rank;
  }

  #share(batch: Batch): Batch {
    return memberShare(batch, this.#crew.rank, this.#crew.size);
  }

  async #compute(batch: Batch): Promise<OwnShare> {
    const gradients = new OwnShare(this.#plan, this.#names);
    const share = this.#share(batch);
    if (share.rows.length === 0) return gradients;
    const longest = longestPositions(this.#plan, batch);
    for (const [index, piece] of splitPieces(share, this.#pieceRows).entries()) {
      const { arrangement, tasks } = inCommon(piece, this.#settings, () => {
        const arrangement = arrangeRows(piece, this.#plan);
        return { arrangement, tasks: taskInputs(piece, arrangement, this.#plan, batch) };
      });
      const { feeds, sizes } = this.#inputs.of(piece, arrangement, longest, tasks);
      if (this.#sites.length > 0) this.#feedDropout(feeds, index, rowCounts(this.#symbolic, feeds));
      const run = (inputs: RunInputs) => this.#runner.run("train", inputs);
      let outputs: ReadonlyMap<string, Float32Array>;
      if (this.#plan.spec.training.lossWeights === undefined) outputs = await run({ feeds, sizes });
      else {
        const measured = (each: typeof outputs) => this.#measured(piece, arrangement.order, each);
        const joined = await paretoOutputs(this.#plan, { feeds, sizes }, run, measured);
        ({ outputs, weights: gradients.weights } = joined);
      }
      gradients.add(piece.rows, arrangement.order, outputs);
      const tracked = this.#plan.tasks.filter(({ tower }) => tower.trainMetrics !== undefined);
      const logits = tracked.map(({ index, tower }) => {
        return towerOutput(tower, unsort(outputs.get(`logits.${index}`), arrangement, tower.numClass));
      });
      gradients.predictions.push(logits);
      moveStatistics(this.#plan, this.#store, outputs, arrangement.sizes, longest);
    }
    return gradients;
  }

  /** The gradients by which losses are weighted, as in TorchEasyRec: those of tables count only in sequences. */
  #measured(piece: Batch, order: Int32Array, outputs: ReadonlyMap<string, Float32Array>): Float32Array[] {
    const gradients = new Map([...outputs].map(([name, values]) => [name.replace(/^grad:/, ""), values]));
    const dense = [flatName, ...this.#names].flatMap((name) => gradients.get(name) ?? []);
    if (this.#sequences.length === 0) return dense;
    const isOfSequences = ({ name }: EmbeddingTable) => name.includes(".seq_emb_impls.");
    const queries = this.#embedded.filter(({ table }) => isOfSequences(table));
    scatterGradients(queries, piece, order, gradients);
    scatterSequences(this.#sequences, piece, order, gradients);
    const tables = [...this.#store.tables.values()].filter(isOfSequences).map((table) => table.takeGradient().values);
    return [...dense, ...tables];
  }

  /** Draws dropout masks, separate ones for each member and piece. */
  #feedDropout(feeds: Map<string, Feed>, piece: number, counts: ReadonlyMap<string, number>): void {
    const { rank, size } = this.#crew;
    this.#sites.forEach((site, index) => {
      const shape = site.shape.map((dim) => (typeof dim === "number" ? dim : counts.get(dim)!));
      const values = shape.reduce((product, dim) => product * dim, 1);
      const stream = (piece * size + rank) * this.#sites.length + index;
      const mask = drawMask(values, site.rate, this.#seed, this.#steps, stream);
      feeds.set(`${site.name}.mask`, { dtype: "bool", shape, data: mask });
      feeds.set(`${site.name}.scale`, scalar(65536 / (65536 - Math.round(site.rate * 65536))));
    });
  }

  /**
   * Updates the weights and returns the batch's losses. Skips a step with a non-finite loss, which would destroy every
   * weight.
   */
  #learn(batch: Batch, epoch: number, ownShare: OwnShare, exchange: Exchange | null): Learned {
    const shares = nonEmptyShares(batch, this.#crew, this.#pieceRows, ownShare, exchange);
    const [first, ...rest] = shares.map((share) => share.losses);
    const losses = Array.from(first!, (loss, i) => rest.reduce((sum, others) => sum + others[i]!, loss));
    const { weights } = ownShare;
    if (!losses.every(Number.isFinite)) {
      this.#steps++;
      return { losses, weights, gradientNorm: null };
    }
    const limit = (table: EmbeddingTable) => this.#updates.rowGradientLimit(table);
    for (const { rows, order, groups } of shares.flatMap(({ pieces }) => pieces)) {
      scatterGradients(this.#embedded, { data: batch.data, rows }, order, groups, limit);
      scatterSequences(this.#sequences, { data: batch.data, rows }, order, groups);
    }
    const gradients = new Map<string, Float32Array>();
    for (const name of ownShare.names) {
      if (!this.#owns(name)) continue;
      for (const gradient of shares.flatMap((share) => share.dense(name) ?? [])) addGradient(gradients, name, gradient);
    }
    const gradientNorm = this.#steps % stepsPerNorm === 0 ? totalNorm([...gradients.values()], 2) : null;
    this.#updates.apply(gradients, this.#steps, epoch);
    this.#steps++;
    return { losses, weights, gradientNorm };
  }
}

/** The norm of the gradients costs one pass over them. */
const stepsPerNorm = 10;

function checkTrainable(batch: Batch, plan: Plan): void {
  const rows = batch.rows.length;
  if (rows === 0) throw new DataError({ path: "batch", message: "a training batch without rows" });
  if (rows === 1 && batchNorms(plan).length > 0) {
    const message = "batch norm needs more than one row in training";
    throw new DataError({ path: "batch", message, received: "1 row" });
  }
}

export function rowCounts(
  inputs: readonly ProgramInput[],
  feeds: ReadonlyMap<string, Feed>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, shape } of inputs) {
    const feed = feeds.get(name);
    if (feed === undefined) continue;
    for (const [axis, dim] of shape.entries()) if (typeof dim === "string") counts.set(dim, feed.shape[axis]!);
  }
  return counts;
}
