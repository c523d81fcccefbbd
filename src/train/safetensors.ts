/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header with dtype, shape and offsets,
 * then the raw little-endian values. Float32, as TorchEasyRec's weights are; the counters of batch norms, which PyTorch
 * keeps as int64, are read as float32.
 */
import { readFile, writeFile } from "node:fs/promises";
import type { Weights } from "../engine/engine.js";
import { CheckpointError } from "../errors/index.js";

interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Serialises weights, in the order of their names. `metadata` goes into the header as text pairs. */
export function encodeSafetensors(weights: Weights, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const names = [...weights.keys()].sort();
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const name of names) {
    const { shape, data } = weights.get(name)!;
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.concat([text, Buffer.alloc((8 - (text.byteLength % 8)) % 8, " ")]);
  const bytes = new Uint8Array(8 + head.byteLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.byteLength), true);
  bytes.set(head, 8);
  let at = 8 + head.byteLength;
  for (const name of names) {
    const { data } = weights.get(name)!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads safetensors bytes.
 *
 * @param place names the file in errors
 * @throws CheckpointError where the bytes are truncated, not safetensors, or hold another type than F32 (or I64).
 */
export function decodeSafetensors(bytes: Uint8Array, place = "safetensors"): Weights {
  const header = readHeader(bytes, place);
  const start = 8 + header.length;
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, entry] of Object.entries(header.entries)) {
    if (name === "__metadata__") continue;
    const [from, to] = entry.data_offsets;
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const width = entry.dtype === "I64" ? 8 : 4;
    if (entry.dtype !== "F32" && entry.dtype !== "I64")
      throw broken(place, `tensor "${name}" has type ${entry.dtype}`, "F32");
    if (to - from !== count * width || start + to > bytes.byteLength) {
      throw broken(
        place,
        `tensor "${name}" of shape [${entry.shape}] has ${Math.min(to, bytes.byteLength - start) - from} bytes`,
        `${count * width} bytes`,
      );
    }
    const raw = new Uint8Array(to - from); // a Buffer's own slice would be a view of the whole file
    raw.set(bytes.subarray(start + from, start + to));
    const data = width === 4 ? new Float32Array(raw.buffer) : Float32Array.from(new BigInt64Array(raw.buffer), Number);
    weights.set(name, { shape: entry.shape, data });
  }
  return weights;
}

/** Reads a safetensors file. @throws CheckpointError as {@link decodeSafetensors} does, or where the file is missing. */
export async function readSafetensors(path: string): Promise<Weights> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CheckpointError(
      { path, message: "cannot read the weights", received: String((cause as Error).message), fix: "check the path" },
      { cause },
    );
  });
  return decodeSafetensors(bytes, path);
}

/** Writes weights as a safetensors file. @throws CheckpointError where it cannot be written. */
export async function writeSafetensors(path: string, weights: Weights): Promise<void> {
  await writeFile(path, encodeSafetensors(weights)).catch((cause: Error) => {
    const fix = "check that the folder is there and may be written to";
    throw new CheckpointError({ path, message: "cannot write the weights", received: cause.message, fix }, { cause });
  });
}

function readHeader(bytes: Uint8Array, place: string): { length: number; entries: Record<string, TensorEntry> } {
  if (bytes.byteLength < 8) throw broken(place, `${bytes.byteLength} bytes`, "at least an 8-byte header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.byteLength - 8)
    throw broken(place, `a header of ${length} bytes in ${bytes.byteLength}`, "a whole header");
  try {
    const entries: Record<string, TensorEntry> = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    return { length, entries };
  } catch (cause) {
    throw broken(place, "a header that is not JSON", "a JSON header", cause);
  }
}

function broken(place: string, received: string, expected: string, cause?: unknown): CheckpointError {
  const fix = "the file is damaged or of another kind: take the copy it was made from";
  return new CheckpointError(
    { path: place, message: "not a whole safetensors file", received, expected, fix },
    { cause },
  );
}
