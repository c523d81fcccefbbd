/** Which clicks mattered for a row: attention weights by position, and the logits without each position. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import type { Run } from "../../../src/api/run/run.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { adam } from "../../../src/core/builder/optimizers.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { sequenceFeature } from "../../../src/core/builder/sequence-feature.js";
import { din, pooling } from "../../../src/core/builder/sequences.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { EngineName } from "../../../src/core/engine/engine.js";
import { random } from "../../../src/core/util/random.js";
import { everySequence, rowsWithSequences } from "../../core/serve/sequence-models.js";

const item = idFeature("item").buckets(8).embedding(4, { sharedAs: "item" });
const source = random(5);
/** Four clicks; what decides is whether one of them is on the candidate. */
const rows = Array.from({ length: 1500 }, (_, row) => {
  const candidate = source.integer(8);
  const clicks = Array.from({ length: 4 }, () => (candidate + 1 + source.integer(7)) % 8);
  const seen = row % 2 === 1;
  if (seen) clicks[source.integer(4)] = candidate;
  return { item: candidate, clicks__item: clicks, clicks__price: clicks.map((id) => id / 20), clk: seen ? 1 : 0 };
});

let run: Run;
beforeAll(async () => {
  run = await pepnet()
    .features(item, sequenceFeature("clicks", { of: [item, rawFeature("price")], length: 10 }))
    .labels("clk")
    .group("all", ["item"], {
      sequences: [din("clicks", { query: ["item"], hidden: [16, 8] }), pooling("clicks", { maxLength: 2 })],
    })
    .tower("ctr", (t) => t.label("clk").mlp(8).bce())
    .train({ batchSize: 64, epochs: 20, seed: 1, dense: adam(0.02) })
    .fit(rows, { validation: null, quiet: true });
});
afterAll(() => run.dispose());

describe("the positions of a row's sequence", () => {
  const row = 7;

  it("have the row's values, weights that add up to 1, and the click that decided first", async () => {
    const { positions } = await run.explain(rows, { row });
    const clicks = rows[row]!.clicks__item;
    expect(positions.map(({ values }) => values["clicks__item"])).toEqual(clicks);
    expect(positions.map(({ position }) => position)).toEqual([...clicks.keys()]);
    const weights = positions.map((each) => each.weights.find(({ encoder }) => encoder === "clicks: din")!.weight!);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    const decisive = clicks.indexOf(rows[row]!.item);
    const changes = positions.map(({ without }) => without[0]!);
    expect(changes[decisive]).toBe(Math.min(...changes));
    expect(changes[decisive]!).toBeLessThan(-1);
  });

  it("change the logit as predictions without them do", async () => {
    const { positions, tasks } = await run.explain(rows, { row });
    const { clicks__item, clicks__price, ...rest } = rows[row]!;
    const shorter = clicks__item.map((_, without) => ({
      ...rest,
      clicks__item: clicks__item.filter((__, at) => at !== without),
      clicks__price: clicks__price.filter((__, at) => at !== without),
    }));
    const predicted = await (await run.predict(shorter)).head(shorter.length);
    for (const [at, { without }] of positions.entries()) {
      expect(without[0]!).toBeCloseTo((predicted[at]!["logits_ctr"] as number) - tasks[0]!.logit, 4);
    }
  });

  it("are a table, a text and a chart with the finding as its title", async () => {
    const what = await run.explain(rows, { row });
    const text = (await what.bundle())["text/plain"];
    expect(text).toMatch(/sequence +position +item +price +weight, clicks: din +Δctr logit without it/);
    const chart = await what.chart();
    expect(chart.figure.data.length).toBeGreaterThan(0);
    expect(chart.title).toMatch(
      new RegExp(
        `clicks ${rows[row]!.clicks__item.indexOf(rows[row]!.item)}: ${rows[row]!.item} raises the ctr logit most`,
      ),
    );
    expect((await what.positionsTable().bundle())["text/plain"]).toContain("Positions of the sequences of row 7");
  });

  it("are none in a row without clicks", async () => {
    const what = await run.explain([{ item: 1, clicks__item: [], clicks__price: [], clk: 0 }], { row: 0 });
    expect(what.positions).toEqual([]);
    expect((await what.chart()).title).toBe("Row 0: the model has no gates");
  });
});

describe("attention weights", () => {
  it("are the same on every engine, in any order of rows", async () => {
    const data = rowsWithSequences(40, 3);
    const model = everySequence;
    const { dataset } = await import("../../../src/api/data/dataset.js");
    const encoded = await (await dataset(data)).encode(model.spec);
    const { takeRows } = await import("../../../src/core/data/encoded/streamed.js");
    const batch = await takeRows(
      encoded,
      Int32Array.from({ length: 40 }, (_, row) => 39 - row),
    );
    const values = async (name: EngineName) => {
      const engine = await createEngine(model.spec, { engine: name } as never);
      const weights = await engine.attention(batch);
      await engine.dispose();
      return weights;
    };
    const [compiled, eager] = [await values("compiled"), await values("cpu")];
    expect(compiled.map(({ encoder, positions }) => [encoder, positions])).toEqual([
      ["clicks: din", 6],
      ["clicks: multi_window_din", 6],
      ["buys: simple_attention", 4],
    ]);
    for (const [at, { values: found }] of compiled.entries()) {
      const furthest = found.reduce((most, value, i) => Math.max(most, Math.abs(value - eager[at]!.values[i]!)), 0);
      expect(furthest).toBeLessThan(1e-5);
    }
  });
});
