import { describe, expect, it } from "vitest";
import { exactAuc } from "../../src/metrics/auc.js";
import { streamingAuc } from "../../src/metrics/streaming-auc.js";
import { type Random, random } from "../../src/util/random.js";

const rows = 200_000;
const capacity = 256;

/** Scores that break histograms: by their values, by their ties, or by the order in which they come. */
const streams: Readonly<Record<string, (row: number, source: Random) => number>> = {
  "spread evenly": (_, source) => source.uniform(),
  "of two values": (row) => row % 2,
  "of seven values": (_, source) => Math.floor(source.uniform() * 7) / 7,
  "all the same": () => 0.5,
  "all in one bin of any histogram over [0, 1]": (_, source) => 0.5 + source.uniform() * 1e-5,
  "tied by nine rows in ten": (_, source) => (source.uniform() < 0.9 ? 0.03 : source.uniform()),
  ascending: (row) => row / rows,
  descending: (row) => 1 - row / rows,
  "moving inwards from both ends": (row) => (row % 2 === 0 ? row / rows / 2 : 1 - row / rows / 2),
  "over thirty orders of magnitude": (_, source) => 10 ** (source.uniform() * 30 - 30),
  "logits of both signs": (_, source) => source.normal() * 20,
};

function stream(score: (row: number, source: Random) => number, share: number) {
  const source = random(8);
  const scores = Float32Array.from({ length: rows }, (_, row) => score(row, source));
  const labels = Float32Array.from(scores, (s) => (source.uniform() < share * (0.5 + 0.5 * Math.tanh(s)) ? 1 : 0));
  return { scores, labels };
}

/** What the docstring promises of one class. */
function promised(classRows: number): number {
  if (classRows <= capacity) return 0;
  return (Math.ceil(Math.log2(classRows / capacity)) + 2) / (2 * capacity);
}

function streamed(scores: Float32Array, labels: Float32Array, part: number) {
  const auc = streamingAuc({ capacity });
  for (let start = 0; start < scores.length; start += part) {
    auc.add(scores.subarray(start, start + part), labels.subarray(start, start + part));
  }
  return auc;
}

describe("streaming AUC", () => {
  it.each(
    Object.entries(streams).flatMap(([name, score]) => [0.9, 0.01].map((share) => [name, share, score] as const)),
  )(
    "of scores %s, positive rate up to %d, is within its bound of the exact value, and the bound within its promise",
    (_, share, score) => {
      const { scores, labels } = stream(score, share);
      const auc = streamed(scores, labels, 1000);
      const positives = labels.reduce((sum, label) => sum + label, 0);
      expect(auc.rows).toBe(rows);
      expect(Math.abs(auc.value()! - exactAuc(scores, labels)!)).toBeLessThanOrEqual(auc.errorBound());
      expect(auc.errorBound()).toBeLessThanOrEqual(promised(positives) + promised(rows - positives));
      expect(auc.errorBound()).toBeGreaterThan(0);
    },
  );

  it("is exact for scores that are all the same, and for classes that lie apart", () => {
    const labels = Float32Array.from({ length: rows }, (_, row) => row % 2);
    expect(streamed(new Float32Array(rows).fill(0.2), labels, 500).value()).toBe(0.5);
    expect(streamed(labels, labels, 500).value()).toBe(1);
  });

  it("is exact, with a bound of 0, while each class fits into a level", () => {
    const { scores, labels } = stream(streams["logits of both signs"]!, 0.9);
    const auc = streamed(scores.subarray(0, capacity), labels.subarray(0, capacity), 10);
    expect(auc.errorBound()).toBe(0);
    expect(auc.value()).toBe(exactAuc(scores.subarray(0, capacity), labels.subarray(0, capacity)));
  });

  it("can be read on the way without changing what comes after, however the stream is cut", () => {
    const { scores, labels } = stream(streams["spread evenly"]!, 0.9);
    const read = streamingAuc({ capacity });
    for (let start = 0; start < 20_000; start += 100) {
      read.add(scores.subarray(start, start + 100), labels.subarray(start, start + 100));
      read.value();
    }
    expect(read.value()).toBe(streamed(scores.subarray(0, 20_000), labels.subarray(0, 20_000), 777).value());
  });

  it("is not defined for one class, NaN where a score was NaN, and refuses a level that cannot be halved", () => {
    const auc = streamingAuc();
    auc.add(Float32Array.of(0.1), Float32Array.of(1));
    expect(auc.value()).toBeNull();
    auc.add(Float32Array.of(Number.NaN), Float32Array.of(0));
    expect(auc.value()).toBeNaN();
    expect(() => streamingAuc({ capacity: 7 })).toThrow(/streamingAuc\.capacity[\s\S]*received: 7/);
  });
});
