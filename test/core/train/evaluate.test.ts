import { describe, expect, it } from "vitest";
import { modelFromSpec, pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { exactAuc, groupedAuc } from "../../../src/core/metrics/auc.js";
import { logLoss, meanSquaredError } from "../../../src/core/metrics/intervals/drawn-cell.js";
import { random } from "../../../src/core/util/random.js";
import { evaluatePredictions } from "./measured.js";

const rows = 3000;
const source = random(6);
const whole = (most: number) => Int32Array.from({ length: rows }, () => Math.floor(source.uniform() * most));
const uniform = () => Float32Array.from({ length: rows }, () => source.uniform());

const domains = whole(4);
const users = whole(30);
const clicks = Float32Array.from({ length: rows }, () => (source.uniform() < 0.3 ? 1 : 0));
const buys = clicks.map((clicked) => (clicked && source.uniform() < 0.4 ? 1 : 0));
const data: EncodedData = {
  rows,
  features: new Map([
    ["user", { kind: "ids", ids: users }],
    ["scene", { kind: "ids", ids: domains }],
  ]),
  labels: new Map([
    ["clk", clicks],
    ["buy", buys],
    ["price", uniform()],
    ["stars", Float32Array.from(whole(3))],
  ]),
  sampleWeights: new Map(),
  domains,
  warnings: [],
};
const spec = pepnet()
  .features(idFeature("user").buckets(30).embedding(4), idFeature("scene").buckets(4).embedding(4))
  .labels("clk", "buy", "price", "stars")
  .group("domain", ["scene"])
  .epnet()
  .domains("scene", 4)
  .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc().gauc("user"))
  .tower("cvr", (t) => t.label("buy").mlp(4).bce().taskSpace("clk", { in: 1, out: 0 }))
  .tower("price", (t) => t.label("price").mlp(4).l2()).spec;

const click = uniform();
const buy = uniform();
const price = uniform();
const predictions = [click, buy, price].map((probabilities, index) => ({
  tower: spec.towers[index]!.name,
  probabilities,
  logits: probabilities,
}));
const evaluation = evaluatePredictions(spec, data, predictions);

/** The values of the rows that a predicate keeps, in the plainest way. */
function kept(values: ArrayLike<number>, keep: (row: number) => boolean): Float32Array {
  return Float32Array.from(Array.from(values).filter((_, row) => keep(row)));
}

describe("an evaluation by domain", () => {
  it("measures each domain on its own rows", () => {
    const [ctr] = evaluation.tasks;
    expect(ctr!.domains).toHaveLength(4);
    expect(ctr!.domains.reduce((sum, domain) => sum + domain.rows, 0)).toBe(rows);
    ctr!.domains.forEach((metrics, domain) => {
      const own = (values: ArrayLike<number>) => kept(values, (row) => domains[row] === domain);
      expect(metrics.auc).toBe(exactAuc(own(click), own(clicks)));
      expect(metrics.logLoss).toBe(logLoss(own(click), own(clicks)));
      expect(metrics.configured["grouped_auc"]).toBe(groupedAuc(own(click), own(clicks), own(users)));
    });
    expect(ctr!.allRows).toBe(ctr!.overall);
  });

  it("measures a task with a space inside it, by domain and in all, and beside that on all rows", () => {
    const cvr = evaluation.tasks[1]!;
    expect(cvr.within).toBe("clk");
    const inside = (row: number) => clicks[row] === 1;
    expect(cvr.overall.rows).toBe(kept(clicks, inside).length);
    expect(cvr.overall.auc).toBe(exactAuc(kept(buy, inside), kept(buys, inside)));
    expect(cvr.allRows.rows).toBe(rows);
    expect(cvr.allRows.auc).toBe(exactAuc(buy, buys));
    cvr.domains.forEach((metrics, domain) => {
      const own = (row: number) => inside(row) && domains[row] === domain;
      expect(metrics.auc).toBe(exactAuc(kept(buy, own), kept(buys, own)));
      expect(metrics.positives).toBe(kept(buys, own).reduce((sum, label) => sum + label, 0));
    });
  });

  it("gives a regression its errors, and no metric of classes", () => {
    const { overall } = evaluation.tasks[2]!;
    expect(overall.meanSquaredError).toBe(meanSquaredError(price, data.labels.get("price")!));
    expect(overall.rootMeanSquaredError! ** 2).toBeCloseTo(overall.meanSquaredError!, 12);
    const { auc, logLoss: loss, normalizedEntropy, expectedCalibrationError, accuracy } = overall;
    expect([auc, loss, normalizedEntropy, expectedCalibrationError, accuracy]).toEqual([null, null, null, null, null]);
  });
});

describe("a task of several classes", () => {
  it("has log loss and accuracy of the classes", () => {
    const one = pepnet()
      .features(idFeature("user").buckets(30).embedding(4))
      .labels("stars")
      .tower("stars", (t) => t.label("stars").mlp(4).softmax(3)).spec;
    const stars = data.labels.get("stars")!;
    const probabilities = new Float32Array(rows * 3).fill(0.25);
    stars.forEach((star, row) => {
      probabilities[row * 3 + (row % 2 === 0 ? star : (star + 1) % 3)] = 0.5;
    });
    const { overall } = evaluatePredictions(modelFromSpec(one).spec, data, [
      { tower: "stars", probabilities, logits: probabilities },
    ]).tasks[0]!;
    expect(overall.accuracy).toBe(0.5);
    expect(overall.logLoss).toBeCloseTo(-(Math.log(0.5) + Math.log(0.25)) / 2, 6);
    expect([overall.auc, overall.meanSquaredError]).toEqual([null, null]);
  });
});
