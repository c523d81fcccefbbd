/** Writes named arrays, including integers, as safetensors files for bench/torch/arrays.py. */
import { writeFileSync } from "node:fs";

/** An array with its shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Writes arrays to a file. */
export function writeArrays(file: string, arrays: ReadonlyMap<string, NamedArray>): void {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, { shape, data }] of arrays) {
    const dtype = data instanceof Int32Array ? "I32" : "F32";
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.concat([text, Buffer.alloc((8 - (text.byteLength % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.byteLength));
  const parts = [...arrays.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  writeFileSync(file, Buffer.concat([length, head, ...parts]));
}
