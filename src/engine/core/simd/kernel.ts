/**
 * Elementwise float32 loops over arrays in WebAssembly with vectors of four: the optimisers, averages and sums of
 * dense parameters. The arrays may be in memory of any kind: a part of each at a time is copied to a scratch memory
 * that fits into the processor's cache, and assigned arrays are copied back.
 *
 * ```ts
 * const multiply = kernel({ arrays: ["values"], scalars: ["scale"], lines: ["values = values * scale"] });
 * multiply({ values }, { scale: 0.5 });
 * ```
 */
import { assemble, type Layout } from "./assemble.js";
import { type Formula, parseFormula } from "./formula.js";

/** Scalars are rounded to float32; unused arrays are ignored. @throws RangeError if the arrays' sizes differ. */
export type Kernel<Arrays extends string, Scalars extends string> = (
  arrays: Readonly<Record<Arrays, Float32Array>>,
  scalars: Readonly<Record<Scalars, number>>,
) => void;

/** The part of WebAssembly's interface that the `lib` of src lacks. */
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (
    module: object,
    imports: Record<string, Record<string, object>>,
  ) => { readonly exports: { run(bytes: number): void } };
};

/** Elements of each array in the scratch memory at a time: fewer cost more calls, more exceed the cache. */
const chunk = 8192;
const [maxArrays, maxScalars, pageBytes] = [6, 64, 65536] as const;

/** A kernel, compiled at its first run. Kernels with the same formula share the code. */
export function kernel<Arrays extends string, Scalars extends string>(
  formula: Formula<Arrays, Scalars>,
): Kernel<Arrays, Scalars> {
  let compiled: Compiled | null = null;
  return (arrays, scalars) => {
    compiled ??= compile(formula);
    compiled(arrays, scalars);
  };
}

type Compiled = (arrays: Readonly<Record<string, Float32Array>>, scalars: Readonly<Record<string, number>>) => void;

/** The thread's scratch memory. It never grows, so that its views stay valid. */
interface Scratch {
  readonly memory: object;
  readonly layout: Layout;
  readonly scalars: Float32Array;
  readonly arrays: readonly Float32Array[];
}

let scratch: Scratch | null = null;
const cache = new Map<string, Compiled>();

function makeScratch(): Scratch {
  const head = 4 * maxScalars;
  const pages = Math.ceil((head + maxArrays * chunk * 4) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const starts = Array.from({ length: maxArrays }, (_, k) => head + k * chunk * 4);
  return {
    memory,
    layout: { scalars: 0, arrays: starts },
    scalars: new Float32Array(memory.buffer, 0, maxScalars),
    arrays: starts.map((start) => new Float32Array(memory.buffer, start, chunk)),
  };
}

function compile(formula: Formula): Compiled {
  const key = JSON.stringify([formula.arrays, formula.scalars, formula.lines]);
  const compiled = cache.get(key) ?? runner(formula);
  cache.set(key, compiled);
  return compiled;
}

function runner(formula: Formula): Compiled {
  if (formula.arrays.length > maxArrays || formula.scalars.length > maxScalars)
    throw new RangeError(`a kernel has at most ${maxArrays} arrays and ${maxScalars} scalars`);
  scratch ??= makeScratch();
  const { memory, layout, scalars: scratchScalars, arrays: scratchArrays } = scratch;
  const module = new WebAssembly.Module(assemble(formula, layout));
  const { run } = new WebAssembly.Instance(module, { "": { memory } }).exports;
  const [read, written] = mentioned(formula);
  return (arrays, scalars) => {
    formula.scalars.forEach((name, k) => {
      scratchScalars[k] = scalars[name]!;
    });
    const sources = read.map((k) => arrays[formula.arrays[k]!]!);
    const targets = written.map((k) => arrays[formula.arrays[k]!]!);
    const size = sameSize([...sources, ...targets]);
    for (let at = 0; at < size; at += chunk) {
      const count = Math.min(chunk, size - at);
      for (let i = 0; i < read.length; i++) scratchArrays[read[i]!]!.set(sources[i]!.subarray(at, at + count));
      run(4 * count);
      for (let i = 0; i < written.length; i++) {
        const result = scratchArrays[written[i]!]!;
        targets[i]!.set(count === chunk ? result : result.subarray(0, count), at);
      }
    }
  };
}

/** Indices, in the formula's list, of the arrays that are read, and of those that are assigned. */
function mentioned(formula: Formula): [read: number[], written: number[]] {
  const places = formula.arrays.map((_, k) => k);
  const instructions = parseFormula(formula).filter((step) => typeof step === "object");
  const isMentioned = (how: "get" | "set") => (k: number) =>
    instructions.some((step) => (step as Partial<Record<"get" | "set", string>>)[how] === formula.arrays[k]);
  return [places.filter(isMentioned("get")), places.filter(isMentioned("set"))];
}

function sameSize(arrays: readonly Float32Array[]): number {
  const size = arrays[0]?.length ?? 0;
  if (arrays.some(({ length }) => length !== size))
    throw new RangeError(
      `arrays of one kernel must have the same size: ${arrays.map(({ length }) => length).join(", ")}`,
    );
  return size;
}
