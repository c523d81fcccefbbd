/** The memory that training a model needs, with the arithmetic. */
import { type Problem, SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/model.js";
import { tableSizes } from "../../spec/sizes.js";
import { denseTables } from "../../spec/table-placement.js";
import { type DenseOptimizerSpec, mostBatchRows, type SparseOptimizerSpec } from "../../spec/training.js";
import { grouped, size } from "../../util/text.js";
import { modelSize } from "./size.js";

/** One consumer of memory, with the arithmetic of its bytes. */
export interface MemoryItem {
  readonly what: string;
  readonly bytes: number;
  /** The arithmetic, such as `1,000,000 rows × 16 × 4 bytes × 2 (weights, adagrad)`. */
  readonly arithmetic: string;
}

/** The most rows of a table, since ids are Int32. */
const mostTableRows = 2 ** 31 - 1;

/** The minimum memory of training: without activations and data; tables whose rows a file determines count 0. */
export function memoryNeeded(spec: ModelSpec): readonly MemoryItem[] {
  const { training } = spec;
  const dense = denseTables(spec);
  const average = training.emaDecay === null ? [] : ["average"];
  const sums = training.gradientAccumulation > 1 ? ["gradient sum"] : [];
  const denseArrays = ["weights", "gradients", ...sums, ...average, ...denseSlots(training.dense)];
  const tables = tableSizes(spec).flatMap(({ table, rows, dim }): MemoryItem[] => {
    if (rows === null) return [];
    const arrays = dense.has(table) ? denseArrays : ["weights", ...sparseSlots(training.sparse)];
    return [item(`table ${table}`, { rows, "": dim }, arrays)];
  });
  const { denseParameters, groupDims } = modelSize(spec);
  const columns = Object.values(groupDims).reduce<number>((sum, dim) => sum + (dim ?? 0), 0);
  return [
    ...tables,
    item("dense parameters", { parameters: denseParameters }, denseArrays),
    item("inputs of a batch", { rows: mostBatchRows(training), columns }, ["values", "gradients"]),
  ];
}

/** @throws SpecError with the arithmetic if a model does not fit into these bytes, or a table has more rows than ids */
export function assertFits(spec: ModelSpec, available: number): void {
  const items = memoryNeeded(spec);
  const total = items.reduce((sum, { bytes }) => sum + bytes, 0);
  const problems = tableSizes(spec).flatMap(({ table, rows }): Problem[] => {
    if (rows === null || rows <= mostTableRows) return [];
    const expected = `at most ${grouped(mostTableRows)}: ids are 32-bit integers`;
    return [{ path: `table ${table}`, message: "too many rows", received: grouped(rows), expected, fix: smaller }];
  });
  if (total > available) {
    const largest = [...items].sort((a, b) => b.bytes - a.bytes).filter(({ bytes }) => bytes > 0.01 * total);
    const lines = largest.map(({ what, bytes, arithmetic }) => `${what}: ${arithmetic} = ${size(bytes)}`);
    problems.push({
      path: "memory",
      message: "this model does not fit into this machine's memory; nothing was allocated",
      received: [`at least ${size(total)}`, ...lines].join("\n    "),
      expected: `at most ${size(available)}`,
      fix: smaller,
    });
  }
  if (problems.length > 0) throw new SpecError(problems);
}

const smaller =
  "hash into fewer rows (.hash(n)), use smaller embeddings or rowwise_adagrad (one number per row), or train on a cluster: model.toConfig()";

/** An item with its arithmetic. @param factors numbers by their unit */
function item(what: string, factors: Readonly<Record<string, number>>, arrays: readonly string[]): MemoryItem {
  const bytes = Object.values(factors).reduce((product, size) => product * size, 4) * arrays.length;
  const terms = Object.entries(factors).map(([unit, size]) => `${grouped(size)}${unit && ` ${unit}`}`);
  return { what, bytes, arithmetic: `${terms.join(" × ")} × 4 bytes × ${arrays.length} (${arrays.join(", ")})` };
}

const adamState = ["adam's first moment", "second moment"];

function denseSlots(optimizer: DenseOptimizerSpec): string[] {
  const { kind } = optimizer;
  if (kind === "sgd") return optimizer.momentum === 0 ? [] : ["momentum"];
  if (kind === "adam" || kind === "adamw") return [...adamState, ...(optimizer.amsgrad ? ["largest"] : [])];
  return kind === "adadelta" ? ["square average", "accumulated update"] : [kind];
}

function sparseSlots({ kind }: SparseOptimizerSpec): string[] {
  if (kind === "adam") return adamState;
  if (kind === "partial_rowwise_adam") return adamState.slice(0, 1);
  return kind === "adagrad" ? ["adagrad"] : [];
}
