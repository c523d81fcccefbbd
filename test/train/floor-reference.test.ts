/**
 * The logistic regression of the floor agrees with scikit-learn's `LogisticRegression(C=1)` on the same rows.
 * floor-reference.py made the numbers.
 */
import { describe, expect, test } from "vitest";
import { encode } from "../../src/data/encode/encode.js";
import { openTable } from "../../src/data/table/open.js";
import { exactAuc } from "../../src/metrics/auc.js";
import { fitLogisticRegression, type LogisticRegression, logisticScores } from "../../src/train/logistic-regression.js";
import { idSpec, modelSpec, rawSpec, towerSpec } from "../data/specs.js";

const reference = {
  train: 0.779914,
  test: 0.674505,
  intercept: -1.04366,
  price: 0.35575,
  user3: 0.13632,
  item7: 0.41385,
  tag2: 0.59664,
  norm: 14.56566,
};

const spec = modelSpec({
  features: [
    idSpec("user", 600),
    idSpec("item", 80),
    rawSpec("price"),
    idSpec("tags", 12, { separator: "|", pooling: "mean" }),
  ],
  labels: ["click"],
  towers: [towerSpec("ctr", "click")],
  groups: [{ name: "all", features: ["user", "item", "price", "tags"], kind: "deep", extra: {} }] as never,
});

interface Row {
  readonly user: number;
  readonly item: number;
  readonly price: number;
  readonly tags: readonly number[];
  readonly click: number;
}

/** The rows of floor-reference.py. */
function generated(count: number): Row[] {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const user = Math.floor(600 * uniform() ** 2);
    const item = Math.floor(80 * uniform());
    const price = 1e6 + 10 * uniform();
    const tags = Array.from({ length: 1 + Math.floor(3 * uniform()) }, () => Math.floor(12 * uniform()));
    const odds = -1 + ((user % 7) - 3) / 4 + ((item % 5) - 2) / 3 + (price - 1e6 - 5) / 10 + ((tags[0]! % 3) - 1) / 2;
    return { user, item, price, tags, click: uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0 };
  });
}

const rows = generated(8000);
const [train, held] = [rows.slice(0, 6000), rows.slice(6000)];
const encoded = async (part: readonly Row[]) =>
  encode(await openTable(part.map((row) => ({ ...row, tags: row.tags.join("|") }))), spec);
const fitted = encoded(train).then(async (data) => (await fitLogisticRegression(spec, data))!);

async function auc(part: readonly Row[]): Promise<number> {
  const scores = (await logisticScores(await fitted, await encoded(part))).get("ctr")!;
  return exactAuc(
    scores,
    Float32Array.from(part, ({ click }) => click),
  )!;
}

function weightOf({ columns, weights }: LogisticRegression, name: string, id: number): number {
  const { positions, numbers } = columns.find((column) => column.name === name)!;
  return weights.get("ctr")![numbers?.position ?? positions.get(id)!]!;
}

describe("as scikit-learn's", () => {
  test("AUCs on rows of training and of a test", async () => {
    expect(Math.abs((await auc(train)) - reference.train)).toBeLessThan(0.0005);
    expect(Math.abs((await auc(held)) - reference.test)).toBeLessThan(0.0005);
  });

  test("weights and intercept", async () => {
    const regression = await fitted;
    const values = regression.weights.get("ctr")!;
    const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(0.002);
    near(values.at(-1)!, reference.intercept);
    near(weightOf(regression, "price", 0), reference.price);
    near(weightOf(regression, "user", 3), reference.user3);
    near(weightOf(regression, "item", 7), reference.item7);
    near(weightOf(regression, "tags", 2), reference.tag2);
    near(Math.hypot(...values.subarray(0, -1)), reference.norm);
  });
});

/** The gradient of Σ log loss + ½‖w‖² at the solution, computed without the code under test. */
test("the gradient of the penalised loss is 0 at the solution", async () => {
  const regression = await fitted;
  const values = regression.weights.get("ctr")!;
  const price = regression.columns.find(({ name }) => name === "price")!.numbers!;
  const gradient = Float64Array.from(values);
  gradient[values.length - 1] = 0;
  for (const row of train) {
    const place = (name: string, id: number): number =>
      regression.columns.find((column) => column.name === name)!.positions.get(id)!;
    const entries: [number, number][] = [
      [place("user", row.user), 1],
      [place("item", row.item), 1],
      [price.position, (Math.fround(row.price) - price.means[0]!) / price.deviations[0]!],
      ...row.tags.map((tag): [number, number] => [place("tags", tag), 1 / row.tags.length]),
      [values.length - 1, 1],
    ];
    const odds = entries.reduce((sum, [position, value]) => sum + values[position]! * value, 0);
    for (const [position, value] of entries) gradient[position]! += (1 / (1 + Math.exp(-odds)) - row.click) * value;
  }
  expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(0.25); // of 6,000 rows: scikit-learn stops at 0.6
});

test("rows of one label, and a number that never changes, have finite weights", async () => {
  const same = rows.slice(0, 500).map((row) => ({ ...row, price: 1.7e9, click: 1 }));
  const { columns, weights } = (await fitLogisticRegression(spec, await encoded(same)))!;
  expect(weights.get("ctr")!.every(Number.isFinite)).toBe(true);
  expect(columns.find(({ name }) => name === "price")!.numbers!.deviations).toEqual([0]);
});
