/** The numbers of a gates report, one table a question. */
import { expect, it } from "vitest";
import { idFeature, pepnet } from "../../src/index.js";
import type { GateTableName } from "../../src/lab/views/results.js";
import { rows, train } from "../lab/gates/planted.js";

it("tables hold each statistic under the domains' names, show themselves, and become frames", async () => {
  const run = await train(1, true, { epochs: 1 });
  const gates = await run.gates();
  const sizes: Record<GateTableName, number> = {
    statistics: 6,
    worth: 2,
    fields: 3,
    gaps: 0,
  };
  for (const [name, size] of Object.entries(sizes) as [GateTableName, number][]) {
    const shown = gates.table(name);
    expect(shown.rows(), name).toHaveLength(size);
    if (size > 0) expect((await shown.toDanfo()).shape[0]).toBe(size);
    expect((await shown.bundle())["text/html"]).not.toContain("<b>live</b>");
  }
  expect(() => gates.table("histogram" as GateTableName)).toThrow(
    /unknown table[\s\S]*one of "worth", "statistics", "fields", "gaps"/,
  );
  await expect(gates.chart("histograms" as "all")).rejects.toThrow(
    /unknown chart[\s\S]*one of "all", "worth", "fields", "quantiles"/,
  );
  expect(gates.table("fields").rows()[0]).toEqual({
    field: "item",
    feed: gates.fields[0]!.means[0],
    "<b>live</b>": gates.fields[0]!.means[1],
  });
  await run.dispose();
});

it("of a model without gates are empty, but for what is missing", async () => {
  const bare = pepnet()
    .features(idFeature("item").buckets(20).embedding(4))
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").mlp(4).bce());
  const run = await bare.fit(rows(600, 1, false), { steps: 3, quiet: true });
  const gates = await run.gates();
  expect(gates.table("fields").rows()).toEqual([]);
  expect(gates.table("gaps").rows()).toHaveLength(3);
  expect((await gates.bundle())["text/plain"]).toContain("missing: PPNet's gates: the model has no PPNet");
  await run.dispose();
});
