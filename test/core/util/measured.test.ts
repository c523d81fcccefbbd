/** Measured values in texts, and where they are. */
import { describe, expect, test } from "vitest";
import {
  asMarked,
  duration,
  machineCount,
  marked,
  measured,
  memorySize,
  rowRate,
} from "../../../src/core/util/measured.js";

describe("a marked text", () => {
  const placesIn = ({ text, measured: places }: ReturnType<typeof marked>): string[] =>
    places.map(([from, to]) => text.slice(from, to));

  test("has the places of its measured values, also of those in parts", () => {
    const inner = marked`${duration(125)}, ${rowRate(96_881.4)}`;
    const whole = marked`Trained ${352} steps in ${inner}; ${"loss"} ${0.5} (${machineCount(2000)})`;
    expect(whole.text).toBe("Trained 352 steps in 2 min 5 s, 96,881 rows/s; loss 0.5 (2,000)");
    expect(placesIn(whole)).toEqual(["2 min 5 s", "96,881 rows/s", "2,000"]);
  });

  test("may start or end with a measured value, or have none", () => {
    expect(placesIn(marked`${memorySize(1.5e9)}${measured("yes")}`)).toEqual(["1.5 GB", "yes"]);
    expect(marked`plain`).toEqual({ text: "plain", measured: [] });
    expect(asMarked("plain")).toEqual(marked`plain`);
  });
});

describe("durations", () => {
  test.each([
    [0, "0 s"],
    [0.0004, "0.4 ms"],
    [0.04, "40 ms"],
    [0.9994, "999 ms"],
    [0.9996, "1 s"],
    [3.24, "3.2 s"],
    [9.96, "10 s"],
    [59.4, "59 s"],
    [59.6, "1 min"],
    [125, "2 min 5 s"],
    [3599.6, "1 h"],
    [4320, "1 h 12 min"],
    [86_369, "23 h 59 min"],
    [86_370, "1 day"],
    [272_000, "3 days 4 h"],
    [Number.NaN, "unknown time"],
    [Number.POSITIVE_INFINITY, "unknown time"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(duration(seconds)).toEqual({ text, measured: [[0, text.length]] });
  });

  test("no part is as large as the next unit", () => {
    for (let seconds = 1e-4; seconds < 1e7; seconds *= 1.0007) {
      expect(duration(seconds).text).not.toMatch(/\b(1000 ms|60 s|60 min|24 h)\b/);
    }
  });
});
