/** The host side of a model: used by the compiled engine in its workers, by the eager engine on the main thread. */
import type { Batch } from "../../data/encoded/index.js";
import { DataError } from "../../errors/index.js";
import {
  batchNorms,
  type DropoutSite,
  dropoutSites,
  type Plan,
  type ProgramInput,
  programSignature,
} from "../../nn/plan/index.js";
import type {
  AttentionValues,
  EmbeddingValues,
  EngineState,
  GateOverride,
  GateValues,
  ReadBatch,
  StepResult,
  TowerOutput,
  Weights,
} from "../engine.js";
import { alone, type Crew, memberShare } from "./crew/crew.js";
import type { Exchange } from "./crew/exchange.js";
import { type GradientSums, totalNorm } from "./crew/gradient-sums.js";
import { OwnShare } from "./crew/own-share.js";
import { type EmbeddedFeature, embeddedFeatures, scatterGradients, scatterSequences } from "./crew/scatter.js";
import { divideWeights, nonEmptyShares } from "./crew/shares.js";
import { arrangeRows } from "./feeds/arrange.js";
import { MaskSource } from "./feeds/dropout-masks.js";
import { ModelInputs } from "./feeds/model-inputs.js";
import { splitPieces } from "./feeds/pieces.js";
import { longestPositions } from "./feeds/positions.js";
import { feedTasks, scalar } from "./feeds/program-feeds.js";
import { rowCounts } from "./feeds/row-counts.js";
import type { SequenceLayout } from "./feeds/sequences.js";
import { Inference } from "./inference.js";
import { moveStatistics } from "./optimizers/running-statistics.js";
import { Updates } from "./optimizers/updates.js";
import { type Learned, stepResult } from "./outputs.js";
import type { Feed, Runner } from "./runner.js";
import { addInto } from "./simd/add-into.js";
import { type ModelArrays, storesIn } from "./weights/model-arrays.js";
import type { EmbeddingTable } from "./weights/table.js";
import { readWeights, type WeightStore, writeWeights } from "./weights/weight-store.js";

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
  readonly #inference: Inference;
  readonly #names: readonly string[];
  readonly #owners: ReadonlyMap<string, number>;
  readonly #updates: Updates;
  readonly #inputs: ModelInputs;
  readonly #embedded: readonly EmbeddedFeature[];
  readonly #sequences: readonly SequenceLayout[];
  readonly #masks: MaskSource;
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
    this.#names = trained.parameters.map(({ name }) => name);
    const pieces = (batch: Batch) => splitPieces(this.#share(batch), this.#pieceRows);
    this.#inference = new Inference(plan, runner, shown, pieces);
    this.#inputs = new ModelInputs(plan, trained, true);
    this.#owners = divideWeights(plan, trained, this.#inputs, crew.size);
    this.#updates = new Updates(plan, trained, arrays.averages, (name) => this.#owns(name));
    this.#embedded = embeddedFeatures(this.#inputs.layouts).filter(({ table }) => this.#owns(table.name));
    this.#sequences = this.#inputs.sequences.map((layout) => ({
      ...layout,
      slots: layout.slots.filter(({ table }) => table !== null && this.#owns(table.name)),
    }));
    this.#masks = new MaskSource(seed);
    this.#sites = dropoutSites(plan);
    const { inputs } = programSignature(plan, "train");
    this.#symbolic = inputs.filter(({ shape }) => shape.some((dim) => typeof dim === "string"));
  }

  get steps(): number {
    return this.#steps;
  }

  /** Every member of a crew is called with the same batch. @param exchange unused by a single member */
  async step(batch: Batch, epoch: number, exchange: Exchange | null = null): Promise<StepResult> {
    checkTrainable(batch, this.#plan);
    const share = await this.#compute(batch);
    this.#store.changes.count++; // batch norm statistics have changed, weights are about to change
    if (exchange !== null) share.show(exchange.shares[this.#crew.rank]!, (name) => this.#owns(name));
    this.#crew.meet();
    return stepResult(this.#plan, this.#learn(batch, epoch, share, exchange));
  }

  predict(batch: ReadBatch, overrides?: readonly GateOverride[]): Promise<TowerOutput[]> {
    return this.#inference.predict(batch, overrides);
  }

  gates(batch: ReadBatch): Promise<GateValues[]> {
    return this.#inference.gates(batch);
  }

  embeddings(batch: ReadBatch): Promise<EmbeddingValues | null> {
    return this.#inference.embeddings(batch);
  }

  attention(batch: ReadBatch): Promise<AttentionValues[]> {
    return this.#inference.attention(batch);
  }

  gradients(batch: ReadBatch): Promise<GradientSums> {
    return this.#inference.gradients(batch);
  }

  weights(): Weights {
    return readWeights(this.#predicting);
  }

  /** In a crew, each member has the optimiser state of its parameters, and the first one has the weights. */
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
      const arrangement = arrangeRows(piece, this.#plan);
      const { feeds, sizes } = this.#inputs.of(piece, arrangement, longest);
      feedTasks(feeds, sizes, piece, arrangement, this.#plan, batch);
      if (this.#sites.length > 0) this.#feedDropout(feeds, index, rowCounts(this.#symbolic, feeds));
      const outputs = await this.#runner.run("train", { feeds, sizes });
      gradients.add(piece.rows, arrangement.order, outputs);
      moveStatistics(this.#plan, this.#store, outputs, piece.rows.length, longest);
    }
    return gradients;
  }

  /** Each member draws separate masks for each piece. */
  #feedDropout(feeds: Map<string, Feed>, piece: number, counts: ReadonlyMap<string, number>): void {
    const { rank, size } = this.#crew;
    this.#sites.forEach((site, index) => {
      const shape = site.shape.map((dim) => (typeof dim === "number" ? dim : counts.get(dim)!));
      const values = shape.reduce((product, dim) => product * dim, 1);
      const stream = (piece * size + rank) * this.#sites.length + index;
      const mask = this.#masks.draw(values, site.rate, this.#steps, stream);
      feeds.set(`${site.name}.mask`, { dtype: "bool", shape, data: mask });
      feeds.set(`${site.name}.scale`, scalar(this.#masks.scale(site.rate)));
    });
  }

  /** Returns the batch's losses; if one is not finite, the step is skipped, since it would destroy every weight. */
  #learn(batch: Batch, epoch: number, ownShare: OwnShare, exchange: Exchange | null): Learned {
    const shares = nonEmptyShares(batch, this.#crew, this.#pieceRows, ownShare, exchange);
    const [first, ...rest] = shares.map((share) => share.losses);
    const losses = Array.from(first!, (loss, i) => rest.reduce((sum, others) => sum + others[i]!, loss));
    if (!losses.every(Number.isFinite)) {
      this.#steps++;
      return { losses, gradientNorm: null };
    }
    const limit = (table: EmbeddingTable) => this.#updates.rowGradientLimit(table);
    for (const { rows, order, groups } of shares.flatMap(({ pieces }) => pieces)) {
      scatterGradients(this.#embedded, { data: batch.data, rows }, order, groups, limit);
      scatterSequences(this.#sequences, { data: batch.data, rows }, order, groups);
    }
    const gradients = new Map<string, Float32Array>();
    for (const name of this.#names) {
      if (!this.#owns(name)) continue;
      const [sum, ...others] = shares.flatMap((share) => share.dense(name) ?? []);
      if (sum === undefined) continue;
      for (const other of others) addInto(sum, other);
      gradients.set(name, sum);
    }
    const gradientNorm = this.#steps % stepsPerNorm === 0 ? totalNorm([...gradients.values()]) : null;
    this.#updates.apply(gradients, this.#steps, epoch);
    this.#steps++;
    return { losses, gradientNorm };
  }
}

/** The norm of the gradients costs one pass over them. */
const stepsPerNorm = 10;

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
