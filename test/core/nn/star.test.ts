/** STAR against its formulas in plain loops: predictions, losses, the gradient of every weight, running statistics. */
import { afterEach, expect, test } from "vitest";
import { star } from "../../../src/api/study/variants.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineName, Weights } from "../../../src/core/engine/engine.js";
import { planModel, towerName } from "../../../src/core/nn/plan/plan.js";
import type { ModelSpec, TowerSpec } from "../../../src/core/spec/model.js";
import { tableUses } from "../../../src/core/spec/sizes.js";
import { random } from "../../../src/core/util/random.js";
import { toyData, toySpec, toyWith } from "../engine/toy.js";

const rate = 0.5;
const data = toyData(24);
const every = Int32Array.from({ length: 24 }, (_, row) => row);
const domainOf = (row: number): number => data.domains![row]!;
const small = toyWith({
  features: toySpec.features.filter(({ name }) => name === "scene" || name === "price"),
  groups: [{ name: "uia", features: ["price"], extra: {} }],
  ppnet: { ...toySpec.ppnet, hidden: [5], dropout: [] },
  training: {
    ...toySpec.training,
    dense: { kind: "sgd", lr: rate, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 },
  },
});
const { spec } = star({ auxiliary: 4 })({ spec: small });
const open: Engine[] = [];

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

async function engineOf(name: EngineName, model: ModelSpec = spec): Promise<Engine> {
  const engine = await createEngine(model, { engine: name });
  open.push(engine);
  return engine;
}

/** Every weight another number, so that factors of domains are not 1; variances are positive. */
async function shake(engine: Engine): Promise<Weights> {
  const source = random(5);
  const state = await engine.state();
  const weights = new Map(
    [...state.weights].map(([name, { shape, data }]) => {
      const isPositive = name.endsWith("running_var");
      const change = (value: number) => (isPositive ? 0.5 + source.uniform() : value + 0.3 * source.normal());
      return [name, { shape, data: name.endsWith("tracked") ? data : data.map(change) }];
    }),
  );
  await engine.restore({ ...state, weights });
  return weights;
}

type Values = (name: string) => ArrayLike<number>;

const table = tableUses(spec).find(({ feature }) => feature.name === "scene")!;
const price = (data.features.get("price") as { values: Float32Array }).values;

function inputOf(values: Values, row: number): number[] {
  const vectors = values(table.parameter);
  const scene = Array.from({ length: table.dim }, (_, at) => vectors[domainOf(row) * table.dim + at]!);
  return [...scene, price[2 * row]!, price[2 * row + 1]!];
}

function moments(rows: readonly number[][]): { mean: number[]; variance: number[] } {
  const mean = rows[0]!.map((_, at) => rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length);
  const variance = mean.map((middle, at) => rows.reduce((sum, row) => sum + (row[at]! - middle) ** 2, 0) / rows.length);
  return { mean, variance };
}

/** One row through a layer: weights are products, biases are sums; `domain` absent: shared ones alone. */
function layer(values: Values, x: readonly number[], shared: string, domain?: string): number[] {
  const [weight, bias] = [values(`${shared}.weight`), values(`${shared}.bias`)];
  const [factor, term] = domain === undefined ? [] : [values(`${domain}.weight`), values(`${domain}.bias`)];
  return Array.from({ length: bias.length }, (_, unit) => {
    let sum = bias[unit]! + (term?.[unit] ?? 0);
    for (const [at, value] of x.entries()) {
      const place = unit * x.length + at;
      sum += value * weight[place]! * (factor?.[place] ?? 1);
    }
    return sum;
  });
}

const relu = (x: readonly number[]): number[] => x.map((value) => Math.max(0, value));

function logit(values: Values, x: readonly number[], task: number, domain: number, norm: ReturnType<typeof moments>) {
  const own = `model._task_tower.${task * 3 + domain}`;
  const shared = `model.star.${task}`;
  const [scale, shift] = [values(`${shared}.norm.weight`), values(`${shared}.norm.bias`)];
  const [ownScale, ownShift] = [values(`${own}.norm.weight`), values(`${own}.norm.bias`)];
  let hidden = x.map((value, at) => {
    const normal = (value - norm.mean[at]!) / Math.sqrt(norm.variance[at]! + 1e-5);
    return normal * scale[at]! * ownScale[at]! + shift[at]! + ownShift[at]!;
  });
  for (const part of [0, 1, 2].map((at) => `tower_mlp.mlp.${at}.perceptron.0`))
    hidden = relu(layer(values, hidden, `${shared}.${part}`, `${own}.${part}`));
  const main = layer(values, hidden, `${shared}.linear`, `${own}.linear`)[0]!;
  const term = values(`${own}.auxiliary.bias`);
  const units = relu(layer(values, x, `${shared}.auxiliary.0`).map((value, unit) => value + term[unit]!));
  return main + layer(values, units, `${shared}.auxiliary.2`)[0]!;
}

/** Logits by task and row. @param isTraining statistics of the batch's rows of the domain, else the running ones */
function logits(values: Values, rows: Int32Array, isTraining: boolean): number[][] {
  const inputs = [...rows].map((row) => inputOf(values, row));
  const ofBatch = [0, 1, 2].map((domain) => {
    const beside = inputs.filter((_, at) => domainOf(rows[at]!) === domain);
    return beside.length === 0 ? null : moments(beside);
  });
  return [0, 1].map((task) =>
    inputs.map((x, at) => {
      const domain = domainOf(rows[at]!);
      const norm = `model._task_tower.${task * 3 + domain}.norm`;
      const running = () => ({
        mean: Array.from(values(`${norm}.running_mean`)),
        variance: Array.from(values(`${norm}.running_var`)),
      });
      return logit(values, x, task, domain, isTraining ? ofBatch[domain]! : running());
    }),
  );
}

/** The mean of clicks' losses over rows, and of purchases' over clicked rows. */
function loss(values: Values, rows: Int32Array): number {
  const [clk, buy] = [data.labels.get("clk")!, data.labels.get("buy")!];
  const cross = (z: number, y: number): number => Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
  const [first, second] = logits(values, rows, true) as [number[], number[]];
  const clicked = [...rows].filter((row) => clk[row]! > 0).length;
  return [...rows].reduce((sum, row, at) => {
    const inside = clk[row]! > 0 ? cross(second[at]!, buy[row]!) / clicked : 0;
    return sum + cross(first[at]!, clk[row]!) / rows.length + inside;
  }, 0);
}

test.each(["compiled", "cpu"] as const)("%s predicts as the formulas say, by running statistics", async (name) => {
  const engine = await engineOf(name);
  const weights = await shake(engine);
  const expected = logits((part) => weights.get(part)!.data, every, false);
  for (const [task, { logits: got }] of (await engine.predict({ data, rows: every })).entries())
    for (const [row, value] of got.entries()) expect(value).toBeCloseTo(expected[task]![row]!, 4);
});

test.each(["compiled", "cpu"] as const)("%s: a step has the formulas' loss, gradients and statistics", async (name) => {
  const engine = await engineOf(name);
  const weights = await shake(engine);
  const { loss: got } = await engine.step({ data, rows: every }, 0);
  const exact = new Map([...weights].map(([part, { data }]) => [part, Float64Array.from(data)]));
  const values: Values = (part) => exact.get(part)!;
  expect(got).toBeCloseTo(loss(values, every), 5);
  const after = await engine.state();
  let checked = 0;
  for (const part of weights.keys()) {
    if (/running|tracked|embedding/.test(part)) continue;
    const array = exact.get(part)!;
    for (const [at, value] of array.entries()) {
      const step = 1e-5;
      array[at] = value + step;
      const above = loss(values, every);
      array[at] = value - step;
      const below = loss(values, every);
      array[at] = value;
      const gradient = (weights.get(part)!.data[at]! - after.weights.get(part)!.data[at]!) / rate;
      expect(gradient, `${part} ${at}`).toBeCloseTo((above - below) / (2 * step), 4);
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(500);
  for (const domain of [0, 1, 2]) {
    const rows = [...every].filter((row) => domainOf(row) === domain).map((row) => inputOf(values, row));
    const { mean, variance } = moments(rows);
    const norm = `${towerName(planModel(spec), 1, domain)}.norm`;
    for (const [at, middle] of mean.entries()) {
      const unbiased = (variance[at]! * rows.length) / (rows.length - 1);
      const moved = (kind: string) => after.weights.get(`${norm}.${kind}`)!.data[at]!;
      const before = (kind: string) => weights.get(`${norm}.${kind}`)!.data[at]!;
      expect(moved("running_mean")).toBeCloseTo(0.9 * before("running_mean") + 0.1 * middle, 5);
      expect(moved("running_var")).toBeCloseTo(0.9 * before("running_var") + 0.1 * unbiased, 5);
    }
  }
});

test.each([0, 1])("a batch with %i rows of a domain trains; without two, its statistics stay", async (most) => {
  const engines = [await engineOf("compiled"), await engineOf("cpu")];
  const few = [...every].filter((row) => domainOf(row) === 2).slice(0, most);
  const rows = Int32Array.from([...every.filter((row) => domainOf(row) !== 2), ...few]);
  const states = [];
  for (const engine of engines) {
    const before = await shake(engine);
    const { loss: got } = await engine.step({ data, rows }, 0);
    expect(got).toBeCloseTo(
      loss((part) => before.get(part)!.data, rows),
      4,
    );
    const { weights } = await engine.state();
    for (const kind of ["running_mean", "running_var", "num_batches_tracked"]) {
      expect(weights.get(`model._task_tower.2.norm.${kind}`)).toEqual(before.get(`model._task_tower.2.norm.${kind}`));
      expect(weights.get(`model._task_tower.1.norm.${kind}`)).not.toEqual(
        before.get(`model._task_tower.1.norm.${kind}`),
      );
    }
    const layerName = "model._task_tower.2.linear.weight";
    if (most === 0) expect(weights.get(layerName)).toEqual(before.get(layerName));
    else expect(weights.get(layerName)).not.toEqual(before.get(layerName));
    states.push(weights);
  }
  for (const [part, { data: values }] of states[0]!)
    for (const [at, value] of values.entries()) expect(value).toBeCloseTo(states[1]!.get(part)!.data[at]!, 4);
});

test("before training, domains differ by the norm's statistics alone: their factors are 1 and their terms 0", async () => {
  const engine = await engineOf("cpu");
  const { weights } = await engine.state();
  const own = [...weights].filter(([name]) => name.includes("_task_tower") && /(weight|bias)$/.test(name));
  expect(own.length).toBe(6 * (2 * 4 + 2 + 1));
  for (const [name, { data: values }] of own)
    expect(new Set(values)).toEqual(new Set([name.endsWith("weight") ? 1 : 0]));
});

test("batch norm and Dice in towers see the rows of their domain", async () => {
  const mlp = (change: object) => ({
    ...small,
    towers: small.towers.map((tower): TowerSpec => ({ ...tower, mlp: { ...tower.mlp!, ...change } })),
  });
  for (const change of [{ batchNorm: true }, { activation: "Dice" }]) {
    const model = star()({ spec: mlp(change) }).spec;
    const few = every.filter((row) => domainOf(row) === 1);
    const alone = await engineOf("compiled", model);
    const beside = await engineOf("compiled", model);
    await alone.step({ data, rows: few }, 0);
    await beside.step({ data, rows: every }, 0);
    const statistics = async (engine: Engine) =>
      [...(await engine.state()).weights].filter(([name]) => /_task_tower\.1\..*running/.test(name));
    const [first, second] = [await statistics(alone), await statistics(beside)];
    expect(first.length).toBeGreaterThan(2);
    for (const [at, [, { data: values }]] of first.entries())
      for (const [unit, value] of values.entries()) expect(value).toBeCloseTo(second[at]![1].data[unit]!, 5);
  }
});
