/**
 * Assembles the WebAssembly module of a formula: one function with a number of bytes as its argument, which computes
 * the formula for four float32 elements at a time until it has processed that many bytes of each array. Each vector
 * operation rounds to float32 like Math.fround of the same operation on doubles. Binary format:
 * https://webassembly.github.io/spec/core/binary/
 */
import { type Formula, type Instruction, type Operation, parseFormula } from "./formula.js";

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
        ...[i32Const, 0],
        ...access(vector.splat, layout.scalars + 4 * scalars.indexOf(name)),
        ...[localSet, ...local(name)],
      ]),
    ...[loop, emptyBlock],
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
    ...[localGet, place, i32Const, 16, i32Add, localTee, place],
    ...[localGet, bytes, i32Less, branchIf, 0],
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
