/** One row through its gates. */
import { describe, expect, it } from "vitest";
import { rows, train } from "./planted.js";

describe("an explanation", () => {
  it("says what a row is, how usual its gates are in its domain, and what each does to the logit", async () => {
    const run = await train(1, true);
    const held = rows(1500, 101, true);
    const row = 7;
    const what = await run.explain(null, { row });
    const predicted = (await (await run.predict(held)).toColumns())["logits_ctr"]![row];
    expect(what.tasks[0]!.logit).toBeCloseTo(predicted as number, 4);
    expect(what.tasks[0]!.label).toBe(held.clk[row]);
    expect(what.values).toMatchObject({ item: held.item[row], mood: held.mood[row], scene: held.scene[row] });
    expect(what.rowCount).toBe(held.scene.filter((scene) => scene === held.scene[row]).length - 1);
    expect(what.gates.map(({ field }) => field ?? "layer").sort()).toEqual(["item", "layer", "mood", "scene"]);
    for (const { value, quantile, domainMean, gamma } of what.gates) {
      expect(quantile! * (1 - quantile!)).toBeGreaterThanOrEqual(0);
      expect(Math.max(value!, domainMean!)).toBeLessThan(gamma);
    }
    const sizes = what.gates.map(({ atDomainMean, atOne }) =>
      Math.max(...[...atDomainMean, ...atOne].map((c) => Math.abs(c!))),
    );
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(await run.explain(null, { row })).toEqual(what);
    // Without sequences, its chart has the fields with the row's values.
    const { title, figure } = await what.chart();
    expect(title).toMatch(/^Row 7: .* (raises|lowers) the ctr logit most/);
    expect(JSON.stringify(figure.layout)).toContain(`mood = ${held.mood[row]}`);
    expect((await what.toDanfo()).shape).toEqual([4, 9]);
    expect((await what.bundle())["text/plain"]).toMatch(
      /EPNet item[\s\S]*PPNet ctr, layer 1|PPNet ctr, layer 1[\s\S]*EPNet item/,
    );
    // Among the rows of a domain, a larger value of a gate is above more of them.
    const alike = [...held.scene.keys()].filter((other) => held.scene[other] === held.scene[row]).slice(0, 6);
    const explained = await Promise.all(alike.map((other) => run.explain(null, { row: other })));
    for (const gate of ["item", "mood"]) {
      const places = explained.map(({ gates }) => gates.find(({ field }) => field === gate)!);
      const byValue = [...places].sort((a, b) => a.value! - b.value!).map(({ quantile }) => quantile!);
      expect(byValue).toEqual([...byValue].sort((a, b) => a - b));
      expect(byValue.at(-1)!).toBeGreaterThan(byValue[0]!);
    }
    await expect(run.explain(null, { row: 1500 })).rejects.toThrow(/no such row[\s\S]*0 to 1499/);
    await run.dispose();
  });

  it("of the only row of a domain has nothing to compare with: gaps, and no crash", async () => {
    const run = await train(2, true, { epochs: 1 });
    const few = { item: [1, 2, 3], mood: [4, 5, 6], scene: [0, 0, 1], clk: [0, 1, 1] };
    const what = await run.explain(few, { row: 2 });
    expect([what.rowCount, what.gates.length]).toEqual([0, 4]);
    for (const { quantile, domainMean, atDomainMean, atOne } of what.gates) {
      expect([quantile, domainMean, ...atDomainMean]).toEqual([null, null, null]);
      expect(atOne[0]).toBeTypeOf("number");
    }
    await run.dispose();
  });
});
