/** What changes the compiled program, and what is only a number in it. */
import { expect, test } from "vitest";
import { compilations, compilePlan } from "../../../src/core/engine/compiled/compile-plan.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { toySpec, toyWith } from "./toy.js";

async function compiledFor(...specs: readonly ModelSpec[]): Promise<number[]> {
  const counts: number[] = [];
  for (const spec of specs) {
    const before = compilations();
    await compilePlan(planModel(spec), "train");
    counts.push(compilations() - before);
  }
  return counts;
}

test("gammas, learning rates, dropout rates, task weights and names reuse the compiled step", async () => {
  await compiledFor(toySpec);
  const scalarsOnly: ModelSpec[] = [
    toyWith({ epnet: { hidden: null, gamma: 1 } }),
    toyWith({ ppnet: { ...toySpec.ppnet, gamma: 4, dropout: [0.1, 0.4] } }),
    toyWith({ towers: toySpec.towers.map((tower) => ({ ...tower, name: `${tower.name}2`, weight: 0.3 })) }),
    toyWith({
      training: {
        ...toySpec.training,
        dense: { kind: "sgd", lr: 1, momentum: 0, weightDecay: 0, dampening: 0, nesterov: false },
      },
    }),
  ];
  expect(await compiledFor(...scalarsOnly)).toEqual([0, 0, 0, 0]);
});

test("another structure is another program", async () => {
  await compiledFor(toySpec);
  const others: ModelSpec[] = [
    toyWith({ ppnet: { ...toySpec.ppnet, hidden: [8, 7] } }),
    toyWith({ ppnet: { ...toySpec.ppnet, dropout: [] } }),
    toyWith({ ppnet: { ...toySpec.ppnet, activation: "nn.SiLU" } }),
    toyWith({ switches: { ...toySpec.switches, stopGradient: false } }),
  ];
  expect(await compiledFor(...others)).toEqual([1, 1, 1, 1]);
});

test("who compiles the same structure meanwhile waits for it", async () => {
  const plan = planModel(toyWith({ ppnet: { ...toySpec.ppnet, hidden: [8, 5] } }));
  const before = compilations();
  const [first, second] = await Promise.all([compilePlan(plan, "train"), compilePlan(plan, "train")]);
  expect(second).toBe(first);
  expect(compilations() - before).toBe(1);
});
