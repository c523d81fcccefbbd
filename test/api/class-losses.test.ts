/** Losses of several classes: JRC ranks the rows of a session; softmax leaves out rows of the class −100. */
import { describe, expect, it } from "vitest";
import { adam } from "../../src/core/builder/optimizers.js";
import { random } from "../../src/core/util/random.js";
import { idFeature, pepnet, rawFeature } from "../../src/index.js";

const source = random(3);
const rows = Array.from({ length: 600 }, (_, row) => {
  const price = source.uniform();
  return { user: row % 60, price, clk: source.uniform() < price ? 1 : 0, kind: row % 5 === 0 ? -100 : row % 3 };
});
const columns = pepnet()
  .features(rawFeature("price"), idFeature("user").buckets(60).embedding(4))
  .labels("clk", "kind")
  .group("all", ["price"]);

describe("JRC", () => {
  const model = columns
    .tower("ctr", (t) => t.label("clk").mlp(8).jrc("user", { alpha: 0.3 }).gauc("user"))
    .train({ batchSize: 100, epochs: 5, dense: adam(0.02) });

  it("trains with sessions of a feature that is in no group, alike on any number of threads and engine", async () => {
    const losses: number[] = [];
    for (const options of [{ threads: 1 }, { threads: 2 }, { engine: "cpu" }] as const) {
      const run = await model.fit(rows, { ...options, validation: null, quiet: true });
      losses.push(run.history.points.at(-1)!.taskLosses["jrc_loss_ctr"]!);
      if (losses.length === 1) {
        const { tasks } = await run.evaluate(rows);
        expect(tasks[0]!.overall.auc).toBeGreaterThan(0.7);
        expect(tasks[0]!.overall.configured["grouped_auc"]).toBeGreaterThan(0.6);
        const [first] = await (await run.predict(rows)).head(1);
        expect(first!["probs1_ctr"]).toBeCloseTo((first!["probs_ctr"] as number[])[1]!, 6);
      }
      await run.dispose();
    }
    for (const loss of losses) expect(loss).toBeCloseTo(losses[0]!, 4);
  });

  it("goes through a config, and is refused without its session, with another number of classes, or on other labels", async () => {
    expect(pepnet.fromConfig(model.toConfig()).spec.towers).toEqual(model.spec.towers);
    const bad = (tower: Parameters<typeof columns.tower>[1]) => () => columns.tower("t", tower);
    expect(bad((t) => t.label("clk").jrc("price"))).toThrow(/session of jrc_loss must be a feature with ids/);
    expect(bad((t) => t.label("clk").jrc("user").softmax(3))).toThrow(/jrc_loss has two classes/);
    const wrong = columns.tower("t", (t) => t.label("kind").jrc("user"));
    await expect(wrong.fit(rows, { steps: 1, quiet: true })).rejects.toThrow(/expected: 0 or 1/);
  });
});

describe("rows of the class −100", () => {
  const model = columns
    .tower("kind", (t) => t.label("kind").softmax(3).accuracy().multiclassAuc())
    .train({ batchSize: 100 });

  it("are not trained on and not measured", async () => {
    const kept = rows.filter(({ kind }) => kind !== -100);
    const run = await model.fit(rows, { steps: 3, validation: null, quiet: true });
    const [all, some] = [
      await run.evaluate(rows, { intervals: false }),
      await run.evaluate(kept, { intervals: false }),
    ];
    expect(all.tasks[0]!.overall.rows).toBe(480);
    expect(all.tasks[0]!.overall).toEqual(some.tasks[0]!.overall);
    await run.dispose();
    const first = rows.slice(0, 100);
    const loss = async (data: typeof rows): Promise<number> => {
      const fresh = await model.train({ batchSize: 100 }).fit(data, { steps: 1, validation: null, quiet: true });
      const [point] = fresh.history.points;
      await fresh.dispose();
      return point!.taskLosses["softmax_cross_entropy_kind"]!;
    };
    expect(await loss(first)).toBeCloseTo(await loss(first.filter(({ kind }) => kind !== -100)), 6);
  });
});
