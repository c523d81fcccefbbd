/** Users with many rows each: effective users, and DeLong's test over users. */
import { describe, expect, test } from "vitest";
import { deLong } from "../../../src/core/metrics/delong.js";
import { effectiveUsers, rowsByCode, userNoise } from "../../../src/core/metrics/intervals/clusters.js";
import { random } from "../../../src/core/util/random.js";

test("users of equal numbers of rows count fully, one large user hardly", () => {
  expect(effectiveUsers([3, 3, 3, 3])).toBe(4);
  expect(effectiveUsers([1, 1, 98])).toBeCloseTo(10_000 / 9606, 10);
  expect(effectiveUsers([])).toBe(0);
});

test("rows are sorted by user, also of users without rows", () => {
  const { rows, starts } = rowsByCode(Int32Array.of(2, 0, 2, 3), 4);
  expect([...starts]).toEqual([0, 1, 1, 3, 4]);
  expect([...rows]).toEqual([1, 0, 2, 3]);
});

test("users whose rows are all alike vary as much as that number of rows", () => {
  const source = random(1);
  const part = (users: number, first: number) => {
    const codes = Int32Array.from({ length: users * 10 }, (_, row) => first + Math.floor(row / 10));
    const ofUser = Array.from({ length: users }, () => source.integer(4));
    return { users: rowsByCode(codes, 1000), bins: Int8Array.from(codes, (user) => ofUser[user - first]!) };
  };
  const noise = userNoise(part(600, 0), part(400, 600), 4)!;
  expect(noise.designEffect).toBeCloseTo(10, 0);
  expect(noise.freedom).toBeCloseTo(3, 0);
  expect(userNoise(part(600, 0), part(9, 600), 4)).toBeNull();
});

describe("DeLong's test over users", () => {
  /** Two models with noise of each user, which is larger in the second. */
  const world = (seed: number, users: number, rows: number, better = 0) => {
    const source = random(seed).fork("delong");
    const [codes, labels, first, second]: number[][] = [[], [], [], []];
    for (let user = 0; user < users; user++) {
      const [taste, one, other] = [source.normal(), source.normal(), source.normal()];
      for (let row = 0; row < rows; row++) {
        const truth = taste + source.normal();
        codes!.push(user);
        labels!.push(source.uniform() < 1 / (1 + Math.exp(-truth)) ? 1 : 0);
        first!.push(truth * (1 + better) + one);
        second!.push(truth + other);
      }
    }
    return {
      codes: Int32Array.from(codes!),
      floats: [first!, second!, labels!].map((list) => Float32Array.from(list)),
    };
  };
  const shareBelow = (level: number, users: number, rows: number, isKnown: boolean, better = 0): number => {
    let below = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { codes, floats } = world(seed, users, rows, better);
      const found = deLong(floats[0]!, floats[1]!, floats[2]!, { users: isKnown ? codes : null });
      if (found!.pValue < level) below++;
    }
    return below / 200;
  };

  test.each([1, 5, 30])("with %d rows a user is below 0.05 in 5% of comparisons of equal models", (rows) => {
    expect(shareBelow(0.05, 150, rows, true)).toBeLessThanOrEqual(0.05 + 2.33 * Math.sqrt((0.05 * 0.95) / 200));
  });

  test("is needed: rows taken as independent are below 0.05 far more often, and a better model is found", () => {
    expect(shareBelow(0.05, 150, 30, false)).toBeGreaterThan(0.12);
    expect(shareBelow(0.05, 200, 30, true, 1)).toBeGreaterThan(0.9);
  });

  test("has no answer with fewer than ten users", () => {
    const { codes, floats } = world(1, 9, 30);
    expect(deLong(floats[0]!, floats[1]!, floats[2]!, { users: codes })).toBeNull();
  });
});
