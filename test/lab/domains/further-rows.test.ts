/** What all further rows bring beside what half of them brought, for tables of ids: the range that "has rows enough" assumes. */
import { expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";

/** The expected AUC of scores, for labels that are 1 with these chances. */
function expectedAuc(scores: readonly number[], chances: readonly number[]): number {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  let [below, pairs, positives, negatives] = [0, 0, 0, 0];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at]!]!;
    let [ones, zeros] = [0, 0];
    for (; at < order.length && scores[order[at]!] === score; at++) {
      ones += chances[order[at]!]!;
      zeros += 1 - chances[order[at]!]!;
    }
    pairs += ones * (below + zeros / 2);
    below += zeros;
    positives += ones;
    negatives += zeros;
  }
  return pairs / (positives * negatives);
}

const chanceOf = (logit: number): number => 1 / (1 + Math.exp(-logit));

interface Table {
  readonly ids: number;
  readonly skew: number;
  readonly rows: number;
}

/** Of the posterior mode of each id's effect: the best that a table can learn. */
function furtherRows({ ids, skew, rows }: Table): { readonly ratio: number; readonly rowsPerId: number } {
  let [half, rest, seen] = [0, 0, 0];
  const repeats = ids > 5000 ? 3 : ids > 100 ? 6 : 40;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const source = random(repeat + 1).fork(`${ids}`);
    const effects = Array.from({ length: ids }, () => 0.7 * source.normal());
    const ends: number[] = [];
    let total = 0;
    for (let id = 1; id <= ids; id++) {
      total += id ** -skew;
      ends.push(total);
    }
    const draw = (): number => {
      const at = source.uniform() * total;
      let [low, high] = [0, ids - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (ends[middle]! < at) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    const tested = Array.from({ length: 6000 }, draw);
    const chances = tested.map((id) => chanceOf(effects[id]! - 1));
    const [count, ones] = [new Float64Array(ids), new Float64Array(ids)];
    const learned = (): number => {
      const estimates = Array.from(count, (of, id) => {
        let effect = 0;
        for (let step = 0; of > 0 && step < 12; step++) {
          const chance = chanceOf(effect - 1);
          const slope = ones[id]! - of * chance - effect / 0.49;
          effect += slope / (of * chance * (1 - chance) + 1 / 0.49);
        }
        return effect;
      });
      return expectedAuc(
        tested.map((id) => estimates[id]!),
        chances,
      );
    };
    let before = 0;
    for (let row = 0; row < rows; row++) {
      if (row === rows / 2) before = learned();
      const id = draw();
      count[id]!++;
      if (source.uniform() < chanceOf(effects[id]! - 1)) ones[id]!++;
    }
    const after = learned();
    half += after - before;
    rest +=
      expectedAuc(
        tested.map((id) => effects[id]!),
        chances,
      ) - after;
    seen += count.filter((each) => each > 0).length;
  }
  return { ratio: rest / half, rowsPerId: (rows * repeats) / seen };
}

test.each([
  { ids: 60, skew: 0, rows: 1000 },
  { ids: 60, skew: 0, rows: 4000 },
  { ids: 500, skew: 0, rows: 16_000 },
  { ids: 500, skew: 0.8, rows: 16_000 },
])("$ids ids of skew $skew with $rows rows: at most twice", (table) => {
  const { ratio, rowsPerId } = furtherRows(table);
  expect(rowsPerId).toBeGreaterThan(16);
  expect(ratio).toBeLessThan(2);
});

test.each([
  { ids: 500, skew: 0, rows: 1000 },
  { ids: 500, skew: 0, rows: 4000 },
  { ids: 3000, skew: 1, rows: 4000 },
  { ids: 20_000, skew: 1.05, rows: 4000 },
])("$ids ids of skew $skew with $rows rows: more than twice, at most ten times", (table) => {
  const { ratio, rowsPerId } = furtherRows(table);
  expect(rowsPerId).toBeLessThan(16);
  expect(ratio).toBeGreaterThan(2);
  expect(ratio).toBeLessThan(10);
});
