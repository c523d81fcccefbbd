/** What changes the compiled program, and what is only a number in it. */
import { expect, test } from "vitest";
import { compilations, compilePlan } from "../../src/engine/compiled/compile-plan.js";
import { planModel } from "../../src/nn/plan.js";
import type { ModelSpec } from "../../src/spec/index.js";
import { toySpec, toyWith } from "./toy.js";

function compiledFor(spec: ModelSpec): number {
  const before = compilations();
  compilePlan(planModel(spec), "train");
  return compilations() - before;
}

test("gammas, learning rates, dropout rates, task weights and names reuse the compiled step", () => {
  compiledFor(toySpec);
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
  expect(scalarsOnly.map(compiledFor)).toEqual([0, 0, 0, 0]);
});

test("another structure is another program", () => {
  compiledFor(toySpec);
  const others: ModelSpec[] = [
    toyWith({ ppnet: { ...toySpec.ppnet, hidden: [8, 7] } }),
    toyWith({ ppnet: { ...toySpec.ppnet, dropout: [] } }),
    toyWith({ ppnet: { ...toySpec.ppnet, activation: "nn.SiLU" } }),
    toyWith({ switches: { ...toySpec.switches, stopGradient: false } }),
  ];
  expect(others.map(compiledFor)).toEqual([1, 1, 1, 1]);
});
