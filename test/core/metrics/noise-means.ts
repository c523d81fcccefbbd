/** Estimates of which the truth is 0. */
import { random } from "../../../src/core/util/random.js";

/** Means of columns of noise around 0. */
export function means(seed: number, columns: number, rows = 300): { value: number; influence: Float64Array }[] {
  const source = random(seed);
  return Array.from({ length: columns }, () => {
    const noise = Float64Array.from({ length: rows }, () => source.normal());
    const value = noise.reduce((sum, each) => sum + each, 0) / rows;
    return { value, influence: noise.map((each) => (each - value) / rows) };
  });
}
