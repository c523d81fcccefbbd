/** What each gate is worth: on labels without signal nothing, on planted ones the gate that carries it. */
import { describe, expect, test } from "vitest";
import { freezeGate } from "../../../src/index.js";
import { model, rows, train } from "./planted.js";

async function start(seed: number) {
  const run = await model.fit(rows(600, seed, true), { steps: 1, seed, quiet: true });
  const weights = await run.weights();
  await run.dispose();
  return weights;
}

describe("what each gate is worth", () => {
  test("is the counterfactual of the gate held at 1, with one correction, beside the untrained gates", async () => {
    const run = await train(2, true);
    const gates = await run.gates();
    const cells = gates.effects!.cells;
    expect(cells.map(({ module, tower, layer, task }) => [module, tower, layer, task])).toEqual([
      ["epnet", null, 0, "ctr"],
      ["ppnet", "ctr", 0, "ctr"],
    ]);
    const changes = [freezeGate("epnet"), freezeGate("ppnet", { tower: "ctr", layer: 0 })];
    const { effects } = await run.counterfactual(null, { changes });
    for (const [at, { auc }] of cells.entries()) {
      expect(auc.value).toBeCloseTo(effects[at]!.tasks[0]!.parts!.within.value!, 6);
      expect(auc.low! > 0 || auc.high! < 0).toBe(auc.adjustedPValue! < 0.05);
    }
    const untrained = await model.fit(rows(600, 2, true), { weights: await start(2), steps: 1, quiet: true });
    const [before] = (await untrained.gates(run.validation, { details: false })).gates;
    expect(gates.untrained[0]!.overall.mean).toBeCloseTo(before!.overall.mean, 1);
    expect(gates.untrained[0]!.overall.std).toBeLessThan(gates.gates[0]!.overall.std);
    const [picture, curves] = await run.outputs();
    expect(picture!["text/plain"]).toMatch(/^In this training, /);
    expect(curves!["text/plain"]).toMatch(/step/);
    // Fewer rows than the picture's sample for the spread of gates: all numbers are those of run.gates().
    expect(gates.rowCount).toBe(1500);
    for (const row of gates.table("worth").rows()) {
      for (const key of ["q05", "q95"]) expect(picture!["text/plain"]).toContain(Number(row[key]).toFixed(3));
      for (const key of ["delta_auc", "low"])
        expect(picture!["text/plain"]).toContain(Number(row[key]).toFixed(4).replace("-", "−"));
    }
    await run.dispose();
  });

  test("in a run's picture is measured on all rows of the sample, above those for the spread of gates too", async () => {
    const run = await train(3, true, { validation: rows(4000, 103, true), epochs: 1 });
    const text = (await run.outputs())[0]!["text/plain"] as string;
    const gates = await run.gates();
    expect(gates.rowCount).toBe(4000);
    for (const row of gates.table("worth").rows()) {
      for (const key of ["delta_auc", "low"]) expect(text).toContain(Number(row[key]).toFixed(4).replace("-", "−"));
    }
    await run.dispose();
  });
});
