/** What must not change a metric, over generated rows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactAuc, groupedAuc, thresholdAuc } from "../../../src/core/metrics/auc.js";
import { expectedCalibrationError } from "../../../src/core/metrics/calibration-curve.js";
import { logLoss, meanSquaredError, normalizedEntropy } from "../../../src/core/metrics/intervals/drawn-cell.js";

interface Row {
  /** A multiple of 1/64 in [0, 1]: float32 arithmetic on it is exact, and ties are common. */
  readonly score: number;
  readonly label: number;
  readonly group: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  score: fc.integer({ min: 0, max: 64 }).map((n) => n / 64),
  label: fc.integer({ min: 0, max: 1 }),
  group: fc.integer({ min: 0, max: 4 }),
});
const rows = fc.array(row, { minLength: 1, maxLength: 60 });
const shuffled = rows.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);

const scoresOf = (list: readonly Row[]) => Float32Array.from(list, ({ score }) => score);
const labelsOf = (list: readonly Row[]) => Float32Array.from(list, ({ label }) => label);
const groupsOf = (list: readonly Row[]) => list.map(({ group }) => group);

const metrics: Readonly<Record<string, (list: readonly Row[]) => number | null>> = {
  "exact AUC": (list) => exactAuc(scoresOf(list), labelsOf(list)),
  "AUC by thresholds": (list) => thresholdAuc(scoresOf(list), labelsOf(list)),
  "grouped AUC": (list) => groupedAuc(scoresOf(list), labelsOf(list), groupsOf(list)),
  "log loss": (list) => logLoss(scoresOf(list), labelsOf(list)),
  "normalised entropy": (list) => normalizedEntropy(scoresOf(list), labelsOf(list)),
  "mean squared error": (list) => meanSquaredError(scoresOf(list), labelsOf(list)),
  "calibration error by rows": (list) => expectedCalibrationError(scoresOf(list), labelsOf(list), { bins: 5 }),
  "calibration error by width": (list) =>
    expectedCalibrationError(scoresOf(list), labelsOf(list), { bins: 5, by: "width" }),
};

describe.each(Object.entries(metrics))("%s", (_, metric) => {
  it("does not depend on the order of rows", () => {
    fc.assert(fc.property(shuffled, ([list, other]) => expectSame(metric(list), metric(other))));
  });
});

describe("AUC", () => {
  it("does not change under monotone transforms of the scores", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const auc = metrics["exact AUC"]!(list);
        for (const transform of [(s: number) => 8 * s - 3, (s: number) => s ** 3, (s: number) => -1 / (s + 1)]) {
          expect(exactAuc(scoresOf(list).map(transform), labelsOf(list))).toBe(auc);
        }
      }),
    );
  });

  it("and its complement add up to 1, with scores or labels turned around", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const auc = metrics["exact AUC"]!(list);
        const complement = auc === null ? null : 1 - auc;
        expectSame(
          exactAuc(
            scoresOf(list).map((s) => -s),
            labelsOf(list),
          ),
          complement,
        );
        expectSame(
          exactAuc(
            scoresOf(list),
            labelsOf(list).map((l) => 1 - l),
          ),
          complement,
        );
      }),
    );
  });

  it("by thresholds is exact where a threshold lies between any two scores, and none reaches the last", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const below = list.map((each) => ({ ...each, score: Math.min(each.score, 63 / 64) }));
        expectSame(thresholdAuc(scoresOf(below), labelsOf(below), 129), metrics["exact AUC"]!(below));
      }),
    );
  });

  it("grouped is the exact one where all rows are of one group", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const one = list.map((each) => ({ ...each, group: 7 }));
        expectSame(metrics["grouped AUC"]!(one), metrics["exact AUC"]!(list));
      }),
    );
  });
});

describe("calibration error", () => {
  it("of one bin is |mean prediction − rate|, and more bins never see less", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const excess = list.reduce((sum, { score, label }) => sum + score - label, 0) / list.length;
        for (const by of ["rows", "width"] as const) {
          const one = expectedCalibrationError(scoresOf(list), labelsOf(list), { bins: 1, by });
          expectSame(one, Math.abs(excess));
          const four = expectedCalibrationError(scoresOf(list), labelsOf(list), { bins: 4, by })!;
          expect(four).toBeGreaterThanOrEqual(one! - 1e-12);
        }
      }),
    );
  });
});

function expectSame(received: number | null, expected: number | null): void {
  if (received === null || expected === null) expect(received).toBe(expected);
  else expect(received).toBeCloseTo(expected, 10);
}
