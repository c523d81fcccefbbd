/** Predictions, gate values and gradients of a model, without training it. */
import type { Batch, EncodedData } from "../../data/encoded/encoded.js";
import { DataError, EngineError } from "../../errors/index.js";
import {
  type GateOutputPlan,
  gateOutputs,
  gatePaths,
  overrideEntries,
  type ProgramName,
  sessionInputs,
} from "../../nn/plan/inputs.js";
import { inverseName } from "../../nn/plan/parameters.js";
import { groupNames, type Plan, readViews, type TaskPlan, weightingEncoders } from "../../nn/plan/plan.js";
import { flatName } from "../../tfjs/program.js";
import type {
  AttentionValues,
  GateGammas,
  GateOverride,
  GateValues,
  GradientChoice,
  ReadBatch,
  TowerOutput,
} from "../engine.js";
import { type Arrangement, arrangeRows, arrangeTask, type TaskRows } from "./arrange.js";
import { chunkFeeds } from "./chunks.js";
import { type GradientSums, gradientSums, joinGradients, joinLists } from "./gradient-sums.js";
import { type GatherPlan, type GroupLayout, gatherGroups, gatherPlans, groupLayout, queryLayout } from "./groups.js";
import { type Feed, type Runner, towerOutput, unsort } from "./outputs.js";
import { embeddedFeatures, scatterGradients, scatterSequences } from "./scatter.js";
import { longestPositions, type SequenceLayout, sequenceFeeds, sequenceLayout } from "./sequences.js";
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

  /** Predicts rows, in the batch's order. @param overrides gate values that replace the model's */
  async predict(batch: ReadBatch, overrides?: readonly GateOverride[]): Promise<TowerOutput[]> {
    const pieces = await this.#run(overrides ? "probe" : "predict", batch, overrides);
    return joinPieces(pieces, this.plan.tasks, ({ index, tower }, values) =>
      towerOutput(tower, values(`logits.${index}`, tower.numClass)),
    );
  }

  async gates(batch: ReadBatch): Promise<GateValues[]> {
    const gates = gateOutputs(this.plan);
    if (gates.length === 0) return [];
    return joinPieces(await this.#run("gates", batch), gates, (gate, values) => {
      const { output, parameters: _, ...site } = gate;
      const gamma = gateGamma(this.plan, this.store, gate, batch.gammas ?? {});
      return { ...site, gamma, values: values(output, site.units) };
    });
  }

  async attention(batch: ReadBatch): Promise<AttentionValues[]> {
    const encoders = weightingEncoders(this.plan);
    if (encoders.length === 0) return [];
    const longest = longestPositions(this.plan, batch);
    return joinPieces(await this.#run("attention", batch), encoders, ({ name, label: encoder, view }, values) => {
      const positions = longest.get(view.name)!;
      return { encoder, positions, values: values(`attention.${name}`, positions) };
    });
  }

  async gradients(batch: ReadBatch, choice: GradientChoice = { task: null, tables: false }): Promise<GradientSums> {
    const pieces = await this.#run("gradients", batch, [], choice);
    const sums = joinGradients(pieces.map(({ outputs, rows }) => gradientSums(this.plan, outputs, rows)));
    if (!choice.tables) return sums;
    const tables = [...this.store.tables.values()].map((table) => [table.name, table.takeGradient()] as const);
    return { ...sums, tables: new Map(tables) };
  }

  #scatter(piece: Batch, { order }: Arrangement, outputs: ReadonlyMap<string, Float32Array>): void {
    const gradients = new Map([...outputs].map(([name, values]) => [name.replace(/^grad:/, ""), values]));
    scatterGradients(embeddedFeatures(this.#inputs.layouts, this.plan.spec), piece, order, gradients);
    scatterSequences(this.#inputs.sequences, piece, order, gradients);
  }

  async #run(
    program: Exclude<ProgramName, "train">,
    batch: ReadBatch,
    overrides: readonly GateOverride[] = [],
    { task, tables }: GradientChoice = { task: null, tables: false },
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
      const tasks = program === "gradients" ? taskInputs(piece, arrangement, this.plan, batch) : null;
      const { feeds, sizes } = this.#inputs.of(piece, arrangement, longest, tasks);
      for (const [name, feed] of gammaFeeds(this.plan, batch.gammas)) feeds.set(name, feed);
      for (const [name, feed] of overridden) feeds.set(name, feed);
      if (program === "gradients") {
        for (const { index } of task === null ? [] : this.plan.tasks) {
          if (index !== task) (feeds.get(`task.${index}.coefficient`)!.data as Float32Array).fill(0);
        }
        const shape = [rows.length, this.plan.dims.all] as const;
        const zeros = new Float32Array(shape[0] * shape[1]);
        for (const name of gatePaths(this.plan)) feeds.set(name, { dtype: "float32", shape, data: zeros });
      }
      const outputs = await this.runner.run(program, { feeds, sizes });
      if (tables) this.#scatter(piece, arrangement, outputs);
      add(outputs);
    }
    return results;
  }

  #domains({ data: { domains } }: Batch, rows: Int32Array): Int32Array | null {
    if (domains === null || this.plan.spec.domains === null) return null;
    return rows.map((row) => domains[row]!);
  }
}

function joinPieces<Place, Part extends object>(
  pieces: readonly PieceResult[],
  places: readonly Place[],
  read: (place: Place, values: PieceResult["values"]) => Part,
): Part[] {
  return joinLists(pieces.map(({ values }) => places.map((place) => read(place, values))));
}

/**
 * The inputs that override gates. Other values are kept bit for bit.
 * @throws EngineError for an unknown gate or number of units
 */
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

/** The gamma of a gate; a trained one has its current value. */
function gateGamma(plan: Plan, store: WeightStore, { module, parameters }: GateOutputPlan, gammas: GateGammas): number {
  const trained = store.parameters.find(({ name }) => name === `${parameters}.gamma`)?.values[0];
  return trained ?? gammas[module] ?? plan.spec[module].gamma;
}

export interface OpenInputs {
  readonly feeds: Map<string, Feed>;
  readonly sizes: Map<string, readonly number[]>;
}

export class ModelInputs {
  readonly layouts: readonly GroupLayout[];
  readonly sequences: readonly SequenceLayout[];
  readonly #plans: readonly GatherPlan[];
  readonly #matrices = new Map<string, Float32Array>();
  #feeds: Map<string, Feed> | null = null;

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

  /**
   * The inputs for a batch; matrices are valid until the next call.
   * @param longest positions of each view, over the whole batch
   */
  of(
    { data, rows: { length } }: Batch,
    { rows, sizes }: Arrangement,
    longest: ReadonlyMap<string, number>,
    tasks: OpenInputs | null,
  ): OpenInputs {
    this.#feeds ??= modelFeeds(this.plan, this.store, this.training);
    // Each training step replaces everything that the step before added.
    const feeds = this.training ? this.#feeds : new Map(this.#feeds);
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
    for (const [name, feed] of tasks?.feeds ?? []) feeds.set(name, feed);
    const open = { feeds, sizes: tasks?.sizes ?? new Map<string, readonly number[]>() };
    if (tasks === null) openDomains(open, "", this.plan, sizes);
    return open;
  }

  #matrix(name: string, size: number): Float32Array {
    const buffer = this.#matrices.get(name);
    if (buffer !== undefined && buffer.length >= size) return buffer.subarray(0, size);
    const matrix = new Float32Array(size);
    this.#matrices.set(name, matrix);
    return matrix;
  }
}

/**
 * Numbers the sessions of rows from 0; a row without an id is a separate session.
 * @throws DataError if there are no ids
 */
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
  return new Float32Array(rows.length).map((_, at) => {
    const id = firstId(rows[at]!);
    const number = id < 0 ? undefined : numbers.get(id);
    if (number !== undefined) return number;
    if (id >= 0) numbers.set(id, next);
    return next++;
  });
}

type ModelStore = Pick<WeightStore, "blocks" | "buffers" | "flat" | "changes">;

/**
 * The model's inputs: parameters, running statistics if needed, and gammas. Arrays are not copied, so they show each
 * change.
 */
export function modelFeeds(plan: Plan, store: ModelStore, training: boolean): Map<string, Feed> {
  const feeds = new Map<string, Feed>();
  const add = (name: string, shape: readonly number[], data: Float32Array): void => {
    feeds.set(name, {
      dtype: "float32",
      shape,
      data,
      get version() {
        return store.changes.count;
      },
    });
  };
  for (const { name, shape, values } of store.blocks) add(name, shape, values);
  if (store.flat !== null) add(flatName, [store.flat.length], store.flat);
  for (const { name, shape, values } of training ? [] : store.buffers)
    if (!name.endsWith("num_batches_tracked")) add(name, shape, values);
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

/** The inputs of all tasks. @param whole the batch over which losses are averaged, if `batch` is a share of it */
export function taskInputs(batch: Batch, arrangement: Arrangement, plan: Plan, whole: Batch = batch): OpenInputs {
  const [feeds, sizes] = [new Map<string, Feed>(), new Map<string, readonly number[]>()];
  openDomains({ feeds, sizes }, "", plan, arrangement.sizes);
  for (const task of plan.tasks) {
    feedTask(feeds, sizes, arrangement, plan, task, arrangeTask(batch, arrangement, task, whole));
    for (const { input, feature } of sessionInputs(task)) {
      const data = sessionNumbers(batch.data, feature, arrangement.rows);
      feeds.set(input, { dtype: "float32", shape: [data.length, 1], data });
    }
  }
  feeds.set(inverseName(null), scalar(1 / arrangement.rows.length));
  for (const [domain, rows] of plan.star === null ? [] : arrangement.sizes.entries())
    feeds.set(inverseName(domain), scalar(1 / Math.max(1, rows)));
  return { feeds, sizes };
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
  openDomains({ feeds, sizes }, `${name}.`, plan, domainSizes);
}

/** The inputs of a branch with its rows by domain: their counts, or chunks. @param prefix of the branch's inputs */
function openDomains({ feeds, sizes }: OpenInputs, prefix: string, plan: Plan, counts: readonly number[]): void {
  if (plan.chunkRows !== null)
    for (const [name, feed] of chunkFeeds(counts, plan.chunkRows)) feeds.set(`${prefix}chunks.${name}`, feed);
  else if (plan.towers > 1) sizes.set(`${prefix}sizes`, counts);
}

export function scalar(value: number): Feed {
  return { dtype: "float32", shape: [], data: Float32Array.of(value) };
}
