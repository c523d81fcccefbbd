/** The whole report of a trained model, and what is missing. */
import { describe, expect, it } from "vitest";
import { Run } from "../../../src/api/run/run.js";
import { laterRunEngine, openEngine } from "../../../src/api/training/engines.js";
import { train } from "./planted.js";

describe("a report of gates", () => {
  it("of weights that are no numbers is gaps, and no crash", async () => {
    const run = await train(1, true, { epochs: 1 });
    const weights = new Map(
      [...(await run.weights())].map(([name, { shape, data }]) => {
        const broken = name.startsWith("model.epnet") ? data.map(() => Number.NaN) : data;
        return [name, { shape, data: broken }] as const;
      }),
    );
    const { spec, model, history, validation } = run;
    const engine = laterRunEngine(() => openEngine(spec, { weights }), undefined);
    const nan = new Run({ spec, model, history, validation, evaluation: null, notes: [], interrupted: false, engine });
    const report = await nan.gates();
    expect(report.gaps.map(({ what }) => what)).toEqual(expect.arrayContaining(["EPNet"]));
    const what = await nan.counterfactual();
    expect(what.effects[0]!.tasks[0]!.overall).toMatchObject({
      auc: { value: null, low: null, high: null },
      logitChange: null,
    });
    expect(what.effects[0]!.tasks[0]!.mostChanged).toEqual([]);
    expect((await nan.importance()).named("ctr")).toEqual([]);
    expect((await nan.explain(null, { row: 0 })).gates.some(({ value }) => value === null)).toBe(true);
    for (const shown of [report, what, await nan.importance(), await nan.explain(null, { row: 0 })]) {
      expect((await shown.bundle())["text/plain"]).toBeTypeOf("string");
    }
    await Promise.all([run, nan].map((each) => each.dispose()));
  });
});
