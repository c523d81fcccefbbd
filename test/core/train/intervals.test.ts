import { describe, expect, it } from "vitest";
import { groupedAuc } from "../../../src/core/metrics/auc.js";
import { drawUnits } from "../../../src/core/train/measure/task-cells.js";
import { random } from "../../../src/core/util/random.js";
import { evaluatePredictions, measuredRows, noisyPredictions, twoTasks } from "./measured.js";

const rows = 4000;
const { data, logits, domains } = measuredRows(rows, 5);
const predictions = noisyPredictions(logits, domains, () => 0.5, random(2));
const users = { name: "user_id", codes: Int32Array.from({ length: rows }, (_, row) => (row % 101) - 1) };
const all = (count: number) => Int32Array.from({ length: count }, (_, row) => row);

describe("an evaluation with intervals", () => {
  const found = evaluatePredictions(twoTasks, data, predictions, { intervals: {}, users });

  it("has one around every metric of every task and domain, narrower over more rows", () => {
    expect(found.intervalMethod).toEqual({ level: 0.95, draws: 300, seed: 1, user: "user_id", sampledRows: null });
    const { overall, domains } = found.tasks[0]!;
    const names = ["auc", "groupedAuc", "logLoss", "normalizedEntropy", "calibration", "expectedCalibrationError"];
    expect(Object.keys(overall.intervals!).sort()).toEqual(names.sort());
    for (const metrics of [overall, ...domains.slice(0, 3)]) {
      for (const [name, { value, low, high }] of Object.entries(metrics.intervals!)) {
        expect(value, name).toBe(metrics[name as "auc"]);
        expect(low!, name).toBeLessThan(value!);
        expect(high!, name).toBeGreaterThan(value!);
      }
    }
    const width = ({ low, high }: { low: number | null; high: number | null }) => high! - low!;
    expect(width(overall.intervals!.auc!)).toBeLessThan(width(domains[0]!.intervals!.auc!));
  });

  it("leaves the numbers themselves as they are without", () => {
    const plain = evaluatePredictions(twoTasks, data, predictions, { users });
    const { intervals, ...overall } = found.tasks[1]!.overall;
    expect(overall).toEqual(plain.tasks[1]!.overall);
    expect(plain.intervalMethod).toBeUndefined();
  });

  it("groups AUC by the users that are known", () => {
    const known = all(rows).filter((row) => users.codes[row]! >= 0);
    const pick = (values: Float32Array) => Float32Array.from(known, (row) => values[row]!);
    const byHand = groupedAuc(
      pick(predictions[0]!.probabilities),
      pick(data.labels.get("clk")!),
      known.map((row) => users.codes[row]!),
    );
    expect(found.tasks[0]!.overall.groupedAuc).toBeCloseTo(byHand!, 12);
    expect(found.tasks[0]!.overall.groups).toBe(100);
  });

  it("leaves out intervals of a handful of rows, not their values", () => {
    const rare = found.tasks[0]!.domains[3]!;
    expect(rare.rows).toBe(8);
    expect(rare.intervals!.auc).toEqual({ value: rare.auc, low: null, high: null });
    expect(rare.logLoss).not.toBeNull();
  });

  it("leaves out the interval of a handful of users' AUC", () => {
    const few = { name: "user_id", codes: users.codes.map((user) => (user < 5 ? user : -1)) };
    const { overall } = evaluatePredictions(twoTasks, data, predictions, { intervals: {}, users: few }).tasks[0]!;
    expect(overall).toMatchObject({ groups: 5, intervals: { groupedAuc: { low: null, high: null } } });
    expect(overall.intervals!.auc!.low).not.toBeNull();
  });

  it("gives labelled numbers where a prediction is NaN", () => {
    const broken = predictions.map((own) => ({
      ...own,
      probabilities: own.probabilities.map((p, row) => (row === 9 ? Number.NaN : p)),
    }));
    const { overall } = evaluatePredictions(twoTasks, data, broken, { intervals: {}, users }).tasks[0]!;
    expect(overall.auc).toBeNaN();
    expect(overall.intervals!.auc!.low).toBeNull();
  });
});

describe("what is drawn", () => {
  it("of cells of many rows is a sample of as many as there is room for, of small ones everything", () => {
    const cells = [all(1000), all(1000).subarray(0, 50), all(1000).subarray(500)];
    const units = drawUnits(1000, null, cells, 1, 650);
    expect(units.sampledRows).toBe(300);
    expect(units.cells[1]).toHaveLength(50);
    expect(units.cells[0]!.length).toBeGreaterThan(240);
    expect(units.cells[0]!.length).toBeLessThan(360);
    const drawn = new Set(units.cells.flatMap((rows) => [...rows].map((row) => units.of[row]!)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([...all(units.count)]);
  });

  it("of users is all of their rows, or none; rows of nobody are drawn alone", () => {
    const owners = Int32Array.from({ length: 900 }, (_, row) => (row < 800 ? row % 80 : -1));
    const whole = drawUnits(900, owners, [all(900)], 1);
    expect(whole).toMatchObject({ count: 180, sampledRows: null });
    const sampled = drawUnits(900, owners, [all(900)], 1, 300);
    const kept = new Map<number, number>();
    for (const row of sampled.cells[0]!)
      if (owners[row]! >= 0) kept.set(owners[row]!, (kept.get(owners[row]!) ?? 0) + 1);
    expect(new Set(kept.values())).toEqual(new Set([10]));
  });
});

describe("intervals of tasks that are not binary", () => {
  it("are of what those have: losses of classes, errors of values", () => {
    const source = random(3);
    const towers = twoTasks.towers.map((tower) => ({ ...tower, taskSpace: null, metrics: [] }));
    const classes = { ...towers[0]!, name: "stars", label: "stars", numClass: 3 };
    const value = { ...towers[1]!, name: "price", label: "price", losses: [{ kind: "l2_loss" as const }] };
    const labels = new Map([
      ["stars", Float32Array.from({ length: rows }, () => source.integer(3))],
      ["price", Float32Array.from({ length: rows }, () => source.normal())],
    ]);
    const outputs = [
      { tower: "stars", probabilities: new Float32Array(3 * rows).fill(1 / 3), logits: new Float32Array(3 * rows) },
      { tower: "price", probabilities: new Float32Array(rows), logits: new Float32Array(rows) },
    ];
    const spec = { ...twoTasks, towers: [classes, value] };
    const [stars, price] = evaluatePredictions(spec, { ...data, labels }, outputs, { intervals: {} }).tasks;
    expect(Object.keys(stars!.overall.intervals!)).toEqual(["logLoss", "accuracy"]);
    expect(stars!.overall.intervals!.logLoss!.low).toBeCloseTo(Math.log(3), 5);
    const { accuracy } = stars!.overall.intervals!;
    expect(accuracy!.value).toBe(stars!.overall.accuracy);
    expect(accuracy!.low!).toBeLessThan(1 / 3);
    expect(accuracy!.high!).toBeGreaterThan(1 / 3);
    const { rootMeanSquaredError, meanSquaredError } = price!.overall.intervals!;
    expect(rootMeanSquaredError!.low!).toBeLessThan(1);
    expect(rootMeanSquaredError!.high!).toBeGreaterThan(1);
    expect(rootMeanSquaredError!.high! ** 2).toBeCloseTo(meanSquaredError!.high!, 6);
  });
});
