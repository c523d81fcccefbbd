/** Variants that train in one thread have the weights and optimisers that each has alone, whatever happens to others. */
import { describe, expect, test } from "vitest";
import { star } from "../../../src/api/study/variants.js";
import type { Batch } from "../../../src/core/data/encoded/encoded.js";
import { Company } from "../../../src/core/engine/compiled/company.js";
import { compilePlan } from "../../../src/core/engine/compiled/compile-plan.js";
import { EngineGroup } from "../../../src/core/engine/compiled/group.js";
import { createSession, type Session } from "../../../src/core/engine/compiled/ort-session.js";
import { ModelHost } from "../../../src/core/engine/core/host.js";
import { createArrays } from "../../../src/core/engine/core/weight-store.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineState, StepResult } from "../../../src/core/engine/engine.js";
import { groupSize } from "../../../src/core/engine/threads.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import type { TrainingSpec } from "../../../src/core/spec/training.js";
import { toyData, toySpec, toyWith } from "./toy.js";

const data = toyData(100);

/** Batches of 37, 26 and 15 rows, so that nothing begins where vectors do. */
function batches(epoch: number): Batch[] {
  const place = (row: number, at: number) => (row * 13 + at * 7 + epoch) % 100;
  return [0, 1, 2].map((at) => {
    return { data, rows: Int32Array.from({ length: 37 - at * 11 }, (_, row) => place(row, at)) };
  });
}

type Training = (engine: Engine) => Promise<StepResult[]>;

/** Each engine sends its own number of batches at once, as its pace allows. */
function epochs(count: number, atOnce = 2): Training {
  return async (engine) => {
    const results: StepResult[] = [];
    for (let epoch = 0; epoch < count; epoch++) {
      for (let left = batches(epoch); left.length > 0; ) {
        const steps = await engine.train(left.slice(0, atOnce), epoch);
        left = left.slice(steps.length);
        results.push(...steps);
      }
    }
    return results;
  };
}

interface Trained {
  readonly state: EngineState;
  readonly steps: readonly StepResult[];
}

async function trained(engine: Engine, training: Training): Promise<Trained> {
  const steps = await training(engine);
  const state = await engine.state();
  expect(engine.steps).toBe(state.step);
  return { state, steps };
}

async function alone(spec: ModelSpec, training: Training): Promise<Trained> {
  const engine = await createEngine(spec, { threads: 1 });
  const result = await trained(engine, training);
  await engine.dispose();
  return result;
}

async function together(specs: readonly ModelSpec[], trainings: readonly Training[]): Promise<Trained[]> {
  const { places } = new EngineGroup(specs.length);
  return Promise.all(
    specs.map(async (spec, at) => {
      const engine = await createEngine(spec, { place: places[at] });
      const result = await trained(engine, trainings[at]!);
      await engine.dispose();
      return result;
    }),
  );
}

const training: TrainingSpec = { ...toySpec.training, batchSize: 37 };

function gammas(spec: ModelSpec, rest: Partial<TrainingSpec> = {}): ModelSpec[] {
  return [0.5, 1, 2, 5].map((gamma) => ({
    ...spec,
    training: { ...training, ...rest },
    epnet: { ...spec.epnet, gamma },
    ppnet: { ...spec.ppnet, gamma: gamma / 2 },
  }));
}

async function expectAlone(specs: readonly ModelSpec[], trainings: readonly Training[]): Promise<void> {
  const joined = await together(specs, trainings);
  for (const [at, spec] of specs.entries()) expect(joined[at]).toEqual(await alone(spec, trainings[at]!));
}

const rate = { kind: "constant" } as const;
const dense: Record<string, TrainingSpec["dense"]> = {
  sgd: { kind: "sgd", lr: 0.1, momentum: 0.9, dampening: 0, nesterov: true, weightDecay: 0.01 },
  adagrad: { kind: "adagrad", lr: 0.1, eps: 1e-10, weightDecay: 0, initialAccumulator: 0 },
  adam: { kind: "adam", lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, amsgrad: true },
  adamw: { kind: "adamw", lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, amsgrad: false },
  adadelta: { kind: "adadelta", lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 },
  rmsprop: { kind: "rmsprop", lr: 0.01, alpha: 0.9, eps: 1e-8, weightDecay: 0 },
};
const sparse: Record<string, TrainingSpec["sparse"]> = {
  sgd: { kind: "sgd", lr: 0.1, maxGradient: null },
  adagrad: { kind: "adagrad", lr: 0.1, initialAccumulator: 0, maxGradient: 0.1 },
  rowwise: { kind: "rowwise_adagrad", lr: 0.1, weightDecay: 0.1, weightDecayMode: "L2", maxGradient: null },
  adam: { kind: "adam", lr: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0, maxGradient: null },
  partial: { kind: "partial_rowwise_adam", lr: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0, maxGradient: null },
};

describe("the bits of each variant", () => {
  test.each(Object.keys(dense))("dense %s", (name) =>
    expectAlone(
      gammas(toySpec, { dense: dense[name]! }),
      [2, 1, 3, 2].map((atOnce) => epochs(2, atOnce)),
    ),
  );

  test.each(Object.keys(sparse))("sparse %s", (name) =>
    expectAlone(gammas(toySpec, { sparse: sparse[name]! }), Array(4).fill(epochs(2))),
  );

  test.each<[string, Partial<TrainingSpec>]>([
    ["accumulated gradients", { gradientAccumulation: 2 }],
    ["clipping by the norm", { gradClipping: { type: "norm", maxGradient: 0.1, normType: 2, global: false } }],
    ["moving averages", { emaDecay: 0.9 }],
    ["Pareto weights", { lossWeights: "pareto" }],
    [
      "an optimiser for a part",
      { partOptimizers: [{ pattern: ".*_task_tower.*", optimizer: dense.sgd!, learningRate: rate }] },
    ],
  ])("%s", (_, rest) => expectAlone(gammas(toySpec, rest), Array(4).fill(epochs(2))));

  test("STAR, with the statistics of each domain", () => {
    const { spec } = star()({ spec: toySpec });
    const rates = [0.001, 0.01, 0.1, 0.2].map((lr) => {
      return { ...spec, training: { ...training, dense: { ...training.dense, lr } } };
    });
    return expectAlone(rates, Array(4).fill(epochs(2)));
  });

  test("learning rates, weights of tasks and dropout of their own", () => {
    const [a, b, c, d] = gammas(toySpec) as [ModelSpec, ModelSpec, ModelSpec, ModelSpec];
    const towers = c.towers.map((tower, at) => ({ ...tower, weight: at + 0.5 }));
    return expectAlone(
      [
        a,
        { ...b, training: { ...b.training, dense: { ...b.training.dense, lr: 0.05 } } },
        { ...c, towers },
        { ...d, ppnet: { ...d.ppnet, dropout: [0.5] } },
      ],
      Array(4).fill(epochs(2)),
    );
  });
});

describe("what happens to one variant does not touch another", () => {
  test("one ends early, one later", () =>
    expectAlone(gammas(toySpec), [epochs(1), epochs(3), epochs(2, 3), epochs(3, 1)]));

  test("one explodes: its steps are skipped, and the others' are not", async () => {
    const [first, second, ...others] = gammas(toySpec) as [ModelSpec, ModelSpec, ...ModelSpec[]];
    const dense = { ...second.training.dense, lr: 1e30 };
    const exploding = { ...second, training: { ...second.training, dense } };
    const specs = [first, exploding, ...others];
    await expectAlone(specs, Array(4).fill(epochs(2)));
    const { steps } = await alone(exploding, epochs(2));
    expect(steps.some(({ loss }) => !Number.isFinite(loss))).toBe(true);
  });

  test("one trains on other rows, and so by itself", async () => {
    const other: Training = async (engine) => [
      ...(await engine.train([{ data, rows: Int32Array.of(5, 6, 7) }], 0)),
      ...(await epochs(1, 1)(engine)),
    ];
    await expectAlone(gammas(toySpec), [epochs(1, 1), other, epochs(1, 1), epochs(1, 1)]);
  });

  test("one has other labels, and so by itself", async () => {
    const specs = gammas(toySpec);
    const towers = specs[1]!.towers.map((tower) => ({ ...tower, taskSpace: null, label: "buy" }));
    const same = specs[0]!.towers.map((tower) => ({ ...tower, taskSpace: null }));
    const all = specs.map((spec, at) => ({ ...spec, towers: at === 1 ? towers : same }));
    await expectAlone(all, Array(4).fill(epochs(1)));
  });

  test("one fails: it alone has the error", async () => {
    const specs = gammas(toySpec);
    const { places } = new EngineGroup(2);
    const [failing, going] = await Promise.all([0, 1].map((at) => createEngine(specs[at]!, { place: places[at] })));
    const empty = { ...data, labels: new Map() };
    const ends = await Promise.allSettled([
      failing!.train(
        batches(0).map(({ rows }) => ({ data: empty, rows })),
        0,
      ),
      going!.train(batches(0), 0),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    await failing!.dispose();
    const rest = batches(0).slice((ends[1] as PromiseFulfilledResult<StepResult[]>).value.length);
    if (rest.length > 0) await going!.train(rest, 0);
    expect(await going!.state()).toEqual((await alone(specs[1]!, epochs(1))).state);
    await going!.dispose();
  });

  test("one leaves without having opened: the others do not wait for it", async () => {
    const [spec] = gammas(toySpec);
    const { places } = new EngineGroup(2);
    const engine = await createEngine(spec!, { place: places[0] });
    const steps = epochs(1)(engine);
    await places[1]!.close();
    expect(await steps).toEqual((await alone(spec!, epochs(1))).steps);
    await engine.dispose();
    await places[1]!.close();
  });

  test("the first leaves: the others open, predict and go on", async () => {
    const [spec, other] = gammas(toySpec);
    const { places } = new EngineGroup(3);
    const first = await createEngine(spec!, { place: places[1] });
    await places[0]!.close();
    const second = await createEngine(other!, { place: places[2] });
    const [batch] = batches(4) as [Batch];
    const seen = await Promise.all([first, second].map((engine) => engine.predict(batch)));
    const lone = await createEngine(other!, { threads: 1 });
    expect(seen[1]).toEqual(await lone.predict(batch));
    await Promise.all([first.dispose(), second.dispose(), lone.dispose()]);
  });

  test("each predicts, and shows its gates, with its own weights", async () => {
    const specs = gammas(toySpec);
    const { places } = new EngineGroup(2);
    const engines = await Promise.all([0, 1].map((at) => createEngine(specs[at]!, { place: places[at] })));
    await Promise.all(engines.map(epochs(1)));
    const [batch] = batches(4) as [Batch];
    const seen = await Promise.all(
      engines.map(async (engine) => [await engine.predict(batch), await engine.gates(batch)]),
    );
    for (const [at, spec] of specs.slice(0, 2).entries()) {
      const engine = await createEngine(spec, { threads: 1 });
      await epochs(1)(engine);
      expect(seen[at]).toEqual([await engine.predict(batch), await engine.gates(batch)]);
      await engine.dispose();
    }
    await Promise.all(engines.map((engine) => engine.dispose()));
  });
});

test("a group has about 2,500 rows in a step, and at least four variants of one thread", () => {
  const size = (batchSize: number | null, threads = 1, rest: Partial<ModelSpec> = {}) =>
    groupSize(toyWith({ training: { ...training, batchSize }, ...rest }), threads);
  expect([64, 256, 600, 625, 626, null].map((batchSize) => size(batchSize))).toEqual([39, 9, 4, 4, 0, 0]);
  expect(size(256, 2)).toBe(0);
});

test("the steps of all are one run of the program", async () => {
  const specs = gammas(toySpec);
  const plans = specs.map((spec) => planModel(spec));
  const program = await compilePlan(plans[0]!, "train", "joined");
  const session = await createSession(program, 1);
  const runs: number[] = [];
  const counting: Session = {
    ...session,
    runAll(variants) {
      runs.push(variants.length);
      return session.runAll(variants);
    },
  };
  const company = new Company(program, counting);
  const members = plans.map((plan, seed) => ({
    host: new ModelHost(
      plan,
      { run: async (_, inputs) => company.run(inputs) },
      { seed, arrays: createArrays(plan, seed, null) },
    ),
    data,
  }));
  const [first, second] = batches(0).map(({ rows }) => rows) as [Int32Array, Int32Array];
  await company.train(members, [first, second], 0);
  await company.train(members.slice(1), [first], 1);
  expect(runs).toEqual([4, 4, 3]);
  await session.release();
});
