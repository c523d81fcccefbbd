/** Lengths that trainings choose for themselves, against rows whose best weights are known. */
import { expect, test } from "vitest";
import type { Predictions } from "../../../src/core/train/evaluate.js";
import { growingEvaluations } from "../../../src/core/train/loop/steps.js";
import { permutation, random } from "../../../src/core/util/random.js";
import { idFeature, pepnet } from "../../../src/index.js";
import { LengthChooser } from "../../../src/lab/ablation/own-length.js";

const { spec } = pepnet()
  .features(idFeature("scene").buckets(2).embedding(4))
  .labels("y")
  .group("domain", ["scene"])
  .epnet()
  .domains("scene", ["a", "b"])
  .tower("y", (t) => t.label("y").mlp(4).bce().auc());

const rows = 80;
const [labels, domains] = [new Float32Array(rows), new Int32Array(rows)];
for (let row = 0; row < rows; row++) {
  labels[row] = row % 2;
  domains[row] = row < 40 ? 0 : 1;
}
const data = { rows, features: new Map(), labels: new Map([["y", labels]]), domains };
const isFirst = (row: number): boolean => row % 4 < 2;

function predictions(value: (row: number) => number): Predictions[] {
  const probabilities = Float32Array.from({ length: rows }, (_, row) => value(row));
  return [{ tower: "y", probabilities, logits: probabilities.map((p) => p - 0.5) }];
}

function chooser(patience = 2, metric: "logLoss" | undefined = undefined): LengthChooser {
  return new LengthChooser(
    spec,
    data,
    isFirst,
    { patience, metric },
    predictions(() => 0),
  );
}

/** Right about the labels of some rows, and wrong about all others. @param mark tells looks apart */
function rightFor(isRight: (row: number) => boolean, mark: number): Predictions[] {
  return predictions((row) => (labels[row] === (isRight(row) ? 1 : 0) ? 0.6 : 0.4) + mark);
}

test("each half of a domain is predicted by the weights that are best on the other half", () => {
  const chosen = chooser();
  chosen.look(
    rightFor((row) => isFirst(row) === row < 40, 0.01),
    true,
  );
  chosen.look(
    rightFor((row) => isFirst(row) !== row < 40, 0.02),
    true,
  );
  // In a the first half is right at the first look, so the second half has its predictions; in b the other way round.
  for (const [row, probability] of chosen.predictions[0]!.probabilities.entries()) {
    const mark = isFirst(row) === row < 40 ? 0.02 : 0.01;
    expect([0.4 + mark, 0.6 + mark].some((each) => Math.abs(each - probability) < 1e-6)).toBe(true);
    expect(chosen.predictions[0]!.logits[row]).toBeCloseTo(probability - 0.5, 6);
  }
});

test("a row's own label does not choose its prediction", () => {
  // Of 40 looks at random numbers, those that a row itself would choose have an AUC of about .7.
  const source = random(5);
  const chosen = chooser(50);
  for (let look = 0; look < 40; look++) {
    chosen.look(
      predictions(() => source.uniform()),
      true,
    );
  }
  const scores = chosen.predictions[0]!.probabilities;
  const half = [...scores.keys()].filter((row) => row < 40 && isFirst(row));
  const [positives, negatives] = [1, 0].map((label) => half.filter((row) => labels[row] === label));
  const wins = positives!.flatMap((p) => negatives!.map((n) => Number(scores[p]! > scores[n]!)));
  expect(Math.abs(wins.reduce((sum, each) => sum + each) / wins.length - 0.5)).toBeLessThan(0.25);
});

test("training ends after so many looks that are the best of nothing, and not at early ones", () => {
  const good = rightFor(() => true, 0);
  const bad = rightFor(() => false, 0);
  const chosen = chooser(2);
  expect([good, bad, bad, bad].map((each) => chosen.look(each, false))).toEqual([true, true, true, true]);
  expect([bad, bad].map((each) => chosen.look(each, true))).toEqual([true, false]);
  const another = chooser(2);
  expect([bad, bad, good, bad, bad].map((each) => another.look(each, true))).toEqual([true, true, true, true, false]);
});

test("where the metric is not defined the last weights predict, and a loss chooses if it is compared", () => {
  const one = { ...data, labels: new Map([["y", new Float32Array(rows).fill(1)]]) };
  const last = new LengthChooser(
    spec,
    one,
    isFirst,
    { patience: 2, metric: undefined },
    predictions(() => 0),
  );
  for (const value of [0.2, 0.9, 0.3])
    last.look(
      predictions(() => value),
      true,
    );
  expect(last.predictions[0]!.probabilities[7]).toBeCloseTo(0.3, 6);
  const order = permutation(rows, random(1));
  const sure = rightFor(() => true, 0);
  const unsure = predictions((row) => 0.5 + (labels[row]! - 0.5) * 0.001 + order[row]! * 1e-7); // same AUC of 1
  const byLoss = chooser(2, "logLoss");
  byLoss.look(unsure, true);
  byLoss.look(sure, true);
  expect(byLoss.predictions[0]!.probabilities[0]).toBeCloseTo(sure[0]!.probabilities[0]!, 6);
  const byAuc = chooser(2);
  byAuc.look(unsure, true);
  byAuc.look(sure, true);
  expect(byAuc.predictions[0]!.probabilities[0]).toBeCloseTo(unsure[0]!.probabilities[0]!, 6);
});

test.each([1, 3, 4, 5, 100, 5000])("looks at %i steps end with the last and grow by √2", (total) => {
  const { steps, early } = growingEvaluations(total);
  const all = [...steps].sort((a, b) => a - b);
  expect(all.at(-1)).toBe(total);
  expect(early.has(total)).toBe(false);
  for (const [at, step] of all.slice(1).entries()) expect(step / all[at]!).toBeLessThan(1.7);
  expect(all[0]).toBeLessThanOrEqual(Math.max(total, 6));
  for (const step of all) expect(early.has(step)).toBe(step < total / 4);
});
