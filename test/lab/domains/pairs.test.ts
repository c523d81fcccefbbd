/** The quick screen of pairs: it finds the pair with rates of its own, and hardly one where effects only add up. */
import { expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { type Field, fitFloor } from "../../../src/lab/domains/floor.js";
import { clearPairs } from "../../../src/lab/domains/pairs.js";

const rows = 4000;

interface World {
  readonly fields: Field[];
  readonly labels: Float32Array;
}

function clearest({ fields, labels }: World) {
  return atOnce(clearPairs(fields, atOnce(fitFloor(fields, labels)), labels));
}

/** Columns with main effects and skewed values; `own`: how much the cells of the first two differ beyond them. */
function world(seed: number, own: number): World {
  const source = random(seed).fork("pairs");
  const sizes = [200, 60, 40, 25];
  const effects = sizes.map((levels) => Array.from({ length: levels }, () => source.normal()));
  const cells = Array.from({ length: sizes[0]! * sizes[1]! }, () => own * source.normal());
  const fields = sizes.map((levels, at): Field => {
    const codes = Int32Array.from({ length: rows }, () => Math.floor(levels * source.uniform() ** 2));
    return { name: "abcd"[at]!, codes, levels };
  });
  const labels = Float32Array.from({ length: rows }, (_, row) => {
    const [a, b] = [fields[0]!.codes[row]!, fields[1]!.codes[row]!];
    const logit = fields.reduce((sum, { codes }, at) => sum + effects[at]![codes[row]!]!, cells[a * sizes[1]! + b]!);
    return Number(source.uniform() < 1 / (1 + Math.exp(-logit)));
  });
  return { fields, labels };
}

test("the pair with rates of its own is the clearest", () => {
  for (const seed of [1, 2, 3]) {
    expect(clearest(world(seed, 2))[0]?.columns).toEqual(["a", "b"]);
  }
});

test("effects that only add up show hardly a pair", () => {
  let clear = 0;
  for (let seed = 10; seed < 60; seed++) {
    clear += clearest(world(seed, 0)).length;
  }
  expect(clear).toBeLessThanOrEqual(3); // of 300
});

test("columns of which one decides the other are no pair, and neither are two of few cells", () => {
  const source = random(7).fork("nested");
  const effects = Array.from({ length: 800 }, () => 3 * source.normal());
  const shop = Int32Array.from({ length: rows }, () => source.integer(800));
  const labels = shop.map((code) => Number(source.uniform() < 1 / (1 + Math.exp(-effects[code]!))));
  const chain: Field = { name: "chain", codes: shop.map((code) => code % 40), levels: 40 };
  const nested = { fields: [{ name: "shop", codes: shop, levels: 800 }, chain], labels: Float32Array.from(labels) };
  const { fields } = world(1, 2);
  const coarse = (levels: number): Field => ({
    ...fields[0]!,
    codes: fields[0]!.codes.map((code) => code % levels),
    levels,
  });
  const few = { fields: [coarse(15), { ...coarse(13), name: "few" }], labels: world(1, 2).labels };
  expect([...clearest(nested), ...clearest(few)]).toEqual([]);
  // Without the decided column, the same shops make a clear pair with a column that splits them.
  const split: Field = { name: "hour", codes: shop.map((code, row) => (labels[row]! + code) % 2), levels: 2 };
  expect(clearest({ ...nested, fields: [nested.fields[0]!, split] })).toHaveLength(1);
});

test("a score is the sum over pairs of rows in one cell, in its standard errors", () => {
  const { fields, labels } = world(1, 2);
  const chances = atOnce(fitFloor(fields, labels)).map((logit) => 1 / (1 + Math.exp(-logit)));
  let [agreement, variance] = [0, 0];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      if (i === j || [0, 1].some((at) => fields[at]!.codes[i] !== fields[at]!.codes[j])) continue;
      const [p, q] = [chances[i]!, chances[j]!];
      agreement += (labels[i]! - p) * (labels[j]! - q);
      variance += 2 * p * (1 - p) * q * (1 - q);
    }
  }
  expect(clearest({ fields, labels })[0]!.score).toBeCloseTo(agreement / Math.sqrt(variance), 8);
});
