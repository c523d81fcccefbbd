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
      return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]));
    },
    release: () => session.release(),
  };
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
