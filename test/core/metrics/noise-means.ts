/** Estimates of which the truth is 0. */
import { type Influenced, meanInfluence } from "../../../src/core/metrics/influence.js";
import { random } from "../../../src/core/util/random.js";

/** Means of columns of noise around 0. */
export function means(seed: number, columns: number, rows = 300): Influenced[] {
  const source = random(seed);
  return Array.from({ length: columns }, () => {
    const noise = Float64Array.from({ length: rows }, () => source.normal());
    return meanInfluence(
      noise,
      Int32Array.from({ length: rows }, (_, row) => row),
    )!;
  });
}
