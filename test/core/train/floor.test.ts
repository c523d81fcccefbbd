/** The logistic regression that evaluations name beside AUC: fitted once for the same rows and tasks. */
import { expect, test } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { Objective, VisitBudget } from "../../../src/core/train/logistic-objective.js";
import { fitLogisticRegression, regressionSeconds } from "../../../src/core/train/logistic-regression.js";
import { everyRow } from "../../../src/core/util/numbers.js";
import { random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { idSpec, modelSpec, towerSpec } from "../data/specs.js";

const rows = 400;
const item = Int32Array.from({ length: rows }, (_, row) => (row * 7) % 20);
const click = Int32Array.from(item, (id) => (id < 5 ? 1 : 0));
const buy = Int32Array.from(item, (id) => (id > 16 ? 1 : 0));

const spec = (label: string): ModelSpec =>
  modelSpec({ features: [idSpec("item", 20)], labels: [label], towers: [towerSpec("ctr", label)] });
const encoded = async (label: string, values: Int32Array) =>
  encode(await openTable({ item: values, click, buy }), spec(label));

test("equal rows in other memory have the same regression, other rows, labels or groups have another", async () => {
  const first = await fitLogisticRegression(spec("click"), await encoded("click", item));
  expect(await fitLogisticRegression(spec("click"), await encoded("click", item))).toBe(first);

  const others = [
    await fitLogisticRegression(spec("buy"), await encoded("buy", item)),
    await fitLogisticRegression(
      spec("click"),
      await encoded(
        "click",
        item.map((id) => (id < 9 ? 0 : id)),
      ),
    ),
  ];
  const intercept = (fitted: typeof first) => fitted!.weights.get("ctr")!.at(-1);
  for (const other of others) expect(intercept(other)).not.toBe(intercept(first));
  const again = await fitLogisticRegression(spec("click"), await encoded("click", item));
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});

test("with more weights than rows it still ends at the minimum, whatever the labels' rate", async () => {
  const source = random(4);
  const [count, features, values] = [3000, 12, 900];
  const names = Array.from({ length: features }, (_, at) => `f${at}`);
  const columns = Object.fromEntries(
    names.map((name) => [name, Int32Array.from({ length: count }, () => Math.floor(values * source.uniform() ** 2))]),
  );
  for (const rate of [0.5, 0.03]) {
    const first = columns["f0"]!;
    const label = Float32Array.from(first, (id) => (source.uniform() < (id % 3 === 0 ? 1.6 : 0.7) * rate ? 1 : 0));
    const wide = modelSpec({
      features: names.map((name) => idSpec(name, values)),
      labels: ["y"],
      towers: [towerSpec("y", "y")],
      groups: [{ name: "all", features: names, kind: "deep", extra: {} }] as never,
    });
    const {
      columns: places,
      weights,
      strengths,
    } = (await fitLogisticRegression(wide, await encode(await openTable({ ...columns, y: label }), wide)))!;
    const fitted = weights.get("y")!;
    expect(fitted.length).toBeGreaterThan(count);
    // The derivatives of ½‖w‖²/C + Σ log losses, computed here: all are near 0, a row's share of them.
    const gradient = Array.from(fitted, (weight, at) => (at === fitted.length - 1 ? 0 : weight / strengths.get("y")!));
    for (let row = 0; row < count; row++) {
      const at = places.map(({ name, places: of }) => of.of(columns[name]![row]!));
      const odds = at.reduce((sum, place) => sum + fitted[place]!, fitted.at(-1)!);
      const error = 1 / (1 + Math.exp(-odds)) - label[row]!;
      for (const place of [...at, fitted.length - 1]) gradient[place]! += error;
    }
    expect(Math.max(...gradient.map(Math.abs)) / count).toBeLessThan(1e-4);
  }
});

test("a budget limits its rows and its work, and the result says so", async () => {
  const source = random(9);
  const [count, features] = [3000, 60];
  const columns = Object.fromEntries(
    Array.from({ length: features }, (_, at) => [
      `f${at}`,
      Int32Array.from({ length: count }, () => source.integer(300)),
    ]),
  );
  const label = Float32Array.from({ length: count }, (_, row) => {
    const odds = Object.values(columns).reduce((sum, ids) => sum + ((ids[row]! * 7) % 5) - 2, 0);
    return source.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
  });
  const wide = modelSpec({
    features: Object.keys(columns).map((name) => idSpec(name, 300)),
    labels: ["y"],
    towers: [towerSpec("y", "y")],
    groups: [{ name: "all", features: Object.keys(columns), kind: "deep", extra: {} }] as never,
  });
  const data = await encode(await openTable({ ...columns, y: label }), wide);
  const values = features * count;
  const whole = (await fitLogisticRegression(wide, data))!;
  expect(whole.extent).toMatchObject({ rows: count, of: count });
  expect(whole.extent!.gaps.get("y")).toBeLessThan(1e-6);
  const positions = Int32Array.from({ length: values }, (_, entry) => {
    const field = entry % features;
    return field * 300 + columns[`f${field}`]![Math.floor(entry / features)]!;
  });
  const inputs = {
    starts: Int32Array.from({ length: count + 1 }, (_, row) => row * features),
    positions,
    values: new Float32Array(values).fill(1),
  };
  const gapOf = (rounds: number): number => {
    const budget = new VisitBudget(rounds * values);
    const objective = new Objective(
      inputs,
      label,
      everyRow(count),
      features * 300 + 1,
      1,
      new Float64Array(count),
      budget,
    );
    return atOnce(objective.minimum(1e-7)).gap;
  };
  expect(gapOf(3)).toBeGreaterThan(1e-3);
  expect(gapOf(300)).toBeLessThan(1e-7);
  const part = (await fitLogisticRegression(wide, data, 8 * values))!;
  expect(part.extent!.rows).toBeGreaterThan(count / 4);
  expect(part.extent!.rows).toBeLessThan(count / 2);
  const budget = new VisitBudget(100);
  const half = budget.share(0.5);
  expect([half.takes(40), half.takes(20), budget.takes(50), budget.takes(20)]).toEqual([true, false, true, false]);
});

test("its time grows with the rows up to a limit, and is nothing without binary tasks", async () => {
  const data = await encoded("click", item);
  expect(await regressionSeconds(spec("click"), data, 1e9)).toBeGreaterThan(
    await regressionSeconds(spec("click"), data, 1000),
  );
  expect(await regressionSeconds({ ...spec("click"), towers: [] }, data, 1e9)).toBe(0);
});
