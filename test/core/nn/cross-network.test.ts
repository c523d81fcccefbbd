/** The cross network: the numbers of the paper's formula, and a layer that is saved, cached, served and averaged. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { crossLayers } from "../../../src/core/nn/cross-network.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { crossNetwork, layer, tf } from "../../../src/core/nn/public.js";
import type { CrossNetwork } from "../../../src/core/spec/cross-network.js";
import { random } from "../../../src/core/util/random.js";
import { dataset, idFeature, loadModel, loadRun, pepnet, type Run, rawFeature } from "../../../src/index.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-cross-"));
vi.stubEnv("PEPNET_CACHE", path.join(folder, "cache"));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

type Numbers = Readonly<Record<string, number[][]>>;

/** The sum of the network's outputs, each with its own weight, in loops over numbers of 64 bits. */
function reference({ rank, layers }: CrossNetwork, numbers: Numbers): { outputs: number[][]; sum: number } {
  const start = numbers["x"]!;
  let x = start;
  for (let layer = 0; layer < layers; layer++) {
    const [down, up, bias] = ["down.weight", "up.weight", "up.bias"].map((name) => numbers[`${layer}.${name}`]!);
    x = x.map((row, at) =>
      row.map((value, column) => {
        let crossed = bias![0]![column]!;
        for (let k = 0; k < rank; k++) {
          let inner = 0;
          for (const [j, other] of row.entries()) inner += down![k]![j]! * other;
          crossed += up![column]![k]! * inner;
        }
        return start[at]![column]! * crossed + value;
      }),
    );
  }
  return { outputs: x, sum: x.flat().reduce((sum, value, at) => sum + value * ((at % 5) - 1.7), 0) };
}

const source = random(4);
const matrix = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => source.normal()));

test.each([
  [{ rank: 2, layers: 1 }, 3],
  [{ rank: 4, layers: 3 }, 3],
])("has the numbers and the gradient of plain loops: %j", (options, width) => {
  const network = crossNetwork(options);
  const numbers: Record<string, number[][]> = { x: matrix(4, width) };
  for (let layer = 0; layer < options.layers; layer++) {
    numbers[`${layer}.down.weight`] = matrix(options.rank, width);
    numbers[`${layer}.up.weight`] = matrix(width, options.rank);
    numbers[`${layer}.up.bias`] = matrix(1, width);
  }
  const names = Object.keys(numbers);
  const output = (tensors: readonly tf.Tensor[]): tf.Tensor2D => {
    const at = (name: string) => names.indexOf(name.replace("model.layers.cross.", ""));
    const feeds = { tensor: (name: string) => tensors[at(name)]!, has: (name: string) => at(name) >= 0 };
    return crossLayers(feeds as never, network, tensors[0] as tf.Tensor2D);
  };
  const tensors = names.map((name) =>
    name.endsWith("bias") ? tf.tensor1d(numbers[name]![0]!) : tf.tensor2d(numbers[name]!),
  );
  const expected = reference(network, numbers).outputs.flat();
  output(tensors)
    .dataSync()
    .forEach((value, at) => {
      expect(value / expected[at]!).toBeCloseTo(1, 4);
    });
  const weights = tf.tensor2d(
    expected.map((_, at) => (at % 5) - 1.7),
    [4, width],
  );
  const gradients = tf.grads((...each: tf.Tensor[]) => tf.sum(tf.mul(output(each), weights)))(tensors);
  for (const [at, name] of names.entries()) {
    const gradient = gradients[at]!.dataSync();
    numbers[name]!.flat().forEach((_, place) => {
      const [row, column] = [Math.floor(place / numbers[name]![0]!.length), place % numbers[name]![0]!.length];
      const moved = (step: number) => {
        const changed = numbers[name]!.map((values) => [...values]);
        changed[row]![column]! += step;
        return reference(network, { ...numbers, [name]: changed }).sum;
      };
      const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      expect(Math.abs(gradient[place]! - difference)).toBeLessThan(1e-3 * (1 + Math.abs(difference)));
    });
  }
});

/** The label is the sign of a product of numbers, which neither tells alone. */
function products(count: number, seed = 1): { a: number; b: number; c: number; scene: number; y: number }[] {
  const draws = random(seed);
  return Array.from({ length: count }, () => {
    const [a, b, c] = [draws.normal(), draws.normal(), draws.normal()];
    return { a, b, c, scene: draws.integer(3), y: Number(draws.uniform() < 1 / (1 + Math.exp(-3 * a * b))) };
  });
}

const plain = pepnet()
  .features(...["a", "b", "c"].map((name) => rawFeature(name).zscore()), idFeature("scene").buckets(3).embedding(4))
  .labels("y")
  .group("domain", ["scene"])
  .epnet()
  .tower("y", (t) => t.label("y").bce().auc())
  .train({ batchSize: 64, epochs: 2 });
const crossed = plain.layer(crossNetwork({ rank: 3 }));
const rows = products(1500);
const validation = products(500, 2);
const quiet = { validation, quiet: true } as const;

const logits = async (run: Pick<Run, "predict">): Promise<number[]> =>
  Array.from((await (await run.predict(await dataset(validation))).table.column("logits_y")) as number[]);

const auc = (run: Run): number => run.evaluation!.tasks[0]!.overall.auc!;

test("tells a product of two numbers to a tower without hidden layers", async () => {
  const long = { ...quiet, epochs: 20 };
  const linear = pepnet()
    .features(rawFeature("a").zscore(), rawFeature("b").zscore())
    .labels("y")
    .tower("y", (t) => t.label("y").bce().auc())
    .train({ batchSize: 64 });
  expect(auc(await linear.fit(rows, long))).toBeLessThan(0.6);
  expect(auc(await linear.layer(crossNetwork()).fit(rows, long))).toBeGreaterThan(0.75);
});

test.each([1, 2])("trains compiled as it does eagerly, on %i threads", async (threads) => {
  const [compiled, eager] = [
    await crossed.fit(rows, { ...quiet, threads }),
    await crossed.fit(rows, { ...quiet, engine: "cpu" }),
  ];
  const [here, there] = [await logits(compiled), await logits(eager)];
  here.forEach((value, row) => {
    expect(value).toBeCloseTo(there[row]!, 3);
  });
  const up = (await compiled.weights()).get("model.layers.cross.1.up.weight")!;
  expect(up.shape).toEqual([7, 3]);
  expect(up.data.some((value) => Math.abs(value) > 1e-3)).toBe(true);
});

test("an untrained one returns its input, and its matrices count", async () => {
  const options = { ...quiet, steps: 1 } as const;
  const { modules, denseParameters } = modelSize(crossed.spec);
  const size = 2 * (3 * 7 + 7 * 3 + 7);
  expect(modules.find(({ module }) => module === "layers.cross")).toMatchObject({
    output: 7,
    parameters: size,
    flopsPerRow: 2 * (size - 14),
  });
  expect(denseParameters - modelSize(plain.spec).denseParameters).toBe(size);
  const [one, two] = [await crossed.fit(rows, options), await plain.fit(rows, options)];
  expect(one.history.points[0]!.loss).toBeCloseTo(two.history.points[0]!.loss, 6);
});

test("a saved run has all of it, also beside a layer of the user's own", async () => {
  const doubled = layer("doubled", { apply: (x) => tf.mul(x, 2) });
  const run = await crossed.fit(rows, quiet);
  await run.save(path.join(folder, "run"));
  const again = await loadRun(path.join(folder, "run"));
  expect(again.spec.layers).toEqual([{ kind: "cross", name: "cross", rank: 3, layers: 2 }]);
  expect(await logits(again)).toEqual(await logits(run));
  const both = await plain
    .layer(doubled)
    .layer(crossNetwork({ name: "second" }))
    .fit(rows, quiet);
  await both.save(path.join(folder, "both"));
  await expect(loadRun(path.join(folder, "both"))).rejects.toThrow(/received: no layers[\s\S]*the layers "doubled"/);
  expect(await logits(await loadRun(path.join(folder, "both"), { layers: [doubled] }))).toEqual(await logits(both));
});

test("comes from the cache, trained anew if a size changes", async () => {
  const run = await crossed.fit(rows, { ...quiet, cache: true });
  const [same, other] = [
    await crossed.fit(rows, { ...quiet, cache: true }),
    await plain.layer(crossNetwork({ rank: 4 })).fit(rows, { ...quiet, cache: true }),
  ];
  const isCached = ({ fromCache }: Run) => fromCache !== null;
  expect([run, same, other].map(isCached)).toEqual([false, true, false]);
  expect(await logits(same)).toEqual(await logits(run));
});

test("an exported model predicts the same, also the mean of several seeds", async () => {
  for (const seeds of [1, 2]) {
    const run = await crossed.fit(rows, { ...quiet, seeds });
    const place = path.join(folder, `served-${seeds}`);
    await run.export(place);
    const served = (await (await (await loadModel(place)).predict(validation)).toRows()) as { logits_y: number }[];
    for (const [row, value] of (await logits(run)).entries()) expect(served[row]!.logits_y).toBeCloseTo(value, 4);
  }
});

test("TorchEasyRec has none: toConfig() says so, and its fix works as typed", async () => {
  const bare = await plain.domains("scene", 3).fitFeatures(rows);
  const model = bare.layer(crossNetwork());
  let text = "";
  try {
    model.toConfig();
  } catch (error) {
    text = (error as Error).message;
  }
  expect(text).toContain('TorchEasyRec\'s PEPNet has no layer "cross": it is a cross network');
  const fix = /model\.withoutLayer\("cross"\)/.exec(text)![0];
  const without = new Function("model", `return ${fix}`)(model) as typeof model;
  expect(without.spec.layers).toEqual([]);
  expect(without.toConfig()).toBe(bare.toConfig());
});

test("wrong sizes, options and names are refused", () => {
  expect(() => crossNetwork({ rank: 0 })).toThrow(/crossNetwork\.rank: number out of range[\s\S]*≥ 1/);
  expect(() => crossNetwork({ layers: 1.5 })).toThrow(/crossNetwork\.layers/);
  expect(() => crossNetwork({ depth: 2 } as never)).toThrow(/unknown setting "depth"[\s\S]*"layers"/);
  expect(() => crossed.layer(crossNetwork())).toThrow(/duplicate layer "cross"/);
  expect(() => crossed.withoutLayer("cros")).toThrow(/unknown layer "cros"[\s\S]*did you mean "cross"/i);
});
