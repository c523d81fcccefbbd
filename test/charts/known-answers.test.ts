/** Charts whose findings are known beforehand. */
import { describe, expect, test } from "vitest";
import { lowestGroup } from "../../src/charts/evaluation/lowest.js";
import {
  counterfactualsChart,
  differencesChart,
  domainDistancesChart,
  fieldGatesChart,
} from "../../src/charts/index.js";
import { shortenAll } from "../../src/charts/theme/index.js";
import { comparison, counterfactuals, gatesReport } from "./results.js";

const group = (name: string, value: number, half: number) => ({ name, value, low: value - half, high: value + half });

describe("the lowest of several groups", () => {
  const names = ["a", "b", "c", "d"];

  test("is named if its interval is apart, with those that overlap, or not at all", () => {
    const apart = [group("a", 0.6, 0.01), group("b", 0.7, 0.01), group("c", 0.71, 0.01)];
    expect(lowestGroup(apart, names)?.text).toBe("lowest in a (0.600)");
    const near = [group("a", 0.6, 0.01), group("b", 0.61, 0.01), group("c", 0.7, 0.01), group("d", 0.7, 0.01)];
    expect(lowestGroup(near, names)).toEqual({ text: "lowest in a (0.600) or b (0.610)", group: null });
    const alike = [group("a", 0.6, 0.02), group("b", 0.61, 0.02), group("c", 0.62, 0.02)];
    expect(lowestGroup(alike, names)?.text).toBe("no domain is lowest beyond noise");
  });
});

describe("shortened names", () => {
  test("keep what differs and cut what is common", () => {
    const names = ["search results of the second tab, all markets", "search results of the third tab, all markets"];
    const [second, third] = shortenAll(names, 22);
    expect(second).toContain("second");
    expect(third).toContain("third");
    for (const name of [second!, third!]) expect([...name].length).toBeLessThanOrEqual(22);
  });

  test("are as different as the names, whatever their lengths", () => {
    const names = Array.from({ length: 50 }, (_, n) => `recommendations in country number ${n} of the second market`);
    expect(new Set(shortenAll(names, 16)).size).toBe(50);
    expect(shortenAll(["short", "names"], 16)).toEqual(["short", "names"]);
  });
});

describe("gates of fields", () => {
  const report = gatesReport(["a", "b"], ["price", "brand", "city"]);

  test("lead with the field that differs between domains, sorted, and count the saturated ones", () => {
    const fields = [
      { field: "price", means: [1.95, 1.96] },
      { field: "brand", means: [1.2, 0.6] },
      { field: "city", means: [1, 1.1] },
    ];
    const { title, figure } = fieldGatesChart({ ...report, fields });
    expect(title).toBe(
      "EPNet's gates differ most between domains for brand: × 1.20 in a, × 0.60 in b; 1 of 3 fields is saturated at γ = 2",
    );
    expect((figure.layout["yaxis"] as { ticktext: string[] }).ticktext).toEqual(["brand", "city", "price"]);
    const [, city] = (figure.data[0] as unknown as { z: number[][] }).z;
    expect(city![1]! + city![2]!).toBeCloseTo(0, 5);
    expect(2 ** city![0]!).toBeCloseTo(Math.sqrt(1.1), 4);
  });

  test("that are equal in all domains are said to be equal", () => {
    const fields = [{ field: "price", means: [1.31, 1.31] }];
    expect(fieldGatesChart({ ...report, fields }).title).toMatch(
      /^EPNet's gates of every field are equal in all domains/,
    );
  });
});

describe("distances of gates", () => {
  test("are one heat map with printed values, in which equal domains are near zero", () => {
    const report = gatesReport(["a", "b", "c"]);
    const of = (a: number, b: number) => (a === b || a + b === 1 ? 0.0004 : 0.21);
    const matrix = [0, 1, 2].map((a) => [0, 1, 2].map((b) => of(a, b)));
    const distances = { jensenShannon: matrix, meanDistance: matrix, cosine: matrix };
    const { title, figure } = domainDistancesChart({
      ...report,
      gates: report.gates.map((gate) => ({ ...gate, distances })),
    });
    expect(title).toBe("Gates differ most between a and c in EPNet (Jensen–Shannon distance 0.210)");
    expect(figure.data.filter(({ type }) => type === "heatmap")).toHaveLength(1);
    expect((figure.layout["yaxis"] as { ticktext: string[] }).ticktext).toEqual(["a ↔ c", "b ↔ c", "a ↔ b"]);
    const printed = figure.data.filter(({ mode }) => mode === "text").flatMap(({ text }) => text as string[]);
    expect(printed.filter((text) => text === "0.00")).toHaveLength(report.gates.length);
    expect(printed.filter((text) => text === "0.21")).toHaveLength(2 * report.gates.length);
  });
});

describe("what is drawn filled", () => {
  const symbols = (figure: { readonly data: readonly object[] }): string[] =>
    figure.data.flatMap((trace) => {
      const { marker } = trace as { marker?: { symbol?: unknown } };
      return Array.isArray(marker?.symbol) ? (marker.symbol as string[]) : [];
    });

  test("is beyond noise after the correction, not by its interval alone", () => {
    const facts = comparison(["a", "b"]);
    const noise = {
      ...facts.tasks[0]!.overall.metrics.auc!,
      low: 0.001,
      high: 0.009,
      value: 0.005,
      verdict: "noise" as const,
    };
    const cell = { rows: 1000, positives: 100, metrics: { auc: noise } };
    const tasks = facts.tasks.map((task) => ({ ...task, overall: cell, domains: [cell, cell] }));
    expect(new Set(symbols(differencesChart({ ...facts, tasks }).figure))).toEqual(new Set(["circle-open"]));
  });

  test("in counterfactuals too", () => {
    const facts = counterfactuals(["a"]);
    const auc = { value: 0.01, low: 0.001, high: 0.02, adjustedPValue: 0.3 };
    const effects = facts.effects.map((effect) => ({
      ...effect,
      tasks: effect.tasks.map((task) => ({ ...task, overall: { ...task.overall, auc }, domains: [], parts: null })),
    }));
    const chart = counterfactualsChart({ ...facts, effects });
    expect(new Set(symbols(chart.figure))).toEqual(new Set(["circle-open"]));
    expect(chart.title).toMatch(/^No change of AUC beyond noise/);
  });
});
