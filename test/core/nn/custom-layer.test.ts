/** A layer of the user's own: plain TF.js, the same numbers on every engine, saved by its weights, refused by name. */

import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { loadRun } from "../../../src/api/model/load-run.js";
import { pepnet } from "../../../src/api/model/model.js";
import type { Run } from "../../../src/api/run/run.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import type { EngineName } from "../../../src/core/engine/engine.js";
import { layer } from "../../../src/core/nn/custom-layer.js";
import { detach as stopGradient } from "../../../src/core/nn/layers.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { tf } from "../../../src/core/nn/public.js";
import type { CustomLayer } from "../../../src/core/spec/layer.js";

const rows = 96;
const columns = {
  user: Int32Array.from({ length: rows }, (_, row) => row % 8),
  scene: Int32Array.from({ length: rows }, (_, row) => (row * 7) % 3),
  clk: Int32Array.from({ length: rows }, (_, row) => (row % 5 < 2 ? 1 : 0)),
};

const plain = pepnet()
  .features(idFeature("user").buckets(8).embedding(4), idFeature("scene").buckets(3).embedding(4))
  .labels("clk")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet()
  .ppnet({ hidden: [6] })
  .domains("scene", 3)
  .tower("click", (t) => t.label("clk").mlp(5).bce().auc())
  .train({ steps: 6, batchSize: 32, seed: 5 });

/** DCN-v2's cross layer, x₀ ⊙ (W x + b) + x. */
const cross = layer("cross", {
  parameters: ({ width }) => ({ weight: { shape: [width, width] }, bias: { shape: [width], init: 0.1 } }),
  apply: (x, { weight, bias }) => tf.add(tf.mul(x, tf.add(tf.matMul(x, weight as tf.Tensor2D, false, true), bias)), x),
});

/** FiBiNET's squeeze and excitation: a gate a field, from the means of all fields. */
const excite = layer("excite", {
  parameters: ({ fields }) => ({
    down: { shape: [fields.length, 1] },
    up: { shape: [1, fields.length], init: { uniform: 0.5 } },
  }),
  apply: (x, { down, up }, { fields }) => {
    const means = tf.concat(
      fields.map(({ start, width }) => tf.mean(tf.slice(x, [0, start], [-1, width]), 1, true)),
      1,
    ) as tf.Tensor2D;
    const gates = tf.sigmoid(tf.matMul(tf.relu(tf.matMul(means, down as tf.Tensor2D)), up as tf.Tensor2D));
    const parts = fields.map(({ start, width }, field) =>
      tf.mul(tf.slice(x, [0, start], [-1, width]), tf.mul(tf.slice(gates, [0, field], [-1, 1]), 2)),
    );
    return tf.concat(parts, 1);
  },
});

/** Attention between fields of one width, with the number of rows as a dimension. */
const attend = layer("attend", {
  apply: (x, _, { fields }) => {
    const cells = tf.reshape(x, [x.shape[0], fields.length, -1]) as tf.Tensor3D;
    const scores = tf.softmax(tf.matMul(cells, cells, false, true));
    return tf.add(tf.reshape(tf.matMul(scores, stopGradient(cells)), x.shape), x);
  },
});

/** A branch by sign, which PyTorch's users write without a second thought. */
const bend = layer("bend", {
  parameters: ({ width }) => ({ slope: { shape: [width], init: 0.2 } }),
  apply: (x, { slope }) => tf.where(tf.greater(x, 0), x, tf.mul(x, slope)),
});

const fitted = async (model: typeof plain, engine: EngineName) =>
  model.fit(await dataset(columns), { validation: null, quiet: true, engine });

const probabilities = async (run: Run): Promise<number[]> =>
  Array.from((await (await run.predict(await dataset(columns))).table.column("probs_click")) as number[]);

const layers: [string, readonly CustomLayer[]][] = [
  ["a cross layer", [cross]],
  ["squeeze and excitation over fields", [excite]],
  ["attention between fields", [attend]],
  ["a branch by sign", [bend]],
  ["two of them, one behind the other", [cross, excite]],
];

test.each(layers)("%s trains compiled as it does eagerly", async (_, list) => {
  const model = list.reduce<typeof plain>((m, one) => m.layer(one), plain);
  const [compiled, eager] = [await fitted(model, "compiled"), await fitted(model, "cpu")];
  expect(compiled.history.points.at(-1)?.loss).toBeCloseTo(eager.history.points.at(-1)?.loss as number, 5);
  const other = await eager.weights();
  const start = await model.fit(await dataset(columns), { validation: null, quiet: true, engine: "cpu", steps: 1 });
  const before = await start.weights();
  for (const [name, { data }] of await compiled.weights()) {
    const expected = other.get(name)?.data as Float32Array;
    expect([name, data.filter((value, i) => Math.abs(value - (expected[i] as number)) > 2e-3).length]).toEqual([
      name,
      0,
    ]);
    if (name.startsWith("model.layers."))
      expect([name, Array.from(data)]).not.toEqual([name, Array.from(before.get(name)?.data ?? [])]);
  }
  const [here, there] = [await probabilities(compiled), await probabilities(eager)];
  here.forEach((value, row) => {
    expect(value).toBeCloseTo(there[row] as number, 4);
  });
});

test("what a layer closes over is read anew each time it is trained", async () => {
  let scale = 1;
  const scaled = layer("scaled", { apply: (x) => tf.mul(x, scale) });
  const one = await fitted(plain.layer(scaled), "compiled");
  scale = 3;
  const three = await fitted(plain.layer(scaled), "compiled");
  expect(one.history.points[0]?.loss).toBeCloseTo(
    (await fitted(plain, "compiled")).history.points[0]?.loss as number,
    6,
  );
  expect(three.history.points[0]?.loss).not.toBeCloseTo(one.history.points[0]?.loss as number, 4);
});

test("a layer's parameters count, and a name is taken once", () => {
  const model = plain.layer(cross);
  expect(modelSize(model.spec).modules[1]).toMatchObject({ module: "layers.cross", output: 8, parameters: 72 });
  expect(modelSize(model.spec).denseParameters - modelSize(plain.spec).denseParameters).toBe(72);
  expect(() => model.layer(cross)).toThrow(/layers\.cross: duplicate layer "cross"/);
  expect(() => plain.layer(((x: unknown) => x) as unknown as CustomLayer)).toThrow(
    /received: a function[\s\S]*pepnet\/nn/,
  );
  expect(() =>
    modelSize(plain.layer(layer("odd", { parameters: () => ({ w: { shape: [0] } }), apply: (x) => x })).spec),
  ).toThrow(/layers\.odd\.w: not a valid shape/);
});

test("TorchEasyRec has no such layer: toConfig() says so by its name", () => {
  expect(() => plain.layer(cross).toConfig()).toThrow(
    /layers\.cross: TorchEasyRec has no layer "cross"[\s\S]*fix: train the model here/,
  );
});

test("a saved run comes back with its layers, and not without", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-layer-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const run = await fitted(plain.layer(cross), "compiled");
  await run.save(path.join(folder, "run"));
  await expect(loadRun(path.join(folder, "run"))).rejects.toThrow(
    /received: no layers[\s\S]*the layers "cross"[\s\S]*loadRun\(folder, \{ layers/,
  );
  const again = await loadRun(path.join(folder, "run"), { layers: [cross] });
  expect(await probabilities(again)).toEqual(await probabilities(run));
});

test.each(["compiled", "cpu"] as const)(
  "a layer that gives no such tensor, or throws, is named (%s)",
  async (engine) => {
    const failing = (apply: (x: tf.Tensor2D) => unknown) =>
      fitted(plain.layer(layer("mine", { apply: apply as (x: tf.Tensor2D) => tf.Tensor })), engine);
    await expect(failing((x) => tf.slice(x, [0, 0], [-1, 2]))).rejects.toThrow(
      /layers\.mine: its apply must return[\s\S]*received: \[rows, 2\][\s\S]*expected: \[rows, 8\]/,
    );
    await expect(failing(() => undefined)).rejects.toThrow(/received: undefined/);
    await expect(failing(async (x) => x)).rejects.toThrow(/returns a promise[\s\S]*remove async and await/);
    await expect(failing((x) => tf.add(x, tf.ones([3])))).rejects.toThrow(
      /layers\.mine: its apply failed at test\/core\/nn\/custom-layer\.test\.ts:\d+:\d+: Operands could not be broadcast/,
    );
    await expect(failing((x) => tf.matMul(x, tf.ones([3, 8])))).rejects.toThrow(/apply failed at [\s\S]*matMul/);
  },
);
