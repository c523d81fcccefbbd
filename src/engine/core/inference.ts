import type { Batch } from "../../data/encoded/encoded.js";
import { EngineError } from "../../errors/index.js";
import type { GateOutputPlan, ProgramName } from "../../nn/plan/inputs.js";
import { gateOutputs, gatePaths, overrideEntries } from "../../nn/plan/inputs.js";
import { weightingEncoders } from "../../nn/plan/names.js";
import type { Plan } from "../../nn/plan/plan.js";
import type {
  AttentionValues,
  EmbeddingValues,
  GateGammas,
  GateOverride,
  GateValues,
  ReadBatch,
  TowerOutput,
} from "../engine.js";
import { arrangeRows } from "./arrange.js";
import { type GradientSums, gradientSums, joinGradients, joinLists, joinParts } from "./gradient-sums.js";
import { type Feed, type Runner, towerOutput, unsort } from "./outputs.js";
import { feedTasks, gammaFeeds, ModelInputs } from "./program-feeds.js";
import { longestPositions } from "./sequences.js";
import type { WeightStore } from "./weight-store.js";

/** The results of one piece; `values` are an output's [rows, dim], in the batch's row order. */
interface PieceResult {
  readonly outputs: ReadonlyMap<string, Float32Array> | null;
  readonly rows: number;
  values(output: string, dim: number): Float32Array;
}

export class Inference {
  readonly #inputs: ModelInputs;

  /** @param piecesOf the pieces to compute here; at least one, possibly empty */
  constructor(
    private readonly plan: Plan,
    private readonly runner: Runner,
    private readonly store: WeightStore,
    private readonly piecesOf: (batch: Batch) => readonly Batch[],
  ) {
    this.#inputs = new ModelInputs(plan, store, false);
  }

  /** In the batch's row order. @param overrides gate values that replace the model's */
  async predict(batch: ReadBatch, overrides?: readonly GateOverride[]): Promise<TowerOutput[]> {
    const pieces = await this.#run(overrides ? "probe" : "predict", batch, overrides);
    return joinLists(
      pieces.map(({ values }) =>
        this.plan.tasks.map(({ index, tower }) => towerOutput(tower, values(`logits.${index}`, tower.numClass))),
      ),
    );
  }

  async gates(batch: ReadBatch): Promise<GateValues[]> {
    const gates = gateOutputs(this.plan);
    if (gates.length === 0) return [];
    const pieces = await this.#run("gates", batch);
    return joinLists(
      pieces.map(({ values }) =>
        gates.map((gate): GateValues => {
          const { output, parameters: _, ...site } = gate;
          const gamma = gateGamma(this.plan, this.store, gate, batch.gammas ?? {});
          return { ...site, gamma, values: values(output, site.units) };
        }),
      ),
    );
  }

  /** EPNet's input and output, in the batch's row order; `null` if it is off. */
  async embeddings(batch: ReadBatch): Promise<EmbeddingValues | null> {
    if (this.plan.epnet === null) return null;
    const dim = this.plan.dims.all;
    const pieces = await this.#run("embeddings", batch);
    return joinParts(
      pieces.map(({ values }) => {
        return { dim, before: values("embeddings.before", dim), after: values("embeddings.after", dim) };
      }),
    );
  }

  async attention(batch: ReadBatch): Promise<AttentionValues[]> {
    const encoders = weightingEncoders(this.plan);
    if (encoders.length === 0) return [];
    const longest = longestPositions(this.plan, batch);
    const pieces = await this.#run("attention", batch);
    return joinLists(
      pieces.map(({ values }) =>
        encoders.map(({ name, label: encoder, view }) => {
          const positions = longest.get(view.name)!;
          return { encoder, positions, values: values(`attention.${name}`, positions) };
        }),
      ),
    );
  }

  async gradients(batch: ReadBatch): Promise<GradientSums> {
    const pieces = await this.#run("gradients", batch);
    return joinGradients(pieces.map(({ outputs, rows }) => gradientSums(this.plan, outputs, rows)));
  }

  async #run(
    program: Exclude<ProgramName, "train">,
    batch: ReadBatch,
    overrides: readonly GateOverride[] = [],
  ): Promise<PieceResult[]> {
    const results: PieceResult[] = [];
    const longest = longestPositions(this.plan, batch);
    for (const piece of this.piecesOf(batch)) {
      const arrangement = arrangeRows(piece, this.plan);
      const { rows } = arrangement;
      // Checked before rows are counted, so that every member rejects an invalid override.
      const overridden =
        program === "probe" ? overrideFeeds(this.plan, overrides, rows.length, this.#domains(batch, rows)) : [];
      const add = (outputs: PieceResult["outputs"]) => {
        const values = (name: string, dim: number) => unsort(outputs?.get(name), arrangement, dim);
        results.push({ outputs, rows: rows.length, values });
      };
      if (rows.length === 0) {
        add(null);
        continue;
      }
      const { feeds, sizes } = this.#inputs.of(piece, arrangement, longest);
      for (const [name, feed] of gammaFeeds(this.plan, batch.gammas)) feeds.set(name, feed);
      for (const [name, feed] of overridden) feeds.set(name, feed);
      if (program === "gradients") {
        feedTasks(feeds, sizes, piece, arrangement, this.plan, batch);
        const shape = [rows.length, this.plan.dims.all] as const;
        const zeros = new Float32Array(shape[0] * shape[1]);
        for (const name of gatePaths(this.plan)) feeds.set(name, { dtype: "float32", shape, data: zeros });
      }
      add(await this.runner.run(program, { feeds, sizes }));
    }
    return results;
  }

  #domains({ data: { domains } }: Batch, rows: Int32Array): Int32Array | null {
    if (domains === null || this.plan.spec.domains === null) return null;
    return Int32Array.from(rows, (row) => domains[row]!);
  }
}

/** Without an override, values are kept bit for bit. @throws EngineError for an unknown gate or number of units */
export function overrideFeeds(
  plan: Plan,
  overrides: readonly GateOverride[],
  rows: number,
  domains: Int32Array | null,
): Map<string, Feed> {
  const entries = overrideEntries(plan);
  const gates = gateOutputs(plan);
  const feeds = new Map<string, Feed>();
  if (gates.length > 0) {
    feeds.set("override.entries", { dtype: "int32", shape: [rows], data: domains ?? new Int32Array(rows) });
  }
  for (const { output, units } of gates) {
    feeds.set(`${output}.keep`, { dtype: "float32", shape: [units], data: new Float32Array(units).fill(1) });
    const replacements = new Float32Array(entries * units);
    feeds.set(`${output}.given`, { dtype: "float32", shape: [entries, units], data: replacements });
  }
  for (const override of overrides) {
    const { module, tower, layer } = override;
    const gate = gates.find(
      (each) => each.module === module && (module === "epnet" || (each.tower === tower && each.layer === layer)),
    );
    if (gate === undefined) {
      const names = gates.map(({ output }) => output).join(", ");
      const expected = names === "" ? "a model with gates" : `one of ${names}`;
      throw refused(override, "the model has no such gate", JSON.stringify({ module, tower, layer }), expected);
    }
    write(override, gate, entries, feeds);
  }
  return feeds;
}

function write(override: GateOverride, gate: GateOutputPlan, entries: number, feeds: Map<string, Feed>): void {
  const { output, units } = gate;
  const keep = feeds.get(`${output}.keep`)?.data as Float32Array;
  const replacements = feeds.get(`${output}.given`)?.data as Float32Array;
  const { where, values } = override;
  if (where !== null && where.length !== units) throw misfit(override, where.length, units);
  for (let entry = 0; entry < entries; entry++) {
    const replacement = entryValues(values, entry);
    if (typeof replacement !== "number" && replacement.length !== units)
      throw misfit(override, replacement.length, units);
    for (let unit = 0; unit < units; unit++) {
      if (where !== null && where[unit] !== true) continue;
      keep[unit] = 0;
      replacements[entry * units + unit] = typeof replacement === "number" ? replacement : replacement[unit]!;
    }
  }
}

function entryValues(values: GateOverride["values"], entry: number): number | ArrayLike<number> {
  if (typeof values === "number" || values.length === 0 || typeof values[0] === "number") {
    return values as number | ArrayLike<number>;
  }
  return (values as readonly ArrayLike<number>[])[entry] ?? [];
}

function refused(override: GateOverride, message: string, received: string, expected: string): EngineError {
  return new EngineError({ path: `overrides: ${override.module}`, message, received, expected });
}

function misfit(override: GateOverride, received: number, units: number): EngineError {
  return refused(override, "the size of the override differs from the gate", `${received} units`, `${units} units`);
}

/** A trained gamma has its current value. */
function gateGamma(plan: Plan, store: WeightStore, { module, parameters }: GateOutputPlan, gammas: GateGammas): number {
  const trained = store.parameters.find(({ name }) => name === `${parameters}.gamma`)?.values[0];
  return trained ?? gammas[module] ?? plan.spec[module].gamma;
}
