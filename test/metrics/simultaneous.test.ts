import { describe, expect, it } from "vitest";
import { simultaneous, weightedRatio } from "../../src/metrics/intervals/bootstrap.js";
import { random } from "../../src/util/random.js";
import { inTurns } from "../../src/util/turns.js";

const rows = 300;
const all = Int32Array.from({ length: rows }, (_, row) => row);

/** Means of so many columns of noise around 0, with their intervals. */
function intervals(seed: number, columns: number) {
  const source = random(seed);
  const means = Array.from({ length: columns }, () => {
    const noise = Float64Array.from(all, () => source.normal());
    return weightedRatio(
      (row) => noise[row]!,
      () => 1,
      all,
    );
  });
  return inTurns(simultaneous(rows, means, (values) => values, { draws: 200, seed }));
}

describe("simultaneous intervals", () => {
  it("all hold at once about as often as they promise, where single ones would fail two times in three", async () => {
    let held = 0;
    for (let seed = 1; seed <= 60; seed++) {
      if ((await intervals(seed, 20)).every(({ low, high }) => low! <= 0 && high! >= 0)) held++;
    }
    expect(held).toBeGreaterThanOrEqual(51);
  });

  it("of one estimate are about as wide as the normal interval; what does not vary is a point; what is undefined a gap", async () => {
    const [alone] = await intervals(3, 1);
    expect((alone!.high! - alone!.low!) / 2).toBeCloseTo(1.96 / Math.sqrt(rows), 1);
    const [none, fixed] = await inTurns(simultaneous(rows, [() => null, () => 0.5], (values) => values));
    expect(none).toEqual({ value: null, low: null, high: null });
    expect(fixed).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  });

  it("hold for differences of differences, each metric computed once a draw", async () => {
    let calls = 0;
    const counted = () => ++calls / 1000;
    const made = await inTurns(
      simultaneous(rows, [counted, () => 1], ([a, b]) => [a! - b!, b! - a!, 0], { draws: 10 }),
    );
    expect(calls).toBe(11);
    expect(made).toHaveLength(3);
  });
});
