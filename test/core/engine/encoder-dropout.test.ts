/** Dropout inside sequence encoders: after each layer of an MLP, and of self-attention's weights, as TorchEasyRec's. */
import { afterEach, describe, expect, test } from "vitest";
import { din, multiWindowDin, selfAttention } from "../../../src/core/builder/sequences.js";
import { compilePlan } from "../../../src/core/engine/compiled/compile-plan.js";
import { createSession } from "../../../src/core/engine/compiled/ort-session.js";
import { arrangeRows } from "../../../src/core/engine/core/arrange.js";
import { ModelInputs, scalar, taskInputs } from "../../../src/core/engine/core/inference.js";
import type { Feed, RunInputs } from "../../../src/core/engine/core/outputs.js";
import { longestPositions } from "../../../src/core/engine/core/sequences.js";
import { createArrays, storesIn } from "../../../src/core/engine/core/weight-store.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import { eagerRunner, prepareBackend } from "../../../src/core/engine/eager-engine.js";
import type { Engine, EngineOptions } from "../../../src/core/engine/engine.js";
import { type Plan, planModel } from "../../../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { type ClickEncoders, clicksData, clicksSpec } from "./clicks.js";
import { rowsBetween } from "./toy.js";

const rows = 23;
const batch = { data: clicksData(rows), rows: rowsBetween(0, rows) };
const longest = 6;
const encoders = "model.embedding_group._group_name_to_seq_encoders.all";

const open: Engine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

async function engineFor(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const engine = await createEngine(spec, options);
  open.push(engine);
  return engine;
}

/** The inputs of a training step, with weights drawn from one seed. */
function trainInputs(plan: Plan): RunInputs & { readonly feeds: Map<string, Feed> } {
  const { trained } = storesIn(plan, createArrays(plan, 5, null));
  const arrangement = arrangeRows(batch, plan);
  const tasks = taskInputs(batch, arrangement, plan);
  return new ModelInputs(plan, trained, true).of(batch, arrangement, longestPositions(plan, batch), tasks);
}

const runners = {
  async compiled(plan: Plan, inputs: RunInputs) {
    const session = await createSession(await compilePlan(plan, "train"), 1);
    const outputs = await session.run(inputs);
    await session.release();
    return outputs;
  },
  async eager(plan: Plan, inputs: RunInputs) {
    return eagerRunner(plan, await prepareBackend("cpu")).run("train", inputs);
  },
};

function expectNear(actual: Float32Array | undefined, expected: ArrayLike<number>): void {
  expect(actual?.length).toBe(expected.length);
  for (const [index, value] of actual!.entries()) expect(value).toBeCloseTo(expected[index]!, 5);
}

describe.each(["compiled", "eager"] as const)("a mask in the %s program", (engine) => {
  test("drops units of DIN and doubles the others, in the loss and in every gradient", async () => {
    const hidden = 4;
    const dropped = planModel(clicksSpec([din("click", { query: ["item"], hidden: [hidden], dropout: 0.5 })]));
    const plain = planModel(clicksSpec([din("click", { query: ["item"], hidden: [hidden] })]));
    const factors = [2, 0, 0, 2];
    const inputs = trainInputs(dropped);
    const data = Uint8Array.from({ length: rows * longest * hidden }, (_, at) => (factors[at % hidden]! > 0 ? 1 : 0));
    inputs.feeds.set("encoder.0.0.mask", { dtype: "bool", shape: [rows * longest, hidden], data });
    inputs.feeds.set("encoder.0.0.scale", scalar(2));
    // The same function without dropout: the next layer's weight has the factors.
    const expected = trainInputs(plain);
    const next = `${encoders}.0.linear.weight`;
    const weight = expected.feeds.get(next)!;
    const data2 = Float32Array.from(weight.data as Float32Array, (value, unit) => value * factors[unit]!);
    expected.feeds.set(next, { ...weight, data: data2, version: -1 });
    const [actual, reference] = [await runners[engine](dropped, inputs), await runners[engine](plain, expected)];
    expect([...actual.keys()].sort()).toEqual([...reference.keys()].sort());
    for (const [name, values] of reference) {
      const factor = name === `grad:${next}` ? factors : null;
      expectNear(actual.get(name), factor === null ? values : values.map((value, unit) => value * factor[unit]!));
    }
    expect(actual.get(`grad:${next}`)!.some((value) => Math.abs(value) > 1e-4)).toBe(true);
  });

  test("that drops every weight of self-attention leaves the output's bias", async () => {
    const heads = 2;
    const dropped = planModel(clicksSpec([selfAttention("click", { dim: 4, heads, dropout: 0.5 })]));
    const plain = planModel(clicksSpec([selfAttention("click", { dim: 4, heads })]));
    const inputs = trainInputs(dropped);
    const shape = [rows, heads, longest, longest];
    const data = new Uint8Array(rows * heads * longest * longest);
    inputs.feeds.set("encoder.0.0.mask", { dtype: "bool", shape, data });
    inputs.feeds.set("encoder.0.0.scale", scalar(2));
    const expected = trainInputs(plain);
    const projection = `${encoders}.0._multihead_attn.out_proj.weight`;
    const weight = expected.feeds.get(projection)!;
    expected.feeds.set(projection, { ...weight, data: new Float32Array(weight.data.length), version: -1 });
    const [actual, reference] = [await runners[engine](dropped, inputs), await runners[engine](plain, expected)];
    for (const [name, values] of reference) if (name.startsWith("loss.")) expectNear(actual.get(name), values);
    const bias = `grad:${encoders}.0._multihead_attn.out_proj.bias`;
    expectNear(actual.get(bias), reference.get(bias)!);
    expect([...new Set(actual.get(`grad:${encoders}.0._query.weight`))].map(Math.abs)).toEqual([0]);
  });
});

const dropping = (dropout: number): ClickEncoders => [
  din("click", { query: ["item"], hidden: [8, 4], dropout: dropout === 0 ? 0 : [dropout, 0.1], activation: "Dice" }),
  multiWindowDin("cart", { query: ["item"], windows: [2, 4], hidden: [8], dropout }),
  selfAttention("cart", { dim: 4, heads: 2, dropout }),
];

test("engines draw the same masks from a seed, and evaluation drops nothing", async () => {
  const spec = clicksSpec(dropping(0.4));
  const compiled = await engineFor(spec, { engine: "compiled", threads: 1 });
  const weights = await compiled.weights();
  const [cpu, plain] = [
    await engineFor(spec, { engine: "cpu", weights }),
    await engineFor(clicksSpec(dropping(0)), { engine: "cpu", weights }),
  ];
  const [probabilities, same] = [await compiled.predict(batch), await plain.predict(batch)];
  for (const [task, output] of probabilities.entries()) expectNear(output.probabilities, same[task]!.probabilities);
  const losses: number[] = [];
  for (let step = 0; step < 4; step++) {
    losses.push((await compiled.step(batch, 0)).loss);
    expect(losses[step]).toBeCloseTo((await cpu.step(batch, 0)).loss, 4);
  }
  expect(losses[0]).not.toBeCloseTo((await plain.step(batch, 0)).loss, 4);
});
