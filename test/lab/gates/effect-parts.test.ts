/** The parts of a change of AUC, of predictions whose answer is known. */
import { expect, it } from "vitest";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { cellRows } from "../../../src/core/train/measure/task-rows.js";
import { random } from "../../../src/core/util/random.js";
import { taskEffect } from "../../../src/lab/gates/effects.js";
import { model } from "./planted.js";

const rows = 600;
const source = random(1);
const labels = Float32Array.from({ length: rows }, () => (source.uniform() < 0.4 ? 1 : 0));
const domains = Int32Array.from({ length: rows }, (_, row) => row % 2);
const scores = labels.map((label) => label + 1.5 * source.normal());
const data = { rows, domains, labels: new Map([["clk", labels]]) } as unknown as EncodedData;

/** The effect of scores that become `after(score, domain)`, a mean over these. */
function effectOf(...afters: ((score: number, domain: number) => number)[]): ReturnType<typeof taskEffect> {
  const output = (logits: Float32Array) => ({ tower: "ctr", logits, probabilities: logits });
  const tower = model.spec.towers[0]!;
  const change = {
    tower,
    parts: cellRows(tower, data, 2),
    before: output(scores),
    afters: afters.map((after) => output(scores.map((score, row) => after(score, domains[row]!)))),
  };
  return taskEffect(
    model.spec,
    data,
    change,
    Int32Array.from({ length: rows }, (_, row) => row),
    null,
  );
}

it("a whole domain that is scored higher changes AUC between domains only", () => {
  const { overall, parts } = effectOf((score, domain) => score + 3 * domain);
  expect(parts!.within).toEqual({ value: 0, low: 0, high: 0 });
  expect(parts!.between.value).toBeCloseTo(overall.auc.value!, 12);
  expect(parts!.between.high).toBeLessThan(-0.001);
});

it("noise in one domain changes AUC within domains by its share of the rows", () => {
  const { overall, domains: each, parts } = effectOf((score, domain) => (domain === 0 ? score : -score));
  expect(each[0]!.auc.value).toBe(0);
  expect(parts!.within.value).toBeCloseTo(each[1]!.auc.value! / 2, 12);
  expect(parts!.within.value! + parts!.between.value!).toBeCloseTo(overall.auc.value!, 12);
});

it("several targets: the mean of their changes of AUC, and of the sizes of the logits' changes", () => {
  const [up, down, both] = [
    effectOf((score, domain) => score + 3 * domain),
    effectOf((score, domain) => (domain === 0 ? score : -score)),
    effectOf(
      (score, domain) => score + 3 * domain,
      (score, domain) => (domain === 0 ? score : -score),
    ),
  ];
  expect(both.overall.auc.value).toBeCloseTo((up.overall.auc.value! + down.overall.auc.value!) / 2, 12);
  expect(both.parts!.within.value).toBeCloseTo(down.parts!.within.value! / 2, 12);
  expect(both.overall.logitChange).toBeCloseTo((up.overall.logitChange! + down.overall.logitChange!) / 2, 5);
  const [most] = both.mostChanged;
  const larger = [...up.mostChanged, ...down.mostChanged].reduce((a, b) =>
    Math.abs(b.logitChange) > Math.abs(a.logitChange) ? b : a,
  );
  expect(Math.abs(most!.logitChange)).toBe(Math.abs(larger.logitChange));
});
