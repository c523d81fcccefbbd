import { describe, expect, it } from "vitest";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { comparisonVerdict } from "../../../src/core/metrics/comparison-verdict.js";
import { deLong } from "../../../src/core/metrics/delong.js";
import { comparePredictions } from "../../../src/core/train/evaluate.js";
import { random } from "../../../src/core/util/random.js";
import { compare, verdicts } from "./equal-models.js";
import { measuredRows, noisyPredictions, twoTasks } from "./measured.js";

const rows = 4000;
const { data, logits, domains } = measuredRows(rows, 3);
const noisy = (noise: (task: number, domain: number) => number, seed: number, of = { logits, domains }) =>
  noisyPredictions(of.logits, of.domains, noise, random(seed));
const even = noisy(() => 0.8, 1);

/** By counting pairs. */
function pairsAuc(scores: ArrayLike<number>, labels: ArrayLike<number>, rows: readonly number[]): number {
  let [ahead, pairs] = [0, 0];
  for (const i of rows.filter((row) => labels[row] === 1)) {
    for (const j of rows.filter((row) => labels[row] === 0)) {
      pairs++;
      ahead += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    }
  }
  return ahead / pairs;
}

describe("a comparison", () => {
  it("of a model with itself finds nothing in any cell", async () => {
    const same = await comparePredictions(twoTasks, data, even, even, { draws: 50 });
    for (const { overall, domains } of same.tasks) {
      for (const cell of [overall, ...domains.slice(0, 3)]) {
        for (const { value, low, high, verdict } of Object.values(cell.metrics)) {
          expect([value, low, high, verdict]).toEqual([0, 0, 0, "noise"]);
        }
      }
    }
  });

  it("shows a seesaw: which task gained where, and which lost", async () => {
    // The first model knows clicks better in the feed, and purchases worse in search; elsewhere both are as good.
    const seesaw = noisy((task, domain) => (task === 0 && domain === 0 ? 0 : task === 1 && domain === 1 ? 9 : 1.5), 2);
    const even = noisy(() => 1.5, 8);
    const found = await comparePredictions(twoTasks, data, seesaw, even);
    expect(found.method).toMatchObject({ auc: "DeLong", user: null, draws: 300, sampledRows: null });
    expect(verdicts(found, "auc")).toEqual([
      ["ahead", "ahead", "noise", "noise", "gap"],
      ["behind", "noise", "behind", "noise", "gap"],
    ]);
    expect(verdicts(found, "logLoss")[0]!.slice(0, 2)).toEqual(["ahead", "ahead"]);
    expect(verdicts(found, "logLoss")[1]![2]).toBe("behind");
    const back = await comparePredictions(twoTasks, data, even, seesaw);
    expect(back.tasks[0]!.overall.metrics.auc!.value).toBeCloseTo(-found.tasks[0]!.overall.metrics.auc!.value!, 12);
    expect(verdicts(back, "auc")[0]).toEqual(["behind", "behind", "noise", "noise", "gap"]);
  });

  it("has DeLong's numbers for AUC, corrected for the number of cells", async () => {
    const other = noisy(() => 1.2, 5);
    const found = await comparePredictions(twoTasks, data, even, other);
    const own = deLong(even[0]!.probabilities, other[0]!.probabilities, data.labels.get("clk")!)!;
    const auc = found.tasks[0]!.overall.metrics.auc!;
    expect(auc).toMatchObject({ low: own.low, high: own.high, pValue: own.pValue });
    expect(auc.value).toBeCloseTo(own.value, 12);
    expect(auc.first).toBe(exactAuc(even[0]!.probabilities, data.labels.get("clk")!));
    expect(auc.adjustedPValue!).toBeGreaterThan(auc.pValue!);
  });

  it("draws whole users where they are known, and compares the AUC of users", async () => {
    const users = { name: "user_id", codes: Int32Array.from({ length: rows }, (_, row) => row % 150) };
    const found = await comparePredictions(
      twoTasks,
      data,
      noisy(() => 0, 7),
      even,
      { users },
    );
    expect(found.method).toMatchObject({ auc: "bootstrap", user: "user_id" });
    expect(found.metrics).toContain("groupedAuc");
    const { auc, groupedAuc } = found.tasks[0]!.overall.metrics;
    expect(auc!.verdict).toBe("ahead");
    expect(groupedAuc!.verdict).toBe("ahead");
    // Rows that are independent: both ways agree.
    const rowsDrawn = (
      await comparePredictions(
        twoTasks,
        data,
        noisy(() => 0, 7),
        even,
      )
    ).tasks[0]!.overall.metrics.auc!;
    expect((auc!.high! - auc!.low!) / (rowsDrawn.high! - rowsDrawn.low!)).toBeCloseTo(1, 0);
  });

  it("says why a cell has no verdict", async () => {
    const found = await comparePredictions(twoTasks, data, even, even);
    const rare = found.tasks[0]!.domains[3]!;
    expect(rare.rows).toBe(8);
    expect(rare.metrics.auc!.gap).toMatch(/^\d (positive|negative) rows are too few$/);
    const broken = even.map((own) => ({
      ...own,
      probabilities: own.probabilities.map((p, row) => (row === 20 ? Number.NaN : p)),
    }));
    const withNaN = await comparePredictions(twoTasks, data, broken, even);
    expect(withNaN.tasks[0]!.overall.metrics.auc).toMatchObject({ verdict: "gap", gap: "a prediction is NaN" });
  });

  it("compares ranks alone where scores are no probabilities", async () => {
    const ranksOnly = ["ctr", "cvr"];
    const found = await comparePredictions(twoTasks, data, even, even, { ranksOnly });
    expect(found.metrics).toEqual(["auc"]);
  });
});

describe("several trainings of each model", () => {
  it("of models that differ show it, as means over the trainings", async () => {
    const found = await compare([0, 20], 4, 1);
    const { first, second, value, verdict } = found.tasks[0]!.overall.metrics.auc!;
    expect(found.method).toMatchObject({ trainings: [4, 4], auc: "bootstrap" });
    expect(value).toBeCloseTo(first! - second!, 12);
    expect(verdict).toBe("won");
  });

  it("of one model alone say how much another training usually changes, and claim nothing of models", async () => {
    const sample = measuredRows(600, 7);
    const [one, two, three, other] = [1, 2, 3, 4].map((seed) =>
      noisyPredictions(sample.logits, sample.domains, () => 0.8, random(seed)),
    );
    const names = ["ours", "theirs"] as const;
    const compared = (more: (typeof one)[][]) =>
      comparePredictions(twoTasks, sample.data, one!, other!, { draws: 60, names, more: more as never });
    const usual = (all: readonly (typeof one)[], task: number) => {
      const clicks = sample.data.labels.get("clk")!;
      const rows = [...clicks.keys()].filter((row) => task === 0 || clicks[row] === 1);
      const labels = sample.data.labels.get(twoTasks.towers[task]!.label)!;
      const aucs = all.map((each) => pairsAuc(each![task]!.probabilities, labels, rows));
      const centre = aucs.reduce((sum, auc) => sum + auc) / aucs.length;
      const variance = aucs.reduce((sum, auc) => sum + (auc - centre) ** 2, 0) / (aucs.length - 1);
      return Math.sqrt(2 * variance).toPrecision(2);
    };
    const several = await compared([[two, three], []]);
    expect(several.method.trainings).toEqual([3, 1]);
    expect(comparisonVerdict(several)).toContain("for these trainings");
    const said = (name: string, all: readonly (typeof one)[], task: number) =>
      `${twoTasks.towers[task]!.name}: two trainings of ${name} usually differ by ${usual(all, task)} in AUC (by its ${all.length} trainings)`;
    expect(several.notes).toEqual([0, 1].map((task) => said("ours", [one, two, three], task)));
    expect((await compared([[], [two]])).notes).toEqual([0, 1].map((task) => said("theirs", [other, two], task)));
    expect((await compared([[], []])).notes).toEqual([]);
    expect((await compared([[two], [three]])).notes).toEqual([]);
  });
});
