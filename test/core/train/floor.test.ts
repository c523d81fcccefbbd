/** The logistic regression that evaluations name beside AUC: fitted once for the same rows and tasks. */
import { expect, test } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { fitLogisticRegression, regressionSeconds } from "../../../src/core/train/logistic-regression.js";
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

test("its time grows with the rows up to a limit, and is nothing without binary tasks", async () => {
  const data = await encoded("click", item);
  expect(await regressionSeconds(spec("click"), data, 1e9)).toBeGreaterThan(
    await regressionSeconds(spec("click"), data, 1000),
  );
  expect(await regressionSeconds({ ...spec("click"), towers: [] }, data, 1e9)).toBe(0);
});
