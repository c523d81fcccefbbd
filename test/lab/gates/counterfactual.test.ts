/** Counterfactuals on generated rows whose domains do, or do not, change what a click depends on. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exactAuc } from "../../../src/core/metrics/public.js";
import { everyDomain, freezeGate, idFeature, loadRun, moduleOff, pepnet, swapDomain } from "../../../src/index.js";
import { model, rows, train } from "./planted.js";

const live = "<b>live</b>";

describe("a counterfactual", () => {
  it("names changes, measures each domain, shows the rows that change most, and refuses what is not there", async () => {
    const run = await train(3, true);
    const what = await run.counterfactual();
    expect(what.effects.map((effect) => effect.name)).toEqual([
      "another domain",
      "another domain, towers kept",
      "EPNet off",
      "PPNet off",
    ]);
    const [task] = what.effects[0]!.tasks;
    expect(task!.domains.reduce((sum, { rows: own }) => sum + own, 0)).toBe(1500);
    const changes = task!.mostChanged.map((row) => Math.abs(row.logitChange));
    expect(changes).toHaveLength(10);
    expect(changes).toEqual([...changes].sort((a, b) => b - a));
    expect(changes[9]).toBeGreaterThan(task!.overall.logitChange!);
    const swaps = await run.counterfactual(null, {
      changes: [swapDomain(live), [moduleOff("epnet"), freezeGate("ppnet", { at: "mean" })]],
    });
    const [feed, own] = swaps.effects[0]!.tasks[0]!.domains;
    expect(own!.auc).toEqual({ value: 0, low: 0, high: 0, adjustedPValue: 1 });
    expect(own!.logitChange).toBe(0);
    expect(feed!.auc.high).toBeLessThan(-0.1);
    expect(JSON.stringify((await swaps.chart()).figure)).not.toContain(live);
    expect(await run.counterfactual()).toEqual(what);
    await expect(run.counterfactual(null, { changes: [swapDomain("liv")] })).rejects.toThrow(/unknown domain "liv"/);
    await expect(run.counterfactual(null, { changes: [freezeGate("ppnet", { layer: 4 })] })).rejects.toThrow(
      /no such gate/,
    );
    await expect(run.counterfactual(null, { changes: [freezeGate("epnet", { field: "itm" })] })).rejects.toThrow(
      /did you mean "item"/,
    );
    await expect(run.counterfactual(null, { changes: [freezeGate("ppnet", { field: "item" })] })).rejects.toThrow(
      /hidden units/,
    );
    await run.dispose();
  });

  it("of a domain is what the model predicts of the same rows in that domain; every pair, with the rows' values", async () => {
    const run = await train(4, true);
    const held = rows(1500, 104, true);
    const what = await run.counterfactual(null, { changes: everyDomain(run.spec) });
    const moved = await run.predict({ ...held, scene: held.scene.map(() => 1) });
    const asTheyAre = await run.predict(held);
    const auc = async (data: typeof moved): Promise<number> => {
      const logits = (await data.toColumns())["logits_ctr"] as number[];
      const feed = held.scene.flatMap((scene, row) => (scene === 0 ? [row] : []));
      return exactAuc(
        Float32Array.from(feed, (row) => logits[row]!),
        Float32Array.from(feed, (row) => held.clk[row]!),
      )!;
    };
    const pairs = what.pairs("ctr");
    expect(pairs[0]![1]!.auc.value).toBeCloseTo((await auc(moved)) - (await auc(asTheyAre)), 6);
    expect([pairs[0]![0]!.auc.value, pairs[1]![1]!.auc.value]).toEqual([0, 0]);
    const [first] = what.effects[1]!.tasks[0]!.mostChanged;
    const [shown] = what.changedRows(`domain ${live}`, "ctr").rows();
    expect(shown).toMatchObject({ row: first!.row, item: held.item[first!.row], scene: held.scene[first!.row] });
    await run.dispose();
  });

  it.each([
    ["TorchEasyRec's model", model],
    ["shared towers", model.switches({ sharedTowers: true })],
    ["the paper's placement", model.switches({ gatePlacement: "input" })],
    ["trained gammas, no stop-gradient", model.switches({ learnableGamma: true, stopGradient: false })],
  ])("holds gates of %s at a value, a mean, the mean of each row's domain or of one", async (_, variant) => {
    const run = await train(1, true, { epochs: 1 }, variant);
    const ways = [0.5, "mean", "domain mean", { domain: live }] as const;
    const frozen = ways.flatMap((at) => [freezeGate("epnet", { field: "item", at }), freezeGate("ppnet", { at })]);
    const what = await run.counterfactual(null, { changes: frozen });
    expect(what.effects[4]!.name).toBe("EPNet item at its domain's mean");
    for (const { tasks } of what.effects) {
      expect(tasks[0]!.overall.auc.value).toBeTypeOf("number");
      expect(tasks[0]!.overall.logitChange).toBeGreaterThan(0);
    }
    const [own, ofLive] = [4, 6].map((effect) => what.effects[effect]!.tasks[0]!.domains);
    expect(own![1]).toEqual(ofLive![1]);
    expect(own![0]).not.toEqual(ofLive![0]);
    await run.dispose();
  });

  it("is the same of a run that was saved and loaded, and on another engine", async () => {
    const run = await train(2, true, { epochs: 1 });
    const changes = [swapDomain(), freezeGate("epnet", { at: "domain mean" })];
    const what = await run.counterfactual(null, { changes });
    const folder = join(mkdtempSync(join(tmpdir(), "pepnet-gates-")), "run");
    await run.save(folder);
    const data = rows(1500, 102, true);
    expect(await (await loadRun(folder)).counterfactual(data, { changes })).toEqual(what);
    const eager = await (await loadRun(folder, { engine: "cpu" })).counterfactual(data, { changes });
    eager.effects.forEach((effect, at) => {
      const [got, wanted] = [effect, what.effects[at]!].map(({ tasks }) => tasks[0]!.overall);
      expect(got!.logitChange).toBeCloseTo(wanted!.logitChange!, 4);
      expect(got!.auc.low).toBeCloseTo(wanted!.auc.low!, 3);
    });
    const imported = await train(2, true, { weights: await run.weights(), steps: 1, epochs: undefined as never });
    expect((await imported.counterfactual(null, { changes })).effects[0]!.tasks[0]!.overall.auc.high).toBeLessThan(0);
    await Promise.all([run, imported].map((each) => each.dispose()));
  });

  it("of a model without modules and domains has nothing to change, and says so by an empty table", async () => {
    const bare = pepnet()
      .features(idFeature("item").buckets(20).embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const run = await bare.fit(rows(600, 1, false), { steps: 3, quiet: true });
    expect((await run.counterfactual()).effects).toEqual([]);
    await expect(run.counterfactual(null, { changes: [swapDomain()] })).rejects.toThrow(/no domains/);
    await run.dispose();
  });
});
