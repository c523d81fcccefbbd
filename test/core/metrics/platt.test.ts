/** Platt scaling against planted lines, an independent minimum, and rows in which there is nothing to correct. */
import { describe, expect, it } from "vitest";
import { influenceInterval, meanInfluence } from "../../../src/core/metrics/influence.js";
import { excludesZero } from "../../../src/core/metrics/intervals/bootstrap.js";
import { crossPlatt, type LabelledLogits, plattLines } from "../../../src/core/metrics/platt.js";
import { random } from "../../../src/core/util/random.js";

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
const numbers = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);

/** Labels of true logits; the model's are (true − shift) / slope, so that the line leads back. */
function world(count: number, seed: number, lines: readonly { slope: number; shift: number }[], center = -1) {
  const source = random(seed);
  const parts = lines.map((): number[] => []);
  const logits = new Float32Array(count);
  const labels = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const part = row % lines.length;
    parts[part]!.push(row);
    const truth = center + source.normal();
    labels[row] = source.uniform() < sigmoid(truth) ? 1 : 0;
    logits[row] = (truth - lines[part]!.shift) / lines[part]!.slope;
  }
  return { data: { logits, labels }, parts: parts.map((rows) => Int32Array.from(rows)) };
}

describe("lines", () => {
  const planted = [
    { slope: 0.6, shift: -0.5 },
    { slope: 1.8, shift: 1 },
  ];

  it("are those that were planted", () => {
    const { data, parts } = world(60_000, 1, planted);
    const [, ...lines] = plattLines(data, numbers(60_000), parts, null);
    for (const [part, { slope, shift }] of lines.entries()) {
      expect(slope).toBeCloseTo(planted[part]!.slope, 1);
      expect(Math.abs(shift - planted[part]!.shift)).toBeLessThan(0.06);
    }
  });

  it("have the least log loss with one more positive row at the start, less what is chance", () => {
    const { data } = world(400, 2, [planted[0]!]);
    const all = numbers(400);
    const [line] = plattLines(data, all, [], null);
    const positives = data.labels.reduce((sum, label) => sum + label, 0);
    const informationAt = (slope: number, shift: number): number[] =>
      [0, 1, 2].map((power) =>
        all.reduce((sum, row) => {
          const p = sigmoid(slope * data.logits[row]! + shift);
          return sum + p * (1 - p) * data.logits[row]! ** power;
        }, 0),
      );
    const length = ([a, b, c]: number[], slope: number, shift: number): number =>
      a! * shift ** 2 + 2 * b! * shift * slope + c! * slope ** 2;
    const weight = 1 / Math.min(positives, 400 - positives);
    const start = informationAt(1, 0);
    const objective = (slope: number, shift: number): number => {
      const losses = all.reduce((sum, row) => {
        const p = sigmoid(slope * data.logits[row]! + shift);
        return sum - Math.log(data.labels[row]! > 0 ? p : 1 - p);
      }, 0);
      return losses + (weight * length(start, slope - 1, shift)) / 2;
    };
    const best = { slope: 1, shift: 0 };
    for (let size = 0.5; size > 1e-7; size /= 2) {
      for (let moved = true; moved; ) {
        moved = false;
        for (const [slope, shift] of [
          [size, 0],
          [-size, 0],
          [0, size],
          [0, -size],
        ] as const) {
          if (objective(best.slope + slope, best.shift + shift) >= objective(best.slope, best.shift)) continue;
          best.slope += slope;
          best.shift += shift;
          moved = true;
        }
      }
    }
    const [a, b, c] = informationAt(best.slope, best.shift) as [number, number, number];
    const noise = all.reduce((sum, row) => {
      const error = sigmoid(best.slope * data.logits[row]! + best.shift) - data.labels[row]!;
      const [byShift, bySlope] = [error, error * data.logits[row]!];
      return sum + (c * byShift ** 2 - 2 * b * byShift * bySlope + a * bySlope ** 2) / (a * c - b * b);
    }, 0);
    const share = 1 - noise / length([a, b, c], best.slope - 1, best.shift);
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(0.98);
    expect(line!.slope).toBeCloseTo(1 + share * (best.slope - 1), 4);
    expect(line!.shift).toBeCloseTo(share * best.shift, 4);
  });

  it("are none where nothing is off, in most logs", () => {
    const same = { slope: 1, shift: 0 };
    const lines = Array.from({ length: 60 }, (_, seed) => {
      const { data } = world(600, 200 + seed, [same]);
      return plattLines(data, numbers(600), [], null)[0]!;
    });
    expect(lines.filter(({ slope, shift }) => slope === 1 && shift === 0).length).toBeGreaterThan(30);
  });

  it("of parts with few rows are nearly that of all rows, and without rows exactly", () => {
    const { data, parts } = world(20_000, 3, planted);
    const [all, few, none] = plattLines(data, numbers(20_000), [parts[1]!.slice(0, 3), new Int32Array(0)], null);
    expect(Math.abs(few!.shift - all!.shift)).toBeLessThan(0.35);
    expect(none).toEqual(all);
  });

  it("never turn the order around", () => {
    const { data, parts } = world(4_000, 4, [planted[0]!, { slope: -1, shift: 0 }]);
    const [all, first, turned] = plattLines(data, numbers(4_000), parts, null);
    expect(all!.slope).toBeGreaterThan(0);
    expect(first!.slope).toBeGreaterThan(0);
    expect(turned!.slope).toBeCloseTo(all!.slope, 6);
  });

  it("of logits that are all equal shift them to the rate", () => {
    const labels = Float32Array.from({ length: 1000 }, (_, row) => (row % 10 === 0 ? 1 : 0));
    const [line] = plattLines({ logits: new Float32Array(1000).fill(2), labels }, numbers(1000), [], null);
    expect(Math.abs(sigmoid(2 * line!.slope + line!.shift) - 0.1)).toBeLessThan(0.03);
  });
});

describe("logits by lines of other rows", () => {
  const change = ({ logits, labels }: LabelledLogits, after: Float32Array, users: Int32Array | null) => {
    const loss = (logit: number, label: number): number => -Math.log(label > 0 ? sigmoid(logit) : 1 - sigmoid(logit));
    const changes = Float64Array.from(labels, (label, row) => loss(after[row]!, label) - loss(logits[row]!, label));
    return influenceInterval(meanInfluence(changes, numbers(labels.length)), users);
  };

  it("are called better in at most 5% of logs in which nothing is off, whatever the rates", () => {
    let better = 0;
    for (let seed = 0; seed < 120; seed++) {
      const center = [-3, -1, 0, 1][seed % 4]!;
      const same = { slope: 1, shift: 0 };
      const { data, parts } = world(600, 100 + seed, [same, same], center);
      const all = numbers(600);
      const interval = change(data, crossPlatt(data, all, parts, null, seed), null);
      if (excludesZero(interval) && interval.value! < 0) better++;
    }
    expect(better).toBeLessThanOrEqual(6);
  });

  it("are called better in at most 5% of such logs whose users have many rows and tastes of their own", () => {
    let better = 0;
    for (let seed = 0; seed < 120; seed++) {
      const source = random(900 + seed);
      const sizes = Array.from({ length: 80 }, () => Math.ceil(6 * Math.exp(1.2 * source.normal())));
      const users = Int32Array.from(sizes.flatMap((size, user) => Array.from({ length: size }, () => user)));
      const tastes = sizes.map(() => 0.8 * source.normal());
      const logits = Float32Array.from(users, () => source.normal() - 1);
      const labels = Float32Array.from(users, (user, row) =>
        source.uniform() < sigmoid(logits[row]! + tastes[user]!) ? 1 : 0,
      );
      const parts = [0, 1].map((part) => numbers(users.length).filter((row) => row % 2 === part));
      const after = crossPlatt({ logits, labels }, numbers(users.length), parts, users, seed);
      const interval = change({ logits, labels }, after, users);
      if (excludesZero(interval) && interval.value! < 0) better++;
    }
    expect(better).toBeLessThanOrEqual(6);
  });

  it("do not depend on a row's own label, nor on those of its user", () => {
    const { data, parts } = world(600, 5, [{ slope: 0.7, shift: 0.4 }]);
    const users = Int32Array.from({ length: 600 }, (_, row) => row % 60);
    const before = crossPlatt(data, numbers(600), parts, users, 1);
    const labels = Float32Array.from(data.labels, (label, row) => (row % 60 === 7 ? 1 - label : label));
    const after = crossPlatt({ ...data, labels }, numbers(600), parts, users, 1);
    for (let row = 7; row < 600; row += 60) expect(after[row]).toBe(before[row]);
    expect([...after]).not.toEqual([...before]);
  });

  it("lose less where something is off", () => {
    const { data, parts } = world(4_000, 6, [
      { slope: 0.6, shift: -0.5 },
      { slope: 1.5, shift: 0.5 },
    ]);
    const interval = change(data, crossPlatt(data, numbers(4_000), parts, null, 1), null);
    expect(interval.high!).toBeLessThan(0);
  });
});
