import type * as tf from "../tfjs/index.js";
import { atOnce, type Work } from "../util/turns.js";
import type { DType, Graph } from "./graph/graph.js";
import { simplify } from "./graph/simplify.js";
import { assertRepeats, type Sentinel, unite } from "./graph/symbolic.js";
import type { SymbolSource } from "./lowering/emitter.js";
import { lower } from "./lowering/lower.js";
import { type OnnxGraph, type OnnxValue, writeOnnx } from "./lowering/onnx.js";
import { Refusal } from "./refusal.js";
import { registerTraceKernels } from "./trace/kernels.js";
import { traced, traceInput } from "./trace/trace-backend.js";

/** A program: named tensors and row counts in, named tensors out. */
export type TensorProgram = (
  tensors: ReadonlyMap<string, tf.Tensor>,
  sizes: ReadonlyMap<string, readonly number[]>,
) => Map<string, tf.Tensor>;

export interface InputDeclaration {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
}

/** Row counts passed as numbers, which add up to `total`. The compiled program reads them from an int64 input. */
export interface SizesDeclaration {
  readonly name: string;
  readonly symbols: readonly string[];
  readonly total: string;
}

export interface ProductDeclaration {
  readonly symbol: string;
  readonly factors: readonly [string, string];
}

export interface Compiled {
  readonly bytes: Uint8Array;
  /** The names of the inputs and sizes that the program reads; others do not affect its outputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** For any row counts, without pauses. @throws EngineError with the operation that cannot be traced or lowered. */
export function compile(
  program: TensorProgram,
  inputs: readonly InputDeclaration[],
  sizes: readonly SizesDeclaration[],
  products: readonly ProductDeclaration[] = [],
): Compiled {
  return atOnce(compiling(program, inputs, sizes, products));
}

/** {@link compile} with pauses, but not within a trace, which must not be interrupted. */
export function* compiling(
  program: TensorProgram,
  inputs: readonly InputDeclaration[],
  sizes: readonly SizesDeclaration[],
  products: readonly ProductDeclaration[] = [],
): Work<Compiled> {
  const graph = yield* lowering(program, inputs, sizes, products);
  yield;
  return {
    bytes: writeOnnx(graph),
    inputs: graph.inputs.map((input) => input.name),
    outputs: graph.outputs.map((output) => output.name),
  };
}

export function lowerProgram(
  program: TensorProgram,
  inputs: readonly InputDeclaration[],
  sizes: readonly SizesDeclaration[],
  products: readonly ProductDeclaration[] = [],
): OnnxGraph {
  return atOnce(lowering(program, inputs, sizes, products));
}

function* lowering(
  program: TensorProgram,
  inputs: readonly InputDeclaration[],
  sizes: readonly SizesDeclaration[],
  products: readonly ProductDeclaration[],
): Work<OnnxGraph> {
  registerTraceKernels();
  yield;
  const sentinels = chooseSentinels(inputs, sizes, products);
  const sources = symbolSources(inputs, sizes);
  // An input whose numbers are unused may still determine a row count.
  const extra: OnnxValue[] = [
    ...sizes.map(({ name, symbols }) => ({ name, type: "int64" as const, shape: [symbols.length] })),
    ...inputs.map(({ name, dtype, shape }) => ({ name, type: dtype, shape })),
  ];
  function* attempt(locate: boolean): Work<OnnxGraph> {
    const trace = (which: "first" | "second") => traceOnce(program, inputs, sizes, sentinels, which, locate);
    const first = trace("first");
    yield;
    if (locate) assertRepeats(first, trace("first"));
    const second = trace("second");
    yield;
    const united = simplify(unite(first, second, sentinels));
    yield;
    return lower(united, sources, extra);
  }
  try {
    return yield* attempt(false);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    yield* attempt(true); // trace again with the user's lines to find the place
    throw error;
  }
}

function traceOnce(
  program: TensorProgram,
  inputs: readonly InputDeclaration[],
  sizes: readonly SizesDeclaration[],
  sentinels: readonly Sentinel[],
  trace: "first" | "second",
  locate: boolean,
): Graph {
  const count = (dim: number | string): number =>
    typeof dim === "number" ? dim : sentinels.find(({ symbol }) => symbol === dim)![trace];
  return traced(() => {
    const tensors = new Map(inputs.map(({ name, dtype, shape }) => [name, traceInput(name, shape.map(count), dtype)]));
    return program(tensors, new Map(sizes.map(({ name, symbols }) => [name, symbols.map(count)])));
  }, locate);
}

/** Small primes, then highly composite numbers: a dependence on size or divisibility shows. */
function chooseSentinels(
  inputs: readonly InputDeclaration[],
  sizes: readonly SizesDeclaration[],
  products: readonly ProductDeclaration[],
): Sentinel[] {
  const [small, large] = [primes(229), primes(211)];
  const sentinels = new Map<string, Sentinel>();
  const add = (symbol: string) => {
    if (!sentinels.has(symbol)) sentinels.set(symbol, { symbol, first: small(), second: 120 * large() });
  };
  for (const { symbols, total } of sizes) {
    for (const symbol of symbols) add(symbol);
    const parts = symbols.map((symbol) => sentinels.get(symbol)!);
    sentinels.set(total, {
      symbol: total,
      first: parts.reduce((sum, part) => sum + part.first, 0),
      second: parts.reduce((sum, part) => sum + part.second, 0),
    });
  }
  const isProduct = (dim: string) => products.some(({ symbol }) => symbol === dim);
  for (const { shape } of inputs) {
    for (const dim of shape) if (typeof dim === "string" && !isProduct(dim)) add(dim);
  }
  for (const { symbol, factors } of products) {
    const [a, b] = factors.map((factor) => sentinels.get(factor)!) as [Sentinel, Sentinel];
    sentinels.set(symbol, { symbol, first: a.first * b.first, second: a.second * b.second });
  }
  return [...sentinels.values()];
}

function primes(from: number): () => number {
  let candidate = from;
  return () => {
    for (; ; candidate++) {
      let divisor = 2;
      while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
      if (divisor * divisor > candidate) return candidate++;
    }
  };
}

function symbolSources(
  inputs: readonly InputDeclaration[],
  sizes: readonly SizesDeclaration[],
): Map<string, SymbolSource> {
  const sources = new Map<string, SymbolSource>();
  for (const { name, symbols } of sizes)
    for (const [index, symbol] of symbols.entries()) sources.set(symbol, { kind: "entry", input: name, index });
  for (const { name, shape } of inputs) {
    shape.forEach((dim, axis) => {
      if (typeof dim === "string" && !sources.has(dim)) sources.set(dim, { kind: "dimension", input: name, axis });
    });
  }
  return sources;
}
