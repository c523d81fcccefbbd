import { describe, expect, test } from "vitest";
import { count, fixed, grouped, percent, signed, size } from "../../../src/core/util/text.js";

describe("counts", () => {
  test.each([
    [0, "0 rows"],
    [1, "1 row"],
    [12_000, "12,000 rows"],
  ])("%d", (amount, text) => {
    expect(count(amount, "row")).toBe(text);
  });

  test("an irregular plural", () => {
    expect([count(1, "entry", "entries"), count(2, "entry", "entries")]).toEqual(["1 entry", "2 entries"]);
  });

  test("whole numbers are grouped by thousands", () => {
    expect(grouped(1_234_567)).toBe("1,234,567");
    const values = [
      0,
      7,
      999,
      1000,
      -100,
      -1000,
      123_456,
      -1_234_567,
      2 ** 53 - 1,
      2 ** 60,
      1234.5,
      Number.NaN,
      -1 / 0,
    ];
    for (const value of values) expect(grouped(value)).toBe(value.toLocaleString("en-US"));
  });
});

describe("shares", () => {
  test.each([
    [0, "0%"],
    [0.0004, "<0.1%"],
    [0.004, "0.4%"],
    [0.0996, "10.0%"],
    [0.12, "12%"],
    [0.9949, "99%"],
    [0.999, ">99%"],
    [1, "100%"],
    [-0.12, "−12%"],
    [null, "–"],
  ])("%s is %s", (share, text) => {
    expect(percent(share)).toBe(text);
  });

  test("with chosen digits", () => {
    expect([percent(0.995, 1), percent(0.99999, 1), percent(0.00001, 1)]).toEqual(["99.5%", ">99.9%", "<0.1%"]);
  });
});

describe("sizes", () => {
  test.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [999.6, "1 kB"],
    [1500, "1.5 kB"],
    [2.131e9, "2.13 GB"],
    [12.74e9, "12.7 GB"],
    [340e6, "340 MB"],
    [999_999_999, "1 GB"],
    [1.5e9, "1.5 GB"],
    [4.2e15, "4,200 TB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });
});

describe("numbers", () => {
  test("have a fixed number of digits, and a dash for a gap", () => {
    expect([0.71234, -0.5, -0.0001, null, Number.NaN].map((value) => fixed(value))).toEqual([
      "0.712",
      "−0.500",
      "0.000",
      "–",
      "–",
    ]);
  });

  test("with a sign, which zero does not have", () => {
    expect([signed(0.0123), signed(-0.0123), signed(-0.0001), signed(undefined)]).toEqual([
      "+0.012",
      "−0.012",
      "0.000",
      "–",
    ]);
  });
});
