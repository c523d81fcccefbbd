/** Safetensors: the length of a JSON header, the header, the raw values; all read as float32 (also FP16 and int64). */
import type { Weights } from "../../engine/engine.js";
import { CheckpointError } from "../../errors/index.js";
import { isObject, type JsonObject } from "../../util/json.js";
import * as is from "../../util/shape.js";
import { clipped, parseJson, size } from "../../util/text.js";

const sizes = is.listOf(is.count);
const tensorEntry = is.object({
  dtype: is.text,
  shape: sizes,
  data_offsets: is.plain<readonly [number, number]>("two offsets", (value) => {
    return is.fits(value, sizes) && value.length === 2 && value[0]! <= value[1]!;
  }),
});

export function* safetensorsPieces(weights: Weights): Generator<Uint8Array> {
  const names = [...weights.keys()].sort();
  const header: Record<string, unknown> = Object.create(null); // any name is a key
  let offset = 0;
  for (const name of names) {
    const { shape, data } = weights.get(name)!;
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.concat([Buffer.alloc(8), text, Buffer.alloc((8 - (text.byteLength % 8)) % 8, " ")]);
  head.writeBigUInt64LE(BigInt(head.byteLength - 8), 0);
  yield head;
  for (const name of names) {
    const { data } = weights.get(name)!;
    if (data.byteLength > 0) yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
}

/** @throws CheckpointError for bytes that are truncated, not safetensors, or not of type F32, F16, BF16 or I64 */
export function decodeSafetensors(bytes: Uint8Array, place = "safetensors"): Weights {
  const header = readHeader(bytes, place);
  const start = 8 + header.length;
  assertApart(header.entries, place);
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, entry] of Object.entries(header.entries)) {
    if (name === "__metadata__") continue;
    const tensor = `tensor ${JSON.stringify(clipped(name))}`;
    if (!is.fits(entry, tensorEntry))
      throw broken(place, `${tensor} described as ${clipped(JSON.stringify(entry))}`, described);
    const [from, to] = entry.data_offsets;
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const type = types.get(entry.dtype);
    if (type === undefined) {
      throw new CheckpointError({
        path: place,
        message: "weights of this type are not supported",
        received: `${tensor} of type ${entry.dtype}`,
        expected: "F32, F16 or BF16, or I64 for the counters of batch norms",
        fix: "save them as float32: save_file({name: w.float() for name, w in weights.items()}, path)",
      });
    }
    const { width } = type;
    if (to - from !== count * width || start + to > bytes.byteLength) {
      const available = Math.max(0, Math.min(to, bytes.byteLength - start) - from);
      const shape = clipped(String(entry.shape));
      throw broken(place, `${tensor} of shape [${shape}] has ${available} bytes`, `${count * width} bytes`);
    }
    const raw = new Uint8Array(to - from); // a Buffer's slice would be a view of the whole file
    raw.set(bytes.subarray(start + from, start + to));
    weights.set(name, { shape: entry.shape, data: type.floats(raw.buffer) });
  }
  return weights;
}

/** Bytes per value of each type, and its values as float32, which holds all of them (of I64, small counters). */
const types: ReadonlyMap<string, { readonly width: number; readonly floats: (raw: ArrayBuffer) => Float32Array }> =
  new Map([
    ["F32", { width: 4, floats: (raw) => new Float32Array(raw) }],
    ["F16", { width: 2, floats: (raw) => Float32Array.from(new Uint16Array(raw), floatOfHalf) }],
    [
      "BF16",
      {
        width: 2,
        floats: (raw) => new Float32Array(Uint32Array.from(new Uint16Array(raw), (bits) => bits << 16).buffer),
      },
    ],
    ["I64", { width: 8, floats: (raw) => Float32Array.from(new BigInt64Array(raw), Number) }],
  ]);

const mostHeader = 100_000_000;

/** Rejects tensors that share bytes: otherwise a small file could fill the memory. */
function assertApart(entries: Readonly<Record<string, unknown>>, place: string): void {
  const parts = Object.entries(entries).flatMap(([name, entry]) =>
    name !== "__metadata__" && is.fits(entry, tensorEntry) && entry.data_offsets[1] > entry.data_offsets[0]
      ? [{ name, offsets: entry.data_offsets }]
      : [],
  );
  parts.sort((a, b) => a.offsets[0] - b.offsets[0]);
  const second = parts.find(({ offsets }, index) => index > 0 && offsets[0] < parts[index - 1]!.offsets[1]);
  if (second === undefined) return;
  const tensor = `tensor ${JSON.stringify(clipped(second.name))}`;
  throw broken(place, `${tensor} overlaps another one`, "tensors that do not overlap");
}

function readHeader(bytes: Uint8Array, place: string): { length: number; entries: JsonObject } {
  if (bytes.byteLength < 8) throw broken(place, `${bytes.byteLength} bytes`, "at least an 8-byte header");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  if (length > bytes.byteLength - 8)
    throw broken(place, `a header of ${length} bytes in ${bytes.byteLength}`, "a complete header");
  if (length > mostHeader) throw broken(place, `a header of ${size(length)}`, `at most ${size(mostHeader)}`);
  try {
    const entries: unknown = parseJson(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    if (!isObject(entries)) throw new Error("not an object");
    return { length, entries };
  } catch (cause) {
    throw broken(place, "a header that is not valid JSON", "a JSON header", cause);
  }
}

const described = "dtype, shape and data_offsets";

function broken(place: string, received: string, expected: string, cause?: unknown): CheckpointError {
  const fix = "the file is damaged or of another format: use the original copy";
  const message = "not a complete safetensors file";
  return new CheckpointError({ path: place, message, received, expected, fix, cause });
}

/** IEEE half precision: 1 sign bit, 5 bits of exponent, 10 of fraction. */
function floatOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
