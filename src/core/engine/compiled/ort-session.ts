/** Sessions of onnxruntime that run compiled programs, for one model or for several variants at once. */
import * as ort from "onnxruntime-node";
import type { Compiled } from "../../jit/compile.js";
import { sameNumbers } from "../../util/numbers.js";
import type { Feed, RunInputs } from "../core/outputs.js";
import { sessionOptions } from "./onnxruntime.js";

export interface Session {
  run(inputs: RunInputs): Promise<Map<string, Float32Array>>;
  /** One run of a joined program for several variants; the outputs of each. */
  runAll(variants: readonly RunInputs[]): Promise<Map<string, Float32Array>[]>;
  release(): Promise<void>;
}

interface Copy {
  readonly tensor: ort.Tensor;
  version: number | undefined;
}

export async function createSession(program: Compiled, threads: number): Promise<Session> {
  const session = await ort.InferenceSession.create(program.bytes, sessionOptions(threads));
  const copies = new Map<string, Copy>();
  const arrays = new Map<string, Feed["data"]>();
  const apart = program.inputs.filter((name) => !program.shared.includes(name));
  const run = async (inputs: RunInputs, count: number) => {
    const results = Object.entries(await session.run(ortFeeds(program.inputs, inputs, copies)));
    return Array.from({ length: count }, (_, place) => {
      return new Map(results.map(([name, { data }]) => [name, part(data as Float32Array, place, count)]));
    });
  };
  return {
    run: async (inputs) => (await run(inputs, 1))[0]!,
    runAll(variants) {
      const [{ feeds, sizes }] = variants as [RunInputs];
      const stacks = apart.map((name): [string, Feed] => [name, stack(name, variants, arrays)]);
      return run({ feeds: new Map([...feeds, ...stacks]), sizes }, variants.length);
    },
    release: () => session.release(),
  };
}

/** Stacks the variants' arrays in an array that is reused. */
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

/** Whether several variants may share one run: their common feeds are the same, and the others have the same sizes. */
export function isJoint(
  variants: readonly RunInputs[],
  { inputs, shared }: Pick<Compiled, "inputs" | "shared">,
): boolean {
  const [first, ...others] = variants as [RunInputs, ...RunInputs[]];
  return others.every(({ feeds, sizes }) =>
    inputs.every((name) => {
      const [a, b] = [first.feeds.get(name), feeds.get(name)];
      if (a === undefined || b === undefined) return sameNumbers(first.sizes.get(name), sizes.get(name));
      if (a.data === b.data) return true;
      return sameNumbers(a.shape, b.shape) && (!shared.includes(name) || sameNumbers(a.data, b.data));
    }),
  );
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
