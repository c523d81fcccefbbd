/** Elementwise float32 loops in WebAssembly, four at a time; parts of the arrays are copied to a small memory. */
import { getOrMake } from "../../util/growing.js";

/** Parses formulas such as `m = m + add * (gradient - m)`, with sqrt, min and max, for a stack machine. */

/** Arrays of [size], scalars, and lines that assign to arrays or to new names. */
export interface Formula<Arrays extends string = string, Scalars extends string = string> {
  readonly arrays: readonly Arrays[];
  readonly scalars: readonly Scalars[];
  /**
   * The lines in order. A false one is omitted, so that a variant reads `decay !== 0 && "g = gradient + decay *
   * value"`.
   */
  readonly lines: readonly (string | false)[];
}

export type Operation = "+" | "-" | "*" | "/" | "sqrt" | "min" | "max";

/** Pushes a name's value, pops a number into a name, or computes. */
export type Instruction = { readonly get: string } | { readonly set: string } | Operation;

const operands: Readonly<Record<string, number>> = { sqrt: 1, min: 2, max: 2 };

/** @throws SyntaxError with the line that is invalid or uses a name before its assignment */
export function parseFormula({ arrays, scalars, lines }: Formula): Instruction[] {
  const names = new Set<string>([...arrays, ...scalars]);
  return lines
    .filter((line) => line !== false)
    .flatMap((line) => {
      const instructions = readLine(line, names);
      names.add(line.split("=", 1)[0]!.trim());
      return instructions;
    });
}

function readLine(line: string, names: ReadonlySet<string>): Instruction[] {
  const words = line.match(/\w+|\S/g) ?? [];
  const instructions: Instruction[] = [];
  const fail = (): never => {
    throw new SyntaxError(`not a formula of ${[...names].join(", ")}: ${line}`);
  };
  const expect = (symbol: string) => words.shift() === symbol || fail();
  const chain = (operations: readonly string[], operand: () => void): void => {
    operand();
    while (operations.includes(words[0]!)) {
      const operation = words.shift() as Operation;
      operand();
      instructions.push(operation);
    }
  };
  const sum = (): void => chain(["+", "-"], () => chain(["*", "/"], operand));
  const operand = (): void => {
    const word = words.shift() ?? "";
    const isCall = Object.hasOwn(operands, word);
    if (word !== "(" && !isCall) {
      instructions.push(names.has(word) ? { get: word } : fail());
      return;
    }
    for (let i = 0; i < (isCall ? operands[word]! : 1); i++) {
      if (isCall) expect(i === 0 ? "(" : ",");
      sum();
    }
    expect(")");
    if (isCall) instructions.push(word as Operation);
  };
  const name = words.shift() ?? "";
  expect("=");
  sum();
  if (!/^\w+$/.test(name) || words.length > 0) fail();
  return [...instructions, { set: name }];
}

/** The module of a formula, rounded as Math.fround does. Format: https://webassembly.github.io/spec/core/binary/ */

/** The byte offsets of the formula's scalars and arrays in the imported memory, in the formula's order. */
export interface Layout {
  /** Scalars are stored contiguously, four bytes each. */
  readonly scalars: number;
  readonly arrays: readonly number[];
}

const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const section = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const [i32, v128, functionType, emptyBlock] = [0x7f, 0x7b, 0x60, 0x40];
const [loop, end, branchIf, localGet, localSet, localTee, i32Const, i32Less, i32Add] = [
  0x03, 0x0b, 0x0d, 0x20, 0x21, 0x22, 0x41, 0x49, 0x6a,
] as const;
const vector = { load: 0x00, splat: 0x09, store: 0x0b };
const operations: Readonly<Record<Operation, number>> = {
  sqrt: 0xe3,
  "+": 0xe4,
  "-": 0xe5,
  "*": 0xe6,
  "/": 0xe7,
  min: 0xe8,
  max: 0xe9,
};
/** Local variables that are not vectors: the function's argument, and the current offset. */
const [bytes, place] = [0, 1];

/** The bytes of a module that imports `"" "memory"` and exports `run(bytes)`, `bytes` above zero. */
export function assemble(formula: Formula, layout: Layout): Uint8Array<ArrayBuffer> {
  const instructions = parseFormula(formula);
  const names = assignedNames(formula, instructions);
  const locals = new Map(names.map((name, index): [string, number] => [name, index + 2]));
  const body = [
    ...list([
      [1, i32],
      [...unsigned(names.length), v128],
    ]),
    ...code(formula, layout, instructions, locals),
    end,
  ];
  const [asMemory, atLeast, pages, asFunction] = [0x02, 0x00, 1, 0x00];
  return Uint8Array.from([
    ...magic,
    ...sized(section.type, list([[functionType, ...list([[i32]]), ...list([])]])),
    ...sized(section.import, list([[...text(""), ...text("memory"), asMemory, atLeast, pages]])),
    ...sized(section.function, list([[0]])),
    ...sized(section.export, list([[...text("run"), asFunction, 0]])),
    ...sized(section.code, list([[...unsigned(body.length), ...body]])),
  ]);
}

/** Scalars and arrays are loaded into local variables, the scalars once; assigned arrays are stored. */
function code(
  { arrays, scalars }: Formula,
  layout: Layout,
  instructions: readonly Instruction[],
  locals: ReadonlyMap<string, number>,
): number[] {
  const local = (name: string) => unsigned(locals.get(name)!);
  const access = (operation: number, at: number) => [0xfd, operation, 2, ...unsigned(at)];
  const used = (name: string) => locals.has(name);
  const assigned = (name: string) =>
    instructions.some((step) => typeof step === "object" && "set" in step && step.set === name);
  const from = (name: string) => layout.arrays[arrays.indexOf(name)]!;
  return [
    ...scalars
      .filter(used)
      .flatMap((name) => [
        i32Const,
        0,
        ...access(vector.splat, layout.scalars + 4 * scalars.indexOf(name)),
        localSet,
        ...local(name),
      ]),
    loop,
    emptyBlock,
    ...arrays
      .filter(used)
      .flatMap((name) => [localGet, place, ...access(vector.load, from(name)), localSet, ...local(name)]),
    ...instructions.flatMap((step) => {
      if (typeof step === "string") return [0xfd, ...unsigned(operations[step])];
      return "get" in step ? [localGet, ...local(step.get)] : [localSet, ...local(step.set)];
    }),
    ...arrays
      .filter(assigned)
      .flatMap((name) => [localGet, place, localGet, ...local(name), ...access(vector.store, from(name))]),
    localGet,
    place,
    i32Const,
    16,
    i32Add,
    localTee,
    place,
    localGet,
    bytes,
    i32Less,
    branchIf,
    0,
    end,
  ];
}

function assignedNames({ arrays, scalars }: Formula, instructions: readonly Instruction[]): string[] {
  const occur = new Set(
    instructions.flatMap((step) => (typeof step === "string" ? [] : ["get" in step ? step.get : step.set])),
  );
  return [...new Set([...scalars, ...arrays, ...occur])].filter((name) => occur.has(name));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  return list([...Buffer.from(value)].map((byte) => [byte]));
}

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

/** Elements of each array in the scratch memory at a time. Fewer cost more calls, more exceed the cache. */
const chunk = 8192;
const [maxArrays, maxScalars, pageBytes] = [6, 64, 65536] as const;

/** A kernel, compiled at its first run. Kernels with the same formula share the code. */
export function kernel<Arrays extends string, Scalars extends string>(
  formula: Formula<Arrays, Scalars>,
): Kernel<Arrays, Scalars> {
  let compiled: Compiled | null = null;
  return (arrays, scalars) => {
    compiled ??= getOrMake(cache, JSON.stringify(formula), () => runner(formula));
    compiled(arrays, scalars);
  };
}

type Compiled = (arrays: Readonly<Record<string, Float32Array>>, scalars: Readonly<Record<string, number>>) => void;

/** The thread's scratch memory. It never grows, so that its views stay valid. */
let scratch: ReturnType<typeof makeScratch> | null = null;
const cache = new Map<string, Compiled>();

function makeScratch() {
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

const plain = kernel({ arrays: ["sum", "other"], scalars: [], lines: ["sum = sum + other"] });
const scaled = kernel({ arrays: ["sum", "other"], scalars: ["factor"], lines: ["sum = sum + factor * other"] });

/** sum += factor · other, in float32: the product is rounded, then the sum. @throws RangeError for different sizes */
export function addInto(sum: Float32Array, other: Float32Array, factor = 1): void {
  if (factor === 1) plain({ sum, other }, {});
  else scaled({ sum, other }, { factor });
}
