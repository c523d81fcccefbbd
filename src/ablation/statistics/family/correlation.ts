import { mean } from "../../../util/sums.js";

export interface SharedNoise {
  /** Of the correlation; from 0 to 0.7. */
  readonly correlation: number;
  /** Of its square, without what chance adds; at least 1/4, the value for equally noisy models. */
  readonly squared: number;
}

const least = 0.25;
const most = 0.7;

/** @param differences by comparison: the difference by seed */
export function sharedNoise(differences: readonly ReadonlyMap<number, number>[]): SharedNoise {
  const values: number[] = [];
  const squares: number[] = [];
  for (const [at, first] of differences.entries()) {
    for (const second of differences.slice(0, at)) {
      const seeds = [...first.keys()].filter((seed) => second.has(seed));
      if (seeds.length < 3) continue;
      const value = pearson(
        seeds.map((seed) => first.get(seed)!),
        seeds.map((seed) => second.get(seed)!),
      );
      const chance = 1 / (seeds.length - 1);
      values.push(value);
      squares.push((value ** 2 - chance) / (1 - chance));
    }
  }
  if (values.length === 0) return { correlation: 0, squared: least };
  return {
    correlation: Math.min(most, Math.max(0, mean(values))),
    squared: Math.min(1, Math.max(least, mean(squares))),
  };
}

function pearson(a: readonly number[], b: readonly number[]): number {
  const [centreA, centreB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (const [at, value] of a.entries()) {
    const [x, y] = [value - centreA, b[at]! - centreB];
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale === 0 ? 0 : both / scale;
}
