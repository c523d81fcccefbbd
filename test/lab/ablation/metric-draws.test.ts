/** A run's metrics on drawn rows: what evaluation says, and how it would vary. */
import { beforeAll, describe, expect, test } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { exactAuc, groupedAuc } from "../../../src/core/metrics/auc.js";
import type { Predictions } from "../../../src/core/train/evaluate.js";
import { random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { type DrawnTask, drawingMetrics, drawSample } from "../../../src/lab/ablation/statistics/metric-draws.js";
import { evaluatePredictions } from "../../core/train/measured.js";
import { model, rows } from "../gates/planted.js";

const { spec } = model;
let data: EncodedData;
let predictions: Predictions[];
let users: Int32Array;

beforeAll(async () => {
  data = await encode(await openTable(rows(3000, 1, true)), spec);
  const source = random(3);
  const labels = data.labels.get("clk")!;
  const logits = labels.map((label) => label + 1.5 * source.normal());
  predictions = [{ tower: "ctr", logits, probabilities: logits.map((x) => 1 / (1 + Math.exp(-x))) }];
  users = Int32Array.from({ length: data.rows }, (_, row) => row % 300);
});

const drawn = (mostRows?: number, of: Int32Array | null = users): DrawnTask =>
  atOnce(drawingMetrics(spec, data, predictions, { draws: 200, users: of, ...(mostRows ? { mostRows } : {}) }))[0]!;

const deviation = (draws: Float32Array): number => {
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  return Math.sqrt(draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws.length - 1));
};

describe("drawn metrics", () => {
  test("are, on the rows as they are, those of an evaluation", () => {
    const [task] = evaluatePredictions(spec, data, predictions).tasks;
    const { overall, domains } = drawn();
    expect(overall.auc!.value).toBeCloseTo(task!.overall.auc!, 12);
    expect(overall.logLoss!.value).toBeCloseTo(task!.overall.logLoss!, 6);
    expect(domains.map((metrics) => metrics.auc!.value)).toEqual(
      task!.domains.map((metrics) => expect.closeTo(metrics.auc!, 12)),
    );
    const scores = predictions[0]!.probabilities;
    expect(overall.groupedAuc!.value).toBeCloseTo(groupedAuc(scores, data.labels.get("clk")!, users)!, 12);
  });

  test("vary as the AUC does from one sample of users to another", () => {
    const spread = deviation(drawn().overall.auc!.draws);
    // Hanley & McNeil's standard error, for independent rows.
    const auc = exactAuc(predictions[0]!.probabilities, data.labels.get("clk")!)!;
    const positives = data.labels.get("clk")!.reduce((sum, label) => sum + label, 0);
    const negatives = data.rows - positives;
    const [q1, q2] = [auc / (2 - auc), (2 * auc ** 2) / (1 + auc)];
    const expected = Math.sqrt(
      (auc * (1 - auc) + (positives - 1) * (q1 - auc ** 2) + (negatives - 1) * (q2 - auc ** 2)) /
        (positives * negatives),
    );
    expect(spread).toBeGreaterThan(expected * 0.8);
    expect(spread).toBeLessThan(expected * 1.2);
  });

  test("from fewer rows vary as those from all, around the same value", () => {
    for (const of of [users, null]) {
      const [some, all] = [drawn(1000, of).overall.auc!, drawn(undefined, of).overall.auc!];
      expect(some.value).toBe(all.value);
      expect(deviation(some.draws) / deviation(all.draws)).toBeGreaterThan(0.8);
      expect(deviation(some.draws) / deviation(all.draws)).toBeLessThan(1.25);
      expect(some.draws.reduce((sum, value) => sum + value, 0) / 200).toBeCloseTo(all.value!, 2);
    }
  });

  test("of two runs are the same draws: equal predictions differ by nothing", () => {
    expect(drawn().overall.auc!.draws).toEqual(drawn().overall.auc!.draws);
  });

  test("of runs that take turns are those of a run alone", () => {
    const begin = () => drawingMetrics(spec, data, predictions, { draws: 200, users });
    const take = (work: ReturnType<typeof begin>) => {
      const { done, value } = work.next();
      return done === true ? value : null;
    };
    const [first, second] = [begin(), begin()];
    for (let turn = 0; turn < 9; turn++) take(first);
    take(second);
    const alone = drawn(1000); // others are drawn in between
    const [ahead, behind] = [atOnce(first), atOnce(second)];
    expect(behind).toEqual(ahead);
    expect(ahead).toEqual([drawn()]);
    expect(drawn(1000)).toEqual(alone);
  });

  test("of a class that is not there are a gap", () => {
    const none = { ...data, labels: new Map([["clk", new Float32Array(data.rows)]]) };
    const [task] = atOnce(drawingMetrics(spec, none, predictions, { draws: 3, users: null }));
    expect(task!.overall.auc).toEqual({ value: null, draws: Float32Array.of(Number.NaN, Number.NaN, Number.NaN) });
    expect(task!.overall.groupedAuc).toBeUndefined();
  });
});

test("a sample of rows is of whole users", () => {
  const { rows: chosen, has, scale } = drawSample(users.length, users, 600);
  const taken = new Set(Array.from(chosen!, (row) => users[row]));
  expect(chosen!.length).toBe(users.filter((user) => taken.has(user)).length);
  expect(taken.size).toBe(60);
  expect(scale).toBeCloseTo(Math.sqrt(60 / 300), 12);
  expect(has!.reduce((sum, mark) => sum + mark, 0)).toBe(chosen!.length);
});
