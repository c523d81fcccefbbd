/** Metrics over time and by training rows: groups that are known, and groups that are only noise. */
import { describe, expect, test } from "vitest";
import {
  groupsByDomain,
  type RowGroups,
  rowGroups,
  trainingGroups,
} from "../../../src/core/data/summary/row-groups.js";
import type { RawColumn } from "../../../src/core/data/table/column.js";
import { groupsApart, withGroupsApart } from "../../../src/core/metrics/intervals/apart.js";
import type { Evaluation } from "../../../src/core/metrics/types.js";
import { random } from "../../../src/core/util/random.js";
import { drillDownChart, groupsChart, groupsSheet } from "../../../src/lab/views/evaluation/groups.js";
import { sheetRecords } from "../../../src/lab/views/view.js";
import { wholeTitle } from "../../whole-title.js";
import { modelSpec, towerSpec } from "../data/specs.js";
import { evaluatePredictions } from "./measured.js";

const day = 86_400_000;
const start = Date.UTC(2024, 1, 26); // a Monday
const timestamps = (values: number[]): RawColumn => ({
  kind: "number",
  type: "timestamp",
  values: Float64Array.from(values),
  valid: null,
});
const byTime = (values: number[], most?: number): RowGroups =>
  rowGroups("time", timestamps(values), { as: "times", most });

describe("buckets of time", () => {
  const spread = (days: number, rows: number): number[] =>
    Array.from({ length: rows }, (_, row) => start + (row * days * day) / rows);

  test.each([
    [1, 5000, "hour", 24, "2024-02-26 00:00"],
    [14, 5000, "day", 14, "2024-02-26"],
    [100, 5000, "week", 15, "2024-02-26"],
    [700, 5000, "month", 24, "2024-02"],
    [2000, 5000, "quarter", 23, "2024-Q1"],
    [14, 300, "week", 2, "2024-02-26"],
  ] as const)("of %d days and %d rows are a %s wide", (days, rows, width, buckets, first) => {
    const { names, groups, notes } = byTime(spread(days, rows));
    expect([groups.width, names.length, names[0]]).toEqual([width, buckets, first]);
    expect(notes).toEqual([`time: ${buckets} buckets of one ${width} (UTC)`]);
  });

  test("keep days without rows, begin weeks on Mondays, and leave rows without a time out", () => {
    const { codes, names, notes } = byTime([start, start + 2 * day, Number.NaN]);
    expect(names).toEqual(["2024-02-26", "2024-02-27", "2024-02-28"]);
    expect([...codes]).toEqual([0, 2, -1]);
    expect(notes[1]).toBe("time: 1 row without a time are left out");
    expect(byTime([start - 1, start], 2).names).toEqual(["2024-02-19", "2024-02-26"]);
  });

  test("read seconds and milliseconds since 1970 and ISO text, and refuse other values", () => {
    const numbers = (values: number[]): RawColumn => ({
      kind: "number",
      type: "integer",
      values: Float64Array.from(values),
      valid: null,
    });
    expect(rowGroups("t", numbers([start / 1000, start / 1000 + 86_400]), { as: "times" }).names).toHaveLength(2);
    expect(rowGroups("t", numbers([start, start + day]), { as: "times" }).names).toEqual(["2024-02-26", "2024-02-27"]);
    const text: RawColumn = { kind: "text", codes: Int32Array.of(0, 1), words: ["2024-02-26", "2024-02-27"] };
    expect(rowGroups("t", text, { as: "times" }).names).toEqual(["2024-02-26", "2024-02-27"]);
    expect(() => rowGroups("t", numbers([20_240_226]), { as: "times" })).toThrow(
      /these values are not times[\s\S]*20240226/,
    );
    expect(() => rowGroups("t", { kind: "text", codes: Int32Array.of(0), words: ["May"] }, { as: "times" })).toThrow(
      /not times/,
    );
  });
});

test("groups of training rows count each value's rows, as text where one side is text", () => {
  const text = (words: string[]): RawColumn => ({
    kind: "text",
    codes: Int32Array.from(words, (_, row) => row),
    words,
  });
  const ids = (values: number[]): RawColumn => ({
    kind: "number",
    type: "integer",
    values: Int32Array.from(values),
    valid: null,
  });
  const training = ids([...Array<number>(7).fill(1), 2, 3, 3]);
  const { codes, names } = trainingGroups("user", text(["1", "2", "3", "9"]), training);
  expect(names).toEqual(["0", "1–4", "5–19"]);
  expect([...codes]).toEqual([2, 1, 1, 0]);
  expect(() =>
    trainingGroups(
      "user",
      { kind: "list", offsets: Int32Array.of(0), items: ids([]), valid: null } as RawColumn,
      training,
    ),
  ).toThrow(/one id a row/);
});

/** Rows whose predictions are the true probabilities, except where `off` gives others. */
function evaluated(
  rows: number,
  seed: number,
  groups: (row: number) => number,
  off: (row: number) => number,
  domains = 0,
): Evaluation {
  const { uniform } = random(seed);
  const truth = Float32Array.from({ length: rows }, () => 0.05 + 0.5 * uniform());
  const labels = truth.map((chance) => (uniform() < chance ? 1 : 0));
  const predicted = truth.map((chance, row) =>
    off(row) === 0 ? chance : off(row) > 1 ? chance * off(row) : uniform() * 0.5,
  );
  const spec = modelSpec({ labels: ["clk"], towers: [towerSpec("ctr", "clk")] });
  const data = {
    rows,
    features: new Map(),
    labels: new Map([["clk", labels]]),
    domains: null,
    sampleWeights: new Map(),
  };
  const plain = byTime(Array.from({ length: rows }, (_, row) => start + groups(row) * day));
  const by =
    domains === 0
      ? plain
      : groupsByDomain(
          plain,
          Int32Array.from({ length: rows }, (_, row) => row % domains),
          ["a", "b"],
        );
  const predictions = [{ tower: "ctr", probabilities: predicted, logits: predicted }];
  const made = evaluatePredictions(spec, data as never, predictions, { by, intervals: { draws: 200 } });
  return withGroupsApart({ ...made, by: "time", groups: by.groups });
}

describe("metrics over time", () => {
  test("of a model that does not change have no day beyond noise, in at least 95% of data sets", () => {
    const cries = Array.from({ length: 40 }, (_, seed) => {
      const evaluation = evaluated(
        3000,
        seed + 1,
        (row) => row % 10,
        () => 0,
      );
      return (["auc", "logLoss", "calibration"] as const).map((metric) =>
        groupsApart(evaluation, metric)[0]!.isApart.includes(true),
      );
    });
    for (const metric of [0, 1, 2]) expect(cries.filter((cry) => cry[metric]).length).toBeLessThanOrEqual(6);
  });

  test("find the day on which the scores were noise, and the day on which they were too high", () => {
    const evaluation = evaluated(
      8000,
      4,
      (row) => row % 8,
      (row) => (row % 8 === 5 ? 1 : row % 8 === 2 ? 1.5 : 0),
    );
    const [auc] = groupsApart(evaluation, "auc");
    expect(auc!.isApart).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((at) => at === 5));
    expect(groupsApart(evaluation, "calibration")[0]!.isApart[2]).toBe(true);
    expect(wholeTitle(groupsChart(evaluation))).toMatch(
      /^AUC of ctr 0\.\d+ on 2024-03-02 \(median 0\.\d+\); clk predicted × 1\.\d\d on 2024-02-28; by day of time$/,
    );
  });

  test("by domain find the domain too, and every number is in the table", () => {
    const evaluation = evaluated(
      8000,
      4,
      (row) => Math.floor(row / 2) % 4,
      (row) => (row % 8 === 3 ? 1 : 0),
      2,
    );
    const { title, table } = groupsChart(evaluation);
    expect(title).toMatch(/ctr 0\.\d+ on 2024-02-27 in b/);
    expect(table.rows).toHaveLength(8);
    const rows = sheetRecords(groupsSheet(evaluation));
    const bad = rows.filter((row) => row["auc_apart"] === true);
    expect(bad.map((row) => [row["domain_name"], row["group"]])).toEqual([["b", "2024-02-27"]]);
  });
});

test("new users that are ranked worse are found, against those that training knows", () => {
  const evaluation = evaluated(
    6000,
    2,
    (row) => row % 3,
    (row) => (row % 3 === 0 ? 1 : 0),
  );
  const names = ["0", "1–4", "5–19"];
  const cold = {
    ...evaluation,
    by: "user",
    groups: { kind: "trainingRows", width: null, names, domains: null } as const,
  };
  expect(wholeTitle(groupsChart(cold))).toMatch(
    /^AUC of ctr 0\.\d+ at 0 rows \(median 0\.\d+\).*; by training rows of user; 33% of the rows have a user that training lacks$/,
  );
});

test("by values, a title names the weakest only if it is apart from the others after correction", () => {
  const noise = evaluated(
    6000,
    3,
    (row) => row % 6,
    () => 0,
  );
  expect(drillDownChart({ ...noise, by: "city" }).title).toMatch(/no value of ctr apart from others \(median 0\.\d+\)/);
  const bad = evaluated(
    6000,
    3,
    (row) => row % 6,
    (row) => (row % 6 === 4 ? 1 : 0),
  );
  expect(drillDownChart({ ...bad, by: "city" }).title).toMatch(/weakest at .+ \(0\.\d+, median 0\.\d+\)$/);
});
