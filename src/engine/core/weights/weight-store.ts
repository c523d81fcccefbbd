/** All weights of a model: dense parameters, buffers and embedding tables, by TorchEasyRec's names. */
import { EngineError, type Problem } from "../../../errors/index.js";
import { buffers, denseParameters, fillInitial, type Parameter, type Plan } from "../../../nn/plan/index.js";
import { initialValues, type TableSize, tableSizes } from "../../../spec/index.js";
import { random } from "../../../util/random.js";
import { didYouMean } from "../../../util/text/near.js";
import type { Weight, Weights } from "../../engine.js";
import { EmbeddingTable } from "./table.js";

export interface WeightStore {
  readonly parameters: readonly (Parameter & { readonly values: Float32Array })[];
  readonly buffers: readonly (Parameter & { readonly values: Float32Array })[];
  readonly tables: ReadonlyMap<string, EmbeddingTable>;
  /** Incremented at each change of parameters or buffers; all stores of a model on a thread share this object. */
  readonly changes: { count: number };
}

/** Creates zeroed arrays: in shared memory if several threads train the model. */
export type Memory = (length: number) => Float32Array;

const ownMemory: Memory = (length) => new Float32Array(length);

/** From the seed, or the given ones. @throws EngineError with every weight that is missing or has another shape. */
export function createWeights(
  plan: Plan,
  seed: number,
  initial: Weights | null,
  memory: Memory = ownMemory,
): WeightStore {
  const source = random(seed).fork("weights");
  const store = makeStore(plan, (parameter) => {
    const values = memory(count(parameter.shape));
    if (initial === null) fillInitial(parameter, source, values);
    return values;
  });
  if (initial !== null) writeWeights(store, initial);
  return store;
}

export function weightsFrom(plan: Plan, values: ReadonlyMap<string, Float32Array>): WeightStore {
  return makeStore(plan, ({ name }) => values.get(name)!);
}

export function arraysByName(store: WeightStore): Map<string, Float32Array> {
  return new Map(arrays(store).map(({ name, values }) => [name, values]));
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
  const changes = { count: 0 };
  return { parameters: denseParameters(plan).map(fill), buffers: buffers(plan).map(fill), tables, changes };
}

/** The same model with some arrays replaced by name; the others are shared. */
export function storeWith(store: WeightStore, others: ReadonlyMap<string, Float32Array>): WeightStore {
  if (others.size === 0) return store;
  const tables = [...store.tables].map(([key, table]): [string, EmbeddingTable] => {
    const values = others.get(table.name);
    return [key, values === undefined ? table : new EmbeddingTable(table.name, table.rows, table.dim, values)];
  });
  return {
    parameters: store.parameters.map((p) => ({ ...p, values: others.get(p.name) ?? p.values })),
    buffers: store.buffers,
    tables: new Map(tables),
    changes: store.changes,
  };
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
