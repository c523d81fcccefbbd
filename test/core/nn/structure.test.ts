/** The blocks of a model's diagram are those of the program that it trains. */
import { describe, expect, test } from "vitest";
import { denseParameters } from "../../../src/core/nn/plan/parameters.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { modelStructure } from "../../../src/core/nn/plan/structure.js";
import { emptySpec } from "../../../src/core/spec/model.js";
import { good, switched, variants } from "./variants.js";

const product = (shape: readonly number[]): number => shape.reduce((total, dim) => total * dim, 1);

describe("modelStructure", () => {
  test.each(variants)("has the program's parameters, block by block: %s", (_, spec) => {
    const structure = modelStructure(spec);
    const parameters = denseParameters(planModel(spec));
    const of = (pattern: RegExp): number =>
      parameters.filter(({ name }) => pattern.test(name)).reduce((total, { shape }) => total + product(shape), 0);
    expect(structure.denseParameters).toBe(of(/./));
    expect(structure.epnet?.parameters ?? 0).toBe(of(/^model\.epnet\./));
    const [first] = structure.ppnet;
    expect(first?.parameters ?? 0).toBe(of(/^model\.(ppnet\.linears\.0|mmoe\.experts\.0\.0)\./));
    expect(first?.gate?.parameters ?? 0).toBe(of(/^model\.ppnet\.gate_nus\.0\./));
    expect(structure.towers[0]?.parameters).toBe(of(/^model\._task_tower\.0\./));
    expect(structure.tables.parameters).toBe(modelSize(spec).embeddingParameters);
  });

  test("a gate's shapes are those of its weights", () => {
    for (const spec of [good, switched({ gatePlacement: "input" })]) {
      const weights = new Map(denseParameters(planModel(spec)).map(({ name, shape }) => [name, shape]));
      const gate = modelStructure(spec).ppnet[1]?.gate;
      const name = `model.ppnet.gate_nus.${"1"}`;
      expect(weights.get(`${name}.dense_layers.0.weight`)).toEqual([
        gate?.hidden,
        (gate?.prior ?? 0) + (gate?.main ?? 0),
      ]);
      expect(weights.get(`${name}.dense_layers.2.weight`)).toEqual([gate?.units, gate?.hidden]);
    }
  });

  test("a group that nothing reads says so", () => {
    const read = (spec: typeof good) => modelStructure(spec).groups.map(({ name, isRead }) => [name, isRead]);
    expect(read(switched({ epnet: false }))).toContainEqual(["domain", false]);
    expect(read(switched({ ppnet: false }))).toContainEqual(["uia", false]);
    expect(read(good).every(([, isRead]) => isRead)).toBe(true);
  });

  test("a model that is only begun has one, too", () => {
    expect(modelStructure(emptySpec)).toMatchObject({ towers: [], epnet: null, ppnet: [], denseParameters: 0 });
  });
});
