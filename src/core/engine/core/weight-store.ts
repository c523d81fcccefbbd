/** The weights of a model: dense parameters, buffers and embedding tables, by TorchEasyRec's names. */
import { EngineError, type Problem } from "../../errors/index.js";
import { buffers, denseParameters, fillInitial, type Parameter, programParameters } from "../../nn/plan/parameters.js";
import type { Plan } from "../../nn/plan/plan.js";
import { type TableSize, tableSizes } from "../../spec/sizes.js";
import { denseTables } from "../../spec/table-placement.js";
import { averageProblems, initialValues, showsAverages } from "../../spec/validate/unsupported.js";
import { grown } from "../../util/growing.js";
import { didYouMean } from "../../util/names.js";
import { sum } from "../../util/numbers.js";
import { random } from "../../util/random.js";
import type { TableGradient, Weight, Weights } from "../engine.js";

/**
 * An embedding table. Rows are gathered outside the graph, so that a step's time and memory do not grow with the
 * vocabulary.
 */
export class EmbeddingTable {
  /** Rows with a gradient, in the order of their first touch; valid up to `touchedCount`. */
  touched: Int32Array = new Int32Array(0);
  touchedCount = 0;
  /** [touchedCount, dim] */
  gradient: Float32Array = new Float32Array(0);
  /** For each row, its index in `touched` + 1, or 0. Allocated at the first step; only touched entries are reset. */
  #place: Int32Array | null = null;

  constructor(
    readonly name: string,
    readonly rows: number,
    readonly dim: number,
    /** [rows, dim] */
    readonly values: Float32Array,
  ) {}

  /** Replaces rows by the indices of their gradients; negative ones remain. May replace the array `gradient`. */
  gradientPlaces(rows: Int32Array, count: number): void {
    this.touched = grown(this.touched, Math.max(1024, this.touchedCount + count));
    this.gradient = grown(this.gradient, this.touched.length * this.dim);
    this.#place ??= new Int32Array(this.rows);
    const places = this.#place;
    preloadInts(places, rows, count);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (row >= 0) rows[i] = this.#gradientPlace(row, places);
    }
  }

  #gradientPlace(row: number, places: Int32Array): number {
    const entry = places[row]!;
    if (entry !== 0) return entry - 1;
    const place = this.touchedCount++;
    this.touched[place] = row;
    places[row] = place + 1;
    const { gradient, dim } = this;
    for (let at = place * dim; at < (place + 1) * dim; at++) gradient[at] = 0;
    return place;
  }

  scaleGradient(factor: number): void {
    const { gradient } = this;
    for (let i = 0; i < this.touchedCount * this.dim; i++) gradient[i] = gradient[i]! * factor;
  }

  /** Returns a copy of the gradient and resets it. */
  takeGradient(): TableGradient {
    const { touched, gradient, touchedCount: count, dim } = this;
    const taken = { rows: touched.slice(0, count), values: gradient.slice(0, count * dim) };
    this.clear();
    return taken;
  }

  clear(): void {
    if (this.#place !== null) for (let i = 0; i < this.touchedCount; i++) this.#place[this.touched[i]!] = 0;
    this.touchedCount = 0;
  }
}

/** A parameter of the program, with its place among the values of all of them. */
export interface Block {
  readonly name: string;
  readonly shape: readonly number[];
  readonly place: number;
  readonly values: Float32Array;
  /** The dense parameters in it, in their order in memory. */
  readonly parts: readonly string[];
}

/** All weights of a model. */
export interface WeightStore {
  readonly parameters: readonly (Parameter & { readonly values: Float32Array })[];
  /** The same arrays as the program reads them. */
  readonly blocks: readonly Block[];
  readonly buffers: readonly (Parameter & { readonly values: Float32Array })[];
  readonly tables: ReadonlyMap<string, EmbeddingTable>;
  /** One array of all parameters' values, in their order; `null` if they are not contiguous. */
  readonly flat: Float32Array | null;
  /** Incremented at each change of parameters or buffers; all stores of a model on a thread share this object. */
  readonly changes: { count: number };
}

/** Creates zeroed arrays: in shared memory if several threads train the model. */
export type Memory = (length: number) => Float32Array;

const ownMemory: Memory = (length) => new Float32Array(length);

/**
 * Creates weights from the seed, or from given ones.
 * @throws EngineError with every weight that is missing or has another shape
 */
export function createWeights(
  plan: Plan,
  seed: number,
  initial: Weights | null,
  memory: Memory = ownMemory,
): WeightStore {
  const source = random(seed).fork("weights");
  const sizes = new Map(denseParameters(plan).map(({ name, shape }) => [name, count(shape)]));
  const flat = memory(sum([...sizes.values()]));
  let place = 0;
  const store = makeStore(plan, (parameter) => {
    const size = sizes.get(parameter.name);
    const values = size === undefined ? memory(count(parameter.shape)) : flat.subarray(place, place + size);
    place += size ?? 0;
    if (initial === null) fillInitial(parameter, source, values);
    return values;
  });
  if (initial !== null) writeWeights(store, initial);
  return store;
}

function makeStore(plan: Plan, valuesOf: (parameter: Parameter) => Float32Array): WeightStore {
  const tables = new Map<string, EmbeddingTable>();
  for (const size of tableSizes(plan.spec)) {
    const { table, parameter: name, dim } = size;
    const rows = requiredRows(size);
    const { initializer } = size;
    const named = initializer === null ? null : initialValues(initializer, rows, dim);
    const init = named ?? { kind: "uniform", bound: Math.sqrt(1 / rows) };
    tables.set(table, new EmbeddingTable(name, rows, dim, valuesOf({ name, shape: [rows, dim], init })));
  }
  const fill = (parameter: Parameter) => ({ ...parameter, values: valuesOf(parameter) });
  const parameters = denseParameters(plan).map(fill);
  const flat = joinedView(parameters.map(({ values }) => values));
  return {
    parameters,
    blocks: blocksOf(plan, parameters),
    buffers: buffers(plan).map(fill),
    tables,
    flat,
    changes: { count: 0 },
  };
}

function blocksOf(plan: Plan, parameters: WeightStore["parameters"]): Block[] {
  let [first, end] = [0, 0];
  return programParameters(plan).map(({ name, shape, parts }) => {
    const values = joinedView(parameters.slice(first, first + parts.length).map((part) => part.values));
    if (values === null) throw new Error(`the parameters in ${name} are not contiguous`);
    first += parts.length;
    end += values.length;
    return { name, shape, place: end - values.length, values, parts: parts.map((part) => part.name) };
  });
}

/** A view of arrays that are contiguous in memory; `null` if they are not. */
export function joinedView(arrays: readonly Float32Array[]): Float32Array | null {
  const [first] = arrays;
  if (first === undefined) return null;
  let end = first.byteOffset;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    if (buffer !== first.buffer || byteOffset !== end) return null;
    end += byteLength;
  }
  return new Float32Array(first.buffer, first.byteOffset, (end - first.byteOffset) / 4);
}

export function readWeights(store: WeightStore): Map<string, Weight> {
  return new Map(arrays(store).map(({ name, shape, values }) => [name, { shape, data: values.slice() }]));
}

export function writeWeights(store: WeightStore, weights: Weights): void {
  const problems = arrays(store).flatMap(({ name, shape, values }): Problem[] => {
    const weight = weights.get(name);
    if (weight === undefined) {
      if (name.endsWith(".num_batches_tracked")) return [];
      return [{ path: `weights["${name}"]`, message: "missing weight", fix: didYouMean(name, weights.keys()) }];
    }
    if (weight.data.length === values.length && count(weight.shape) === values.length) return [];
    const expected = `[${shape.join(", ")}]`;
    return [
      {
        path: `weights["${name}"]`,
        message: "the shape differs from the model's",
        received: `[${weight.shape.join(", ")}]`,
        expected,
      },
    ];
  });
  if (problems.length > 0) throw new EngineError(problems);
  for (const { name, values } of arrays(store)) {
    const weight = weights.get(name);
    if (weight !== undefined) values.set(weight.data);
  }
}

function arrays(store: WeightStore): { name: string; shape: readonly number[]; values: Float32Array }[] {
  const tables = [...store.tables.values()].map((t) => ({ name: t.name, shape: [t.rows, t.dim], values: t.values }));
  return [...tables, ...store.parameters, ...store.buffers];
}

/** @throws EngineError if a vocabulary file determines the rows */
function requiredRows({ features, rows }: TableSize): number {
  if (rows !== null) return rows;
  throw new EngineError({
    path: `features.${features[0]}`,
    message: "a vocabulary file determines the rows of this table, and this engine does not read vocabulary files",
    fix: "pass the vocabulary as a list, or use .hash(size)",
  });
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

export interface ModelArrays {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Moving averages of the dense optimiser's arrays; none unless `training.emaDecay` is set. */
  readonly averages: ReadonlyMap<string, Float32Array>;
}

/** Initial weights from a seed, or the given ones. @throws EngineError for given weights that do not fit */
export function createArrays(plan: Plan, seed: number, initial: Weights | null, memory?: Memory): ModelArrays {
  const store = createWeights(plan, seed, initial, memory);
  const weights = new Map(arrays(store).map(({ name, values }) => [name, values]));
  const averages = new Map<string, Float32Array>();
  if (plan.spec.training.emaDecay !== null) {
    const names = denseNames(plan, store);
    const flat = (memory ?? ownMemory)(sum(names.map((name) => weights.get(name)!.length)));
    let place = 0;
    for (const name of names) {
      const values = weights.get(name)!;
      const average = flat.subarray(place, place + values.length);
      average.set(values);
      averages.set(name, average);
      place += values.length;
    }
  }
  return { weights, averages };
}

/** The stores in such arrays: the weights for training, and those for predictions. */
export function storesIn(plan: Plan, { weights, averages }: ModelArrays): { trained: WeightStore; shown: WeightStore } {
  const trained = makeStore(plan, ({ name }) => weights.get(name)!);
  const problems = averageProblems(plan.spec);
  if (problems.length > 0) throw new EngineError(problems);
  if (!showsAverages(plan.spec)) return { trained, shown: trained };
  const averaged = makeStore(plan, ({ name }) => averages.get(name) ?? weights.get(name)!);
  return { trained, shown: { ...averaged, changes: trained.changes } };
}

/** The names of tables that training does not change: `trainable: false`, which the dense kernel there ignores. */
export function fixedTables({ spec }: Plan): ReadonlySet<string> {
  const ignored = spec.training.like === "torcheasyrec" ? denseTables(spec) : new Set<string>();
  return new Set(tableSizes(spec).flatMap(({ table, isTrained }) => (isTrained || ignored.has(table) ? [] : [table])));
}

/** The arrays of the dense optimiser: the dense parameters, and tables that a config's constraints assign to it. */
export function denseNames(plan: Plan, store: WeightStore): string[] {
  const fixed = fixedTables(plan);
  const dense = new Set([...denseTables(plan.spec)].filter((table) => !fixed.has(table)));
  return [
    ...store.parameters.map(({ name }) => name),
    ...[...store.tables].flatMap(([table, { name }]) => (dense.has(table) ? [name] : [])),
  ];
}

/** The number of vectors to read before the first is used. Many scattered reads at once take half the time. */
export const preloadRows = 64;

/** The results are stored here, since V8 would remove reads without a stored result. */
const result = new Float64Array(1);

/** Reads the first number of the vectors at these places; negative places are none. */
export function preload(values: Float32Array, dim: number, places: Int32Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i]!;
    if (place >= 0) sum += values[place * dim]!;
  }
  result[0] = sum;
}

export function preloadInts(values: Int32Array, places: Int32Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i]!;
    if (place >= 0) sum += values[place]!;
  }
  result[0] = sum;
}
