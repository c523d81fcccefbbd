/** Counterfactuals on generated rows whose domains do, or do not, change what a click depends on. */
import { describe, expect, it } from "vitest";
import { pepnet } from "../../src/api/index.js";
import { freezeGate, idFeature, moduleOff, swapDomain } from "../../src/index.js";
import { rows, train } from "./planted.js";

describe("a counterfactual", () => {
  it("names changes, measures each domain, shows the rows that change most, and refuses what is not there", async () => {
    const run = await train(3, true);
    const what = await run.counterfactual();
    expect(what.effects.map((effect) => effect.name)).toEqual(["another domain", "EPNet off", "PPNet off"]);
    const [task] = what.effects[0]!.tasks;
    expect(task!.domains.reduce((sum, { rows: own }) => sum + own, 0)).toBe(1500);
    const changes = task!.mostChanged.map((row) => Math.abs(row.logitChange));
    expect(changes).toHaveLength(10);
    expect(changes).toEqual([...changes].sort((a, b) => b - a));
    expect(changes[9]).toBeGreaterThan(task!.overall.logitChange!);
    const live = await run.counterfactual([
      swapDomain("<b>live</b>"),
      [moduleOff("epnet"), freezeGate("ppnet", { at: "mean" })],
    ]);
    const [feed, own] = live.effects[0]!.tasks[0]!.domains;
    expect(own!.auc).toEqual({ value: 0, low: 0, high: 0 });
    expect(own!.logitChange).toBe(0);
    expect(feed!.auc.high).toBeLessThan(-0.2);
    expect((await live.bundle())["text/html"]).not.toContain("<b>live</b>");
    expect(await run.counterfactual()).toEqual(what);
    await expect(run.counterfactual([swapDomain("liv")])).rejects.toThrow(/no such domain/);
    await expect(run.counterfactual([freezeGate("ppnet", { layer: 4 })])).rejects.toThrow(/no such gate/);
    await run.dispose();
  });

  it("of a model without modules and domains has nothing to change, and says so by an empty table", async () => {
    const bare = pepnet()
      .features(idFeature("item").buckets(20).embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const run = await bare.fit(rows(600, 1, false), { steps: 3, quiet: true });
    expect((await run.counterfactual()).effects).toEqual([]);
    await expect(run.counterfactual([swapDomain()])).rejects.toThrow(/no domains/);
    await run.dispose();
  });
});
