import { describe, expect, it } from "vitest";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { deLong } from "../../../src/core/metrics/delong.js";
import { holm } from "../../../src/core/metrics/intervals/normal.js";
import { random } from "../../../src/core/util/random.js";
import { calibratedRows, everyRow } from "./samples.js";

/** DeLong et al. 1988, as written: structural components by all pairs, their covariance matrices, L S Lᵀ. */
function textbook(scores: readonly Float32Array[], labels: Float32Array) {
  const positives = everyRow(labels.length).filter((row) => labels[row]! > 0);
  const negatives = everyRow(labels.length).filter((row) => labels[row] === 0);
  const psi = (x: number, y: number) => (y < x ? 1 : y === x ? 0.5 : 0);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const v10 = scores.map((s) => [...positives].map((i) => mean([...negatives].map((j) => psi(s[i]!, s[j]!)))));
  const v01 = scores.map((s) => [...negatives].map((j) => mean([...positives].map((i) => psi(s[i]!, s[j]!)))));
  const auc = v10.map(mean);
  const covariance = (v: number[][], r: number, s: number) =>
    v[r]!.reduce((sum, value, i) => sum + (value - auc[r]!) * (v[s]![i]! - auc[s]!), 0) / (v[r]!.length - 1);
  const s = (r: number, c: number) =>
    covariance(v10, r, c) / positives.length + covariance(v01, r, c) / negatives.length;
  return { difference: auc[0]! - auc[1]!, variance: s(0, 0) + s(1, 1) - 2 * s(0, 1) };
}

describe("DeLong's test", () => {
  const { probabilities, labels } = calibratedRows(120, -1, random(4));
  const noise = random(9);
  const noisy = probabilities.map((p) => Math.round((p + 0.2 * noise.normal()) * 20) / 20);

  it("has the difference, variance and interval of the textbook's formula, ties and all", () => {
    const expected = textbook([probabilities, noisy], labels);
    const found = deLong(probabilities, noisy, labels)!;
    expect(found.value).toBeCloseTo(expected.difference, 12);
    expect(found.standardError).toBeCloseTo(Math.sqrt(expected.variance), 12);
    expect(found.high - found.value).toBeCloseTo(1.959964 * found.standardError, 6);
    expect(found.first).toBeCloseTo(exactAuc(probabilities, labels)!, 12);
    expect(found.second).toBeCloseTo(exactAuc(noisy, labels)!, 12);
  });

  it("compares some rows as if there were no others", () => {
    const rows = everyRow(120).filter((row) => row % 2 === 0);
    const pick = (values: Float32Array) => Float32Array.from(rows, (row) => values[row]!);
    const alone = deLong(pick(probabilities), pick(noisy), pick(labels))!;
    expect(deLong(probabilities, noisy, labels, { rows })).toEqual(alone);
  });

  it("finds no difference of a model with itself, and says 5% of the time that equal models differ", () => {
    expect(deLong(probabilities, probabilities, labels)).toMatchObject({ value: 0, standardError: 0, pValue: 1 });
    const source = random(12);
    let found = 0;
    for (let repeat = 0; repeat < 400; repeat++) {
      const sample = calibratedRows(300, 0, source);
      const [one, other] = [0, 1].map(() => sample.probabilities.map((p) => p + 0.3 * source.normal()));
      if (deLong(one!, other!, sample.labels)!.pValue < 0.05) found++;
    }
    expect(found / 400).toBeGreaterThan(0.02);
    expect(found / 400).toBeLessThan(0.08);
  });

  it("is not defined with fewer than two rows of a class, nor with NaN", () => {
    expect(deLong(Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 3), Float32Array.of(0, 0, 1))).toBeNull();
    const withNaN = probabilities.map((p, row) => (row === 3 ? Number.NaN : p));
    expect(deLong(withNaN, probabilities, labels)).toBeNull();
  });
});

describe("Holm's correction", () => {
  it("is that of R's p.adjust, and leaves out what was not tested", () => {
    expect(holm([0.01, 0.04, null, 0.03, 0.02])).toEqual([0.04, 0.06, null, 0.06, 0.06]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
    expect(holm([null])).toEqual([null]);
  });
});
