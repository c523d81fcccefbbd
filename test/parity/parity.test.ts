/** `npm run parity`: what it passes, what it must fail, and how it says so. */
import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { optimizerOf } from "../../parity/optimizer-case.js";
import { lastBitsMoved, quietSteps } from "../../parity/rounding.js";
import { hasShared } from "../shared.js";
import { folder, golden, parity, written } from "./parity-runs.js";

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasShared)("files of cases", () => {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const one = (change: (golden: any) => void = () => {}): unknown => {
    const found = golden("pepnet.json").cases.find((item: { name: string }) => item.name === "tower_batch_norm_train");
    change(found);
    return { cases: [found] };
  };

  test("a case passes on each engine asked for, and the last line counts", async () => {
    const { code, lines } = await parity(written("good.json", one()), "--engine", "compiled", "--engine", "cpu");
    expect(code).toBe(0);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^✓ tower_batch_norm_train · compiled: largest difference [\d.]+e-\d+ in \S+/);
    expect(lines[2]).toBe("2 passed, 0 failed");
  });

  test("with one domain, outputs have its index behind them all the same", async () => {
    const item = golden("pepnet.json").cases.find((each: { name: string }) => each.name === "single_tower_per_task");
    item.model_config = item.model_config.replace("pepnet {", 'pepnet { domain_input_name: "scene" task_domain_num: 1');
    item.labels.scene = item.labels.scene.map(() => 0);
    item.predictions = Object.fromEntries(
      Object.entries(item.predictions).map(([name, tensor]) => [`${name}_0`, tensor]),
    );
    const { lines } = await parity(written("one-domain.json", { cases: [item] }), "--engine", "cpu");
    expect(lines.at(-1)).toBe("1 passed, 0 failed");
  });

  test.each<[string, (item: ReturnType<typeof golden>) => void, RegExp]>([
    ["a prediction", (item) => (item.predictions.logits_ctr.data[3] += 1e-4), /predictions\.logits_ctr/],
    [
      "a gradient",
      (item) => (Object.values<{ data: number[] }>(item.grads.params)[0]!.data[0]! += 1e-3),
      /grads\.params/,
    ],
    ["a loss", (item) => (item.losses.binary_cross_entropy_ctr += 1e-4), /losses\.binary_cross_entropy_ctr/],
    [
      "a step of Adam",
      (item) => (Object.values<{ data: number[] }>(item.adam_step.params_after)[0]!.data[0]! += 1e-3),
      /adam_step/,
    ],
    [
      "a running statistic",
      (item) => (item.buffers_after["_task_tower.0.tower_mlp.mlp.0.perceptron.1.running_mean"].data[0] += 1e-3),
      /running_mean/,
    ],
    [
      "an output of another name",
      (item) => (item.predictions.logits_other = item.predictions.logits_ctr),
      /logits_other is missing/,
    ],
    [
      "an activation that does not exist",
      (item) => (item.model_config = item.model_config.replace("nn.Sigmoid", "nn.Sigmoidal")),
      /nn\.Sigmoid/,
    ],
    [
      "nothing to compare",
      (item) => {
        for (const name of ["predictions", "losses", "total_loss", "grads", "adam_step", "buffers_after"])
          delete item[name];
      },
      /nothing to compare/,
    ],
  ])("%s that is off fails and is named", async (_, change, message) => {
    const { code, lines } = await parity(written("bad.json", one(change)), "--engine", "compiled");
    expect(code).toBe(1);
    expect(lines[0]).toMatch(message);
    expect(lines.at(-1)).toBe("0 passed, 1 failed");
  });

  test("a case may leave out what it does not know", async () => {
    const bare = one((item) => {
      for (const name of ["predictions", "grads", "adam_step", "buffers_after", "sample_weights", "group_dims"])
        delete item[name];
    });
    expect(await parity(written("bare.json", bare), "--engine", "cpu")).toMatchObject({ code: 0 });
  });

  test("optimisers: each step is compared", async () => {
    const cases = golden("dense_optimizers.json");
    const { lines } = await parity(written("optimizers.json", cases));
    expect(lines.at(-1)).toBe(`${cases.cases.length} passed, 0 failed`);
    cases.cases[2].after[3].data[0] += 1e-3;
    const broken = await parity(written("optimizers.json", cases));
    expect(broken.lines[2]).toMatch(/after\[3\]/);
    expect(broken.lines.at(-1)).toBe(`${cases.cases.length - 1} passed, 1 failed`);
  });
});

test("a twin of weights differs from them by the last bit of each value, and keeps zeros and counters", () => {
  const data = Float32Array.of(1, -0.3, 0, 1e-20);
  const twin = lastBitsMoved(
    new Map([
      ["w", { shape: [4], data }],
      ["bn.num_batches_tracked", { shape: [1], data: Float32Array.of(7) }],
    ]),
    1,
  );
  const moved = twin.get("w")!.data;
  expect([moved[2], twin.get("bn.num_batches_tracked")!.data[0]]).toEqual([0, 7]);
  for (const i of [0, 1, 3]) {
    const off = Math.abs(moved[i]! / data[i]! - 1);
    expect(off).toBeGreaterThan(0);
    expect(off).toBeLessThan(1.3e-7);
  }
  expect([...data]).toEqual([...Float32Array.of(1, -0.3, 0, 1e-20)]);
});

test("rounding explains nothing before twins part, and never the first step", () => {
  const losses = (...values: number[]) => values.map((loss) => ({ loss }));
  const base = losses(0.7, 0.6, 0.5, 0.4, 0.3, 0.2);
  expect(quietSteps(base, [base, losses(0.7, 0.6, 0.5, 0.4 + 1e-9, 0.3 + 1e-6, 0.2)])).toBe(2);
  expect(quietSteps(base, [losses(0.7001, 0.6, 0.5, 0.4, 0.3, 0.2), base])).toBe(1);
  expect(quietSteps(base, [base, losses(0.7, Number.NaN)])).toBe(1);
  expect(quietSteps(base, [base])).toBe(3);
});

test("what is not there, or is misused, is said", async () => {
  expect(await parity()).toMatchObject({ code: 2 });
  expect(await parity("x.json", "--engine", "gpu")).toMatchObject({ code: 2 });
  const { code, lines } = await parity(path.join(folder, "missing.json"));
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringContaining("the path does not exist"), "0 passed, 1 failed"]);
});

test("optimisers are read as PyTorch's arguments, and unknown ones are named", () => {
  expect(optimizerOf("AdamW lr=0.1 betas=(0.8, 0.95) amsgrad=True")).toEqual({
    kind: "adamw",
    lr: 0.1,
    beta1: 0.8,
    beta2: 0.95,
    weightDecay: 0.01,
    eps: 1e-8,
    amsgrad: true,
  });
  expect(() => optimizerOf("sgd lr=0.1 centered")).toThrow(/centered/);
  expect(() => optimizerOf("lion lr=0.1")).toThrow(/lion/);
});
