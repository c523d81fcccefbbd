import { describe, expect, it } from "vitest";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { weightedAuc } from "../../../src/core/metrics/intervals/bootstrap.js";
import { random } from "../../../src/core/util/random.js";
import { bootstrap, difference, weightedMean } from "./drawn.js";

const source = random(2);
const rows = 500;
const labels = Float32Array.from({ length: rows }, () => (source.uniform() < 0.4 ? 1 : 0));
/** With ties. */
const scores = labels.map((label) => Math.round((source.normal() + label) * 4) / 4);

describe("weighted AUC", () => {
  it("is the AUC of rows repeated so often", () => {
    const weights = Uint16Array.from(labels, () => source.integer(4));
    const repeated = Array.from(weights).flatMap((times, row) => new Array<number>(times).fill(row));
    const pick = (values: Float32Array): Float32Array => Float32Array.from(repeated, (row) => values[row] as number);
    expect(weightedAuc(scores, labels)(weights)).toBeCloseTo(exactAuc(pick(scores), pick(labels))!, 12);
    const odd = Int32Array.from({ length: rows / 2 }, (_, at) => 2 * at + 1);
    const some = (values: Float32Array): Float32Array => Float32Array.from(odd, (row) => values[row] as number);
    expect(weightedAuc(scores, labels, odd)(new Uint16Array(rows).fill(1))).toBeCloseTo(
      exactAuc(some(scores), some(labels))!,
      12,
    );
  });

  it("is null where a class is missing, NaN where a score is", () => {
    expect(weightedAuc(scores, labels)(Uint16Array.from(labels))).toBeNull();
    expect(weightedAuc(Float32Array.of(Number.NaN, 1), Float32Array.of(0, 1))([1, 1])).toBeNaN();
  });
});

describe("intervals", () => {
  const mean = weightedMean(scores);

  it("of a mean are as wide as its standard error says, and the same for the same seed", () => {
    const [interval] = bootstrap(rows, [mean], { draws: 2000 });
    const center = scores.reduce((sum, value) => sum + value, 0) / rows;
    const variance = scores.reduce((sum, value) => sum + (value - center) ** 2, 0) / rows;
    expect(interval!.value).toBeCloseTo(center, 9);
    const width = (interval!.high! - interval!.low!) / (2 * 1.96 * Math.sqrt(variance / rows));
    expect(width).toBeGreaterThan(0.93);
    expect(width).toBeLessThan(1.07);
    expect(bootstrap(rows, [mean], { draws: 50 })).toEqual(bootstrap(rows, [mean], { draws: 50 }));
  });

  it("over whole users are wider where a user's rows are alike", () => {
    const users = Int32Array.from(scores, (_, row) => row % 20);
    const own = weightedMean(Float32Array.from(users, (user) => Math.sin(user)));
    const [byRow] = bootstrap(rows, [own]);
    const [byUser] = bootstrap(rows, [own], { users });
    expect(byUser!.high! - byUser!.low!).toBeGreaterThan(3 * (byRow!.high! - byRow!.low!));
  });

  it("of a difference with itself are zero: both are measured on the same draws", () => {
    const auc = weightedAuc(scores, labels);
    expect(bootstrap(rows, [difference(auc, auc)])).toEqual([{ value: 0, low: 0, high: 0 }]);
  });
});
