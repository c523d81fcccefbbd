import * as ort from "onnxruntime-node";
import type { Compiled } from "../../jit/compile.js";
import type { Feed, RunInputs } from "../core/outputs.js";
import { sessionOptions } from "./onnxruntime.js";

export interface Session {
  run(inputs: RunInputs): Promise<Map<string, Float32Array>>;
  release(): Promise<void>;
}

type Copy = { readonly tensor: ort.Tensor; version: number | undefined };

export async function createSession(program: Compiled, threads: number): Promise<Session> {
  const session = await ort.InferenceSession.create(program.bytes, sessionOptions(threads));
  const copies = new Map<string, Copy>();
  return {
    async run(inputs) {
      const results = await session.run(ortFeeds(program.inputs, inputs, copies));
      return outputsOf(results, (values) => values);
    },
    release: () => session.release(),
  };
}

/** One run of the joined program for several variants. */
export type JoinedSession = Pick<Session, "release"> & {
  run(variants: readonly RunInputs[]): Promise<Map<string, Float32Array>[]>;
};

export async function createJoinedSession(program: Compiled, threads: number): Promise<JoinedSession> {
  const session = await ort.InferenceSession.create(program.bytes, sessionOptions(threads));
  const copies = new Map<string, Copy>();
  const arrays = new Map<string, Feed["data"]>();
  const shared = new Set(program.shared);
  return {
    async run(variants) {
      const [{ feeds, sizes }] = variants as [RunInputs];
      const stacked = new Map(
        program.inputs.flatMap((name): [string, Feed][] => {
          const feed = feeds.get(name);
          if (feed === undefined) return [];
          return [[name, shared.has(name) ? feed : stack(name, variants, arrays)]];
        }),
      );
      const results = await session.run(ortFeeds(program.inputs, { feeds: stacked, sizes }, copies));
      return variants.map((_, place) => outputsOf(results, (values) => part(values, place, variants.length)));
    },
    release: () => session.release(),
  };
}

/** @param part a variant's part of an output */
function outputsOf(
  results: ort.InferenceSession.OnnxValueMapType,
  part: (values: Float32Array) => Float32Array,
): Map<string, Float32Array> {
  return new Map(Object.entries(results).map(([name, { data }]) => [name, part(data as Float32Array)]));
}

/** The variants' arrays one after the other, in an array that is kept. */
function stack(name: string, variants: readonly RunInputs[], arrays: Map<string, Feed["data"]>): Feed {
  const feeds = variants.map(({ feeds }) => feeds.get(name)!);
  const [{ dtype, shape, data: first }] = feeds as [Feed];
  const length = first.length * variants.length;
  const previous = arrays.get(name);
  const data = previous?.length === length ? previous : new (first.constructor as Float32ArrayConstructor)(length);
  arrays.set(name, data);
  feeds.forEach((feed, place) => {
    data.set(feed.data as Float32Array, place * first.length);
  });
  return { dtype, shape: [variants.length, ...shape], data };
}

function part(values: Float32Array, place: number, count: number): Float32Array {
  const length = values.length / count;
  return values.subarray(place * length, (place + 1) * length);
}

/** Whether several variants may share one run: the feeds that all share are the same, and the others of one size. */
export function isJoint(
  variants: readonly RunInputs[],
  { inputs, shared }: Pick<Compiled, "inputs" | "shared">,
): boolean {
  const [first, ...others] = variants as [RunInputs, ...RunInputs[]];
  const same = new Set(shared);
  return others.every(({ feeds, sizes }) =>
    inputs.every((name) => {
      const [a, b] = [first.feeds.get(name), feeds.get(name)];
      if (a === undefined || b === undefined) return String(first.sizes.get(name)) === String(sizes.get(name));
      return String(a.shape) === String(b.shape) && (!same.has(name) || Buffer.compare(bytes(a), bytes(b)) === 0);
    }),
  );
}

function bytes({ data }: Feed): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** onnxruntime does not accept shared memory, so such inputs are copied into cached arrays. */
function ortFeeds(
  names: readonly string[],
  { feeds, sizes }: RunInputs,
  copies: Map<string, Copy>,
): Record<string, ort.Tensor> {
  return Object.fromEntries(
    names.map((name): [string, ort.Tensor] => {
      const counts = sizes.get(name);
      if (counts !== undefined)
        return [name, new ort.Tensor("int64", BigInt64Array.from(counts, BigInt), [counts.length])];
      const feed = feeds.get(name);
      if (feed === undefined) throw new Error(`the input ${name} of the program is missing`);
      if (feed.data.buffer instanceof SharedArrayBuffer) return [name, updateCopy(feed, name, copies)];
      return [name, new ort.Tensor(feed.dtype, feed.data as Float32Array, feed.shape)];
    }),
  );
}

function updateCopy({ data, dtype, shape, version }: Feed, name: string, copies: Map<string, Copy>): ort.Tensor {
  const copy = copies.get(name);
  if (copy?.tensor.size !== data.length) {
    const tensor = new ort.Tensor(dtype, (data as Float32Array).slice(), shape);
    copies.set(name, { tensor, version });
    return tensor;
  }
  if (version === undefined || copy.version !== version) {
    (copy.tensor.data as Float32Array).set(data as Float32Array);
    copy.version = version;
  }
  return copy.tensor;
}
