/** Intervals by influence, against the bootstrap and against what they promise. */
import { describe, expect, it } from "vitest";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { deLong } from "../../../src/core/metrics/delong.js";
import {
  aucInfluence,
  combined,
  influenceInterval,
  simultaneousIntervals,
} from "../../../src/core/metrics/influence.js";
import { weightedAuc } from "../../../src/core/metrics/intervals/bootstrap.js";
import { random } from "../../../src/core/util/random.js";
import { inTurns } from "../../../src/core/util/turns.js";
import { bootstrap, difference } from "./drawn.js";
import { means } from "./noise-means.js";

/** Two models' scores of users' rows, with ties; the second knows less. */
function scored(seed: number, rows = 900, rowsPerUser = 6) {
  const source = random(seed);
  const users = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / rowsPerUser));
  const habits = Float64Array.from(users, () => source.normal());
  const labels = Float32Array.from(users, (user) => (source.uniform() < 1 / (1 + Math.exp(-habits[user]!)) ? 1 : 0));
  const scores = (noise: number) =>
    Float32Array.from(users, (user) => Math.round(4 * (habits[user]! + noise * source.normal())) / 4);
  return { users, labels, first: scores(0.5), second: scores(1.5), rows: Int32Array.from(users, (_, row) => row) };
}

const half = ({ low, high }: { low: number | null; high: number | null }) => (high! - low!) / 2;

describe("intervals by influence", () => {
  it("of an AUC and of a difference are as wide as the bootstrap's over rows and over users, and DeLong's", () => {
    const { users, labels, first, second, rows } = scored(1);
    const [one, other] = [aucInfluence(first, labels, rows)!, aucInfluence(second, labels, rows)!];
    expect(one.value).toBeCloseTo(exactAuc(first, labels)!, 12);
    const [auc, less] = [
      weightedAuc(first, labels),
      difference(weightedAuc(first, labels), weightedAuc(second, labels)),
    ];
    const gap = combined([
      [1, one],
      [-1, other],
    ]);
    for (const by of [null, users]) {
      const drawn = bootstrap(rows.length, [auc, less], { draws: 2000, users: by });
      for (const [at, estimate] of [one, gap].entries()) {
        const ratio = half(influenceInterval(estimate, by)) / half(drawn[at]!);
        expect(Math.abs(ratio - 1)).toBeLessThan(0.08);
      }
    }
    const exact = deLong(first, second, labels)!;
    expect(half(influenceInterval(gap, null)) / half(exact)).toBeCloseTo(1, 2);
  });

  it("of a difference of equal models, rows of one user each, are wrong in about one of twenty samples", () => {
    let wrong = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const source = random(seed + 1000);
      const { users, labels, rows } = scored(seed, 600, 20);
      const noise = () => Float32Array.from(users, (user) => Math.sin(user) + source.normal());
      const estimates = [noise(), noise()].map((scores) => aucInfluence(scores, labels, rows)!);
      const { low, high } = influenceInterval(
        combined([
          [1, estimates[0]!],
          [-1, estimates[1]!],
        ]),
        users,
      );
      if (low! > 0 || high! < 0) wrong++;
    }
    expect(wrong).toBeLessThanOrEqual(32); // 20 expected; 32 is the 99.5% quantile
  });

  it("have gaps for one class, scores that are not numbers, and few users; what does not vary is a point", () => {
    const { labels, first, rows, users } = scored(2);
    expect(
      aucInfluence(
        first,
        labels.map(() => 1),
        rows,
      ),
    ).toBeNull();
    expect(
      aucInfluence(
        first.map(() => Number.NaN),
        labels,
        rows,
      ),
    ).toBeNull();
    expect(influenceInterval(null, null)).toEqual({ value: null, low: null, high: null });
    const auc = aucInfluence(first, labels, rows)!;
    expect(
      influenceInterval(
        auc,
        users.map((user) => user % 5),
      ),
    ).toMatchObject({ low: null, high: null });
    expect(
      influenceInterval(
        combined([
          [1, auc],
          [-1, auc],
        ]),
        users,
      ),
    ).toEqual({ value: 0, low: 0, high: 0 });
  });
});

describe("simultaneous intervals", () => {
  it("of one estimate are about as wide as alone; what does not vary is a point; what is undefined a gap", async () => {
    const [one] = means(3, 1);
    const still = { ...one!, value: 0.5, influence: new Float64Array(300) };
    const [alone, none, fixed] = await inTurns(simultaneousIntervals([one!, null, still], null));
    expect(half(alone!)).toBeCloseTo(1.96 / Math.sqrt(300), 1);
    expect(none).toEqual({ value: null, low: null, high: null });
    expect(fixed).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  });
});

describe("estimates of parts", () => {
  it("hold their own rows only, and combine to those of all rows", () => {
    const { labels, first, second, users } = scored(4, 600);
    const parts = [0, 1, 2].map((part) =>
      Int32Array.from(users.keys())
        .filter((row) => row % 3 === part)
        .reverse(),
    );
    const aucs = parts.map((rows) => aucInfluence(first, labels, rows)!);
    for (const [at, { rows, influence }] of aucs.entries()) {
      expect(rows).toEqual(parts[at]);
      expect(influence).toHaveLength(200);
    }
    const mean = combined(aucs.map((each) => [1 / 3, each]));
    for (const [at, rows] of parts.entries())
      for (const [place, row] of rows.entries())
        expect(mean.influence[mean.rows.indexOf(row)]).toBeCloseTo(aucs[at]!.influence[place]! / 3, 15);
    // The interval is that of the influence of every row.
    const everyInfluence = { ...mean, rows: Int32Array.from(users.keys()), influence: new Float64Array(600) };
    for (const [place, row] of mean.rows.entries()) everyInfluence.influence[row] = mean.influence[place]!;
    expect(influenceInterval(mean, users)).toEqual(influenceInterval(everyInfluence, users));
    const gap = combined(
      parts.slice(0, 1).flatMap((rows) => [
        [1, aucs[0]!],
        [-1, aucInfluence(second, labels, rows)!],
      ]),
    );
    expect(gap.rows).toEqual(parts[0]);
  });
});
