/**
 * The logistic regression of the floor agrees with scikit-learn's `LogisticRegression(C)` on the same rows, with a C that
 * is chosen by the same rule. floor-reference.py made the numbers.
 */
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import {
  fitLogisticRegression,
  floorFromWeights,
  floorWeights,
  type LogisticRegression,
  logisticScores,
} from "../../../src/core/train/logistic-regression.js";
import { random } from "../../../src/core/util/random.js";
import { idSpec, modelSpec, rawSpec, towerSpec } from "../data/specs.js";

const references = {
  click: {
    strength: 1,
    train: 0.779914,
    test: 0.674505,
    intercept: -1.04366,
    price: 0.35575,
    user3: 0.13632,
    item7: 0.41385,
    tag2: 0.59664,
    norm: 14.56566,
  },
  noise: {
    strength: 0.01,
    train: 0.609059,
    test: 0.576244,
    intercept: -0.01914,
    price: 0.30836,
    user3: 0.0165,
    item7: -0.00038,
    tag2: 0.00863,
    norm: 0.57997,
  },
} as const;

const spec = modelSpec({
  features: [
    idSpec("user", 600),
    idSpec("item", 80),
    rawSpec("price"),
    idSpec("tags", 12, { separator: "|", pooling: "mean" }),
  ],
  labels: ["click", "noise"],
  towers: [towerSpec("click", "click"), towerSpec("noise", "noise")],
  groups: [{ name: "all", features: ["user", "item", "price", "tags"], kind: "deep", extra: {} }] as never,
});

interface Row {
  readonly user: number;
  readonly item: number;
  readonly price: number;
  readonly tags: readonly number[];
  readonly click: number;
  /** A label of which ids tell nothing. */
  readonly noise: number;
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
    const byIds = ((user % 7) - 3) / 4 + ((item % 5) - 2) / 3 + ((tags[0]! % 3) - 1) / 2;
    const byPrice = (price - 1e6 - 5) / 10;
    const chance = uniform();
    const label = (odds: number): number => (chance < 1 / (1 + Math.exp(-odds)) ? 1 : 0);
    return { user, item, price, tags, click: label(byIds + byPrice - 1), noise: label(byPrice) };
  });
}

const rows = generated(8000);
const [train, held] = [rows.slice(0, 6000), rows.slice(6000)];
const encoded = async (part: readonly Row[]) =>
  encode(await openTable(part.map((row) => ({ ...row, tags: row.tags.join("|") }))), spec);
const fitted = encoded(train).then(async (data) => (await fitLogisticRegression(spec, data))!);

type Label = keyof typeof references;

async function auc(label: Label, part: readonly Row[]): Promise<number> {
  const scores = (await logisticScores(await fitted, await encoded(part))).get(label)!;
  return exactAuc(
    scores,
    Float32Array.from(part, (row) => row[label]),
  )!;
}

function weightOf({ columns, weights }: LogisticRegression, label: Label, name: string, id: number): number {
  const { places, numbers } = columns.find((column) => column.name === name)!;
  return weights.get(label)![numbers?.position ?? places.of(id)]!;
}

describe.each(Object.keys(references) as Label[])("as scikit-learn's: %s", (label) => {
  const reference = references[label];

  test("AUCs on rows of training and of a test", async () => {
    expect(Math.abs((await auc(label, train)) - reference.train)).toBeLessThan(0.0005);
    expect(Math.abs((await auc(label, held)) - reference.test)).toBeLessThan(0.0005);
  });

  test("strength, weights and intercept", async () => {
    const regression = await fitted;
    const values = regression.weights.get(label)!;
    const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(0.002);
    expect(regression.strengths.get(label)).toBe(reference.strength);
    near(values.at(-1)!, reference.intercept);
    near(weightOf(regression, label, "price", 0), reference.price);
    near(weightOf(regression, label, "user", 3), reference.user3);
    near(weightOf(regression, label, "item", 7), reference.item7);
    near(weightOf(regression, label, "tags", 2), reference.tag2);
    near(Math.hypot(...values.subarray(0, -1)), reference.norm);
  });

  test("the gradient of the penalised loss, computed without the code under test, is 0", async () => {
    const regression = await fitted;
    const values = regression.weights.get(label)!;
    const price = regression.columns.find(({ name }) => name === "price")!.numbers!;
    const gradient = Float64Array.from(values, (value) => value / reference.strength);
    gradient[values.length - 1] = 0;
    for (const row of train) {
      const place = (name: string, id: number): number =>
        regression.columns.find((column) => column.name === name)!.places.of(id);
      const entries: [number, number][] = [
        [place("user", row.user), 1],
        [place("item", row.item), 1],
        [price.position, (Math.fround(row.price) - price.means[0]!) / price.deviations[0]!],
        ...row.tags.map((tag): [number, number] => [place("tags", tag), 1 / row.tags.length]),
        [values.length - 1, 1],
      ];
      const odds = entries.reduce((sum, [position, value]) => sum + values[position]! * value, 0);
      for (const [position, value] of entries) gradient[position]! += (1 / (1 + Math.exp(-odds)) - row[label]) * value;
    }
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(0.25); // of 6,000 rows: scikit-learn stops at 0.6
  });
});

test("a floor is saved with its strengths", async () => {
  const regression = (await fitted)!;
  const gaps = new Map([...regression.extent!.gaps].map(([tower, gap]) => [tower, Math.fround(gap)]));
  const extent = { ...regression.extent, gaps };
  expect(floorFromWeights(floorWeights(regression))).toEqual({ ...regression, extent });
  const older = new Map([...floorWeights(regression)].filter(([name]) => !name.endsWith(".strength")));
  expect(floorFromWeights(older).strengths.size).toBe(0);
});

/** Null: labels for which C = 1 is right. Of 40 sets of rows, at most 5% should choose another, within chance 3. */
test("C stays 1 where ids have effects of standard deviation 1, whose penalty it is", async () => {
  let others = 0;
  for (let seed = 0; seed < 40; seed++) {
    const source = random(seed);
    const effects = Array.from({ length: 80 }, () => source.normal());
    const part = Array.from({ length: 1500 }, () => {
      const item = source.integer(80);
      const click = source.uniform() < 1 / (1 + Math.exp(-effects[item]!)) ? 1 : 0;
      return { user: 0, item, price: 0, tags: [0], click, noise: click };
    });
    const { strengths } = (await fitLogisticRegression(spec, await encoded(part)))!;
    if (strengths.get("click") !== 1) others++;
  }
  expect(others).toBeLessThanOrEqual(3);
});

test("rows of one label, and a number that never changes, have finite weights", async () => {
  const same = rows.slice(0, 500).map((row) => ({ ...row, price: 1.7e9, click: 1 }));
  const { columns, weights } = (await fitLogisticRegression(spec, await encoded(same)))!;
  expect(weights.get("click")!.every(Number.isFinite)).toBe(true);
  expect(columns.find(({ name }) => name === "price")!.numbers!.deviations).toEqual([0]);
});

test("a number in pieces has the weights of buckets between its edges", async () => {
  const scoresOf = async (feature: ReturnType<typeof rawSpec>) => {
    const one = modelSpec({
      features: [feature],
      labels: ["click"],
      towers: [towerSpec("click", "click")],
      groups: [{ name: "all", features: ["item"], kind: "deep", extra: {} }] as never,
    });
    const data = async (part: readonly Row[]) =>
      encode(await openTable(part.map(({ item, click }) => ({ item, click }))), one);
    const regression = (await fitLogisticRegression(one, await data(train)))!;
    const saved = floorFromWeights(floorWeights(regression));
    return [...(await logisticScores(saved, await data(held))).get("click")!];
  };
  const edges = [0, 20, 40, 60, 79];
  const pieces = await scoresOf(
    rawSpec("item", { pieces: edges, valueDim: 4, embeddingDim: 4, projection: { kind: "mlp" } }),
  );
  const buckets = await scoresOf(rawSpec("item", { boundaries: edges.slice(1), embeddingDim: 4 }));
  expect(pieces).toEqual(buckets);
  expect(new Set(pieces).size).toBe(5);
});
