import type { Batch } from "../../data/encoded/index.js";
import type { Plan } from "../../nn/plan/index.js";
import { gateOutputs, gatePaths, type ProgramName, weightingEncoders } from "../../nn/plan/index.js";
import type { AttentionValues, EmbeddingValues, GateOverride, GateValues, ReadBatch, TowerOutput } from "../engine.js";
import { type GradientSums, gradientSums, joinGradients } from "./crew/gradient-sums.js";
import { joinAttention, joinEmbeddings, joinGates, joinOutputs } from "./crew/join.js";
import { type Arrangement, arrangeRows } from "./feeds/arrange.js";
import { ModelInputs } from "./feeds/model-inputs.js";
import { overrideFeeds } from "./feeds/override-feeds.js";
import { longestPositions } from "./feeds/positions.js";
import { feedTasks, gammaFeeds } from "./feeds/program-feeds.js";
import { gateSites } from "./gate-sites.js";
import { towerOutput, unsort } from "./outputs.js";
import type { Runner } from "./runner.js";
import type { WeightStore } from "./weights/weight-store.js";

interface PieceResult {
  readonly outputs: ReadonlyMap<string, Float32Array> | null;
  readonly arrangement: Arrangement;
}

export class Inference {
  readonly #plan: Plan;
  readonly #runner: Runner;
  readonly #store: WeightStore;
  readonly #inputs: ModelInputs;
  readonly #piecesOf: (batch: Batch) => readonly Batch[];

  /** @param piecesOf the pieces to compute here; at least one, possibly empty */
  constructor(plan: Plan, runner: Runner, store: WeightStore, piecesOf: (batch: Batch) => readonly Batch[]) {
    this.#plan = plan;
    this.#runner = runner;
    this.#store = store;
    this.#inputs = new ModelInputs(plan, store, false);
    this.#piecesOf = piecesOf;
  }

  /** In the batch's row order. @param overrides gate values that replace the model's */
  async predict(batch: ReadBatch, overrides?: readonly GateOverride[]): Promise<TowerOutput[]> {
    const { tasks } = this.#plan;
    const results = await this.#run(overrides ? "probe" : "predict", batch, overrides);
    return joinOutputs(
      results.map(({ outputs, arrangement }) =>
        tasks.map(({ index, tower }) =>
          towerOutput(tower, unsort(outputs?.get(`logits.${index}`), arrangement, tower.numClass)),
        ),
      ),
    );
  }

  async gates(batch: ReadBatch): Promise<GateValues[]> {
    if (gateOutputs(this.#plan).length === 0) return [];
    const sites = gateSites(this.#plan, this.#store, batch.gammas);
    const results = await this.#run("gates", batch);
    return joinGates(
      results.map(({ outputs, arrangement }) =>
        sites.map(({ output, ...site }) => ({
          ...site,
          values: unsort(outputs?.get(output), arrangement, site.units),
        })),
      ),
    );
  }

  /** EPNet's input and output, in the batch's row order; `null` if it is off. */
  async embeddings(batch: ReadBatch): Promise<EmbeddingValues | null> {
    if (this.#plan.epnet === null) return null;
    const dim = this.#plan.dims.all;
    const results = await this.#run("embeddings", batch);
    return joinEmbeddings(
      results.map(({ outputs, arrangement }) => {
        const [before, after] = ["before", "after"].map((name) =>
          unsort(outputs?.get(`embeddings.${name}`), arrangement, dim),
        );
        return { dim, before: before!, after: after! };
      }),
    );
  }

  async attention(batch: ReadBatch): Promise<AttentionValues[]> {
    const encoders = weightingEncoders(this.#plan);
    if (encoders.length === 0) return [];
    const longest = longestPositions(this.#plan, batch);
    const results = await this.#run("attention", batch);
    return joinAttention(
      results.map(({ outputs, arrangement }) =>
        encoders.map(({ name, label, view }) => {
          const positions = longest.get(view.name)!;
          const values = unsort(outputs?.get(`attention.${name}`), arrangement, positions);
          return { encoder: label, positions, values };
        }),
      ),
    );
  }

  async gradients(batch: ReadBatch): Promise<GradientSums> {
    const results = await this.#run("gradients", batch);
    return joinGradients(
      results.map(({ outputs, arrangement }) => gradientSums(this.#plan, outputs, arrangement.rows.length)),
    );
  }

  async #run(
    program: Exclude<ProgramName, "train">,
    batch: ReadBatch,
    overrides: readonly GateOverride[] = [],
  ): Promise<PieceResult[]> {
    const results: PieceResult[] = [];
    const longest = longestPositions(this.#plan, batch);
    for (const piece of this.#piecesOf(batch)) {
      const arrangement = arrangeRows(piece, this.#plan);
      const { rows } = arrangement;
      // Checked before rows are counted, so that every member rejects an invalid override.
      const overridden =
        program === "probe" ? overrideFeeds(this.#plan, overrides, rows.length, this.#domains(batch, rows)) : [];
      if (rows.length === 0) {
        results.push({ outputs: null, arrangement });
        continue;
      }
      const { feeds, sizes } = this.#inputs.of(piece, arrangement, longest);
      for (const [name, feed] of gammaFeeds(this.#plan, batch.gammas)) feeds.set(name, feed);
      for (const [name, feed] of overridden) feeds.set(name, feed);
      if (program === "gradients") {
        feedTasks(feeds, sizes, piece, arrangement, this.#plan, batch);
        const shape = [rows.length, this.#plan.dims.all] as const;
        const zeros = new Float32Array(shape[0] * shape[1]);
        for (const name of gatePaths(this.#plan)) feeds.set(name, { dtype: "float32", shape, data: zeros });
      }
      results.push({ outputs: await this.#runner.run(program, { feeds, sizes }), arrangement });
    }
    return results;
  }

  #domains({ data: { domains } }: Batch, rows: Int32Array): Int32Array | null {
    if (domains === null || this.#plan.spec.domains === null) return null;
    return Int32Array.from(rows, (row) => domains[row]!);
  }
}
