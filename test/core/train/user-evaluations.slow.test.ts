/** Calibration ratios and metrics over time where rows belong to users, of models that are as good as the truth. */
import { describe, expect, test } from "vitest";
import { reliabilityChart } from "../../../src/lab/views/evaluation/calibration.js";
import { groupsChart } from "../../../src/lab/views/evaluation/groups.js";
import { expectRates } from "../../rates.js";
import { wholeTitle } from "../../whole-title.js";
import {
  calibrationClaims,
  calibrationOfUsers,
  falseAlarms,
  overTimeOfUsers,
  timeClaims,
  userEvaluationRates,
} from "./user-evaluations.js";

test("models as good as the truth have a claim in at most 5% of reports and charts over time", async () => {
  expectRates(await userEvaluationRates());
});

describe("ratios of predicted and observed rates", () => {
  test("are off too often if rows are taken as independent, which title and table say", () => {
    const world = { users: 120, rowsPerUser: 30, isUserKnown: false };
    expect(falseAlarms(60, (seed) => calibrationClaims({ ...world, seed }))).toBeGreaterThan(0.1);
    const { table, ...said } = reliabilityChart(calibrationOfUsers({ ...world, seed: 1 }));
    expect(wholeTitle(said)).toMatch(/; rows taken as independent$/);
    expect(table.caption).toContain("(rows taken as independent)");
    expect(wholeTitle(reliabilityChart(calibrationOfUsers({ ...world, isUserKnown: true, seed: 1 })))).toMatch(
      /; whole users by user$/,
    );
  });

  test("find the domain whose predictions are too high", () => {
    const world = { users: 400, rowsPerUser: 20, off: 1.25 };
    expect(
      falseAlarms(20, (seed) => calibrationClaims({ ...world, seed }).filter((place) => place === 3)),
    ).toBeGreaterThan(0.9);
  });

  test("of fewer than ten users cannot be told", () => {
    for (const users of [1, 4]) {
      const report = calibrationOfUsers({ users, rowsPerUser: 30, seed: 1, off: 3 });
      const [task] = report.tasks;
      for (const { ratio } of [task!.overall, ...task!.domains]) {
        expect(ratio).toMatchObject({ low: null, high: null, isBeyondNoise: false });
      }
      expect(wholeTitle(reliabilityChart(report))).toMatch(/, domains cannot be told; whole users by user$/);
    }
  });
});

describe("metrics over time", () => {
  test("find the day whose predictions are too high", () => {
    const claims = (seed: number) => timeClaims({ users: 400, rowsPerUser: 20, seed, off: 1.4 });
    expect(falseAlarms(10, (seed) => claims(seed).filter((claim) => claim === "calibration 2"))).toBeGreaterThan(0.8);
  });

  test("of heavy users find the day whose predictions are too high, and say how few users they count as", () => {
    const claims = (seed: number) => timeClaims({ users: 2000, rowsPerUser: 10, seed, off: 1.4, heavy: 1 });
    expect(falseAlarms(10, (seed) => claims(seed).filter((claim) => claim === "calibration 2"))).toBeGreaterThan(0.7);
    const few = overTimeOfUsers({ users: 200, rowsPerUser: 10, seed: 1, oneDay: true, heavy: 2 });
    const [task] = few.tasks;
    expect(task!.domains.some(({ intervals }) => intervals!.auc!.low === null)).toBe(true);
  });

  test("of one user a day have gaps and no verdict", () => {
    const evaluation = overTimeOfUsers({ users: 6, rowsPerUser: 30, seed: 1, off: 3, oneDay: true });
    expect(Object.values(evaluation.apart!).flatMap(([task]) => task!.isApart)).not.toContain(true);
    expect(wholeTitle(groupsChart(evaluation))).toMatch(
      /^AUC of ctr 0\.\d+, differences cannot be told; by month of time$/,
    );
  });
});
