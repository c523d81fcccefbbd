/** Which field the domain acts through, on generated rows where that is known. */
import { describe, expect, it } from "vitest";
import { idFeature, pepnet } from "../../src/index.js";
import { model, rows, train, truth } from "./planted.js";

describe("a ranking of fields", () => {
  it("names the field that a planted effect of the domain is in, and none where there is no effect", async () => {
    for (const { high, named } of await truth([1, 2], true)) {
      expect(high).toBeLessThan(0);
      expect(named).toEqual(["item"]);
    }
    for (const { low, high, named } of await truth([1, 2], false)) {
      expect(low).toBeLessThanOrEqual(0);
      expect(high).toBeGreaterThanOrEqual(0);
      expect(named).toEqual([]);
    }
  });

  it("asks the same of EPNet's gates, whose fields include the domain's own; the same each time", async () => {
    const run = await train(5, true, { epochs: 2 }, model.switches({ sharedTowers: true }));
    const off = await run.rankFields(null, { by: "gate off" });
    expect(off.tasks[0]!.fields.map(({ field }) => field).sort()).toEqual(["item", "mood", "scene"]);
    const sizes = off.tasks[0]!.fields.map(({ auc }) => Math.abs(auc.value!));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(await run.rankFields(null, { by: "gate off" })).toEqual(off);
    const mean = await run.rankFields(null, { by: "gate mean", rows: 400 });
    expect(mean.rowCount).toBe(400);
    expect((await mean.bundle())["text/plain"]).toContain("EPNet gates at their mean");
    expect((await mean.toDanfo()).shape).toEqual([4, 8]);
    await run.dispose();
  });

  it("says where a field's values are those of one domain only, and does not name it", async () => {
    const nested = (count: number, seed: number) => {
      const own = rows(count, seed, true);
      return { ...own, mood: own.mood.map((mood, row) => 2 * Math.floor(mood / 2) + own.scene[row]!) };
    };
    const data = nested(6000, 1);
    data.clk = data.mood.map((mood, row) => Number(mood % 4 < 2) ^ (row % 5 === 0 ? 1 : 0));
    const run = await train(1, true, { validation: data, epochs: 1 });
    const [task] = (await run.rankFields()).tasks;
    const mood = task!.fields.find(({ field }) => field === "mood");
    expect(mood).toMatchObject({ oneDomain: 1, nested: true });
    expect(task!.named).not.toContain("mood");
    await run.dispose();
  });

  it("says what it needs where the model lacks it", async () => {
    const bare = pepnet()
      .features(idFeature("item").buckets(20).embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const run = await bare.fit(rows(600, 1, false), { steps: 3, quiet: true });
    await expect(run.rankFields()).rejects.toThrow(/no EPNet/);
    await expect(run.rankFields(null, { by: "domain" })).rejects.toThrow(/no domains/);
    await run.dispose();
  });
});
