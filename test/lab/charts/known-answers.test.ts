/** Charts whose findings are known beforehand. */
import { describe, expect, test } from "vitest";
import {
  type CalibrationCurve,
  type CalibrationReport,
  withRatios,
} from "../../../src/core/metrics/calibration-curve.js";
import { scoreCurve } from "../../../src/core/metrics/score-curve.js";
import type { Evaluation } from "../../../src/core/metrics/types.js";
import { labelRatesChart } from "../../../src/lab/views/data/label-rates.js";
import { reliabilityChart } from "../../../src/lab/views/evaluation/calibration.js";
import { differencesChart } from "../../../src/lab/views/evaluation/comparison.js";
import { precisionChart, rocChart } from "../../../src/lab/views/evaluation/curves.js";
import { lowestDomain } from "../../../src/lab/views/evaluation/evaluation.js";
import { scoresChart } from "../../../src/lab/views/evaluation/scores.js";
import { conflictsChart } from "../../../src/lab/views/gates/conflicts.js";
import { counterfactualsChart, gateWorthChart } from "../../../src/lab/views/gates/counterfactuals.js";
import { fieldGatesChart } from "../../../src/lab/views/gates/fields.js";
import { type OverlaidCurve, overlay } from "../../../src/lab/views/overlay.js";
import { BETTER, INK, markup, ONE_OF_MANY, PLAIN, shortenAll, WORSE } from "../../../src/lab/views/theme.js";
import type { Chart } from "../../../src/lab/views/view.js";
import { wholeTitle } from "../../whole-title.js";
import {
  calibration,
  comparison,
  conflicts,
  counterfactuals,
  evaluation,
  fiftyDomains,
  gatesReport,
  metrics,
  scoredEvaluation,
} from "./results.js";

const group = (name: string, value: number, half: number, isWeak = false) => ({
  name,
  value,
  low: value - half,
  high: value + half,
  isWeak,
});

describe("the lowest of several domains", () => {
  const names = ["a", "b", "c", "d"];

  test("is named if its interval is apart, with those that overlap, or not at all", () => {
    const apart = [group("a", 0.6, 0.01), group("b", 0.7, 0.01), group("c", 0.71, 0.01)];
    expect(lowestDomain(apart, names)).toBe("lowest in a (0.600)");
    const near = [group("a", 0.6, 0.01), group("b", 0.61, 0.01), group("c", 0.7, 0.01), group("d", 0.7, 0.01)];
    expect(lowestDomain(near, names)).toBe("lowest in a (0.600) or another");
    const alike = [group("a", 0.6, 0.02), group("b", 0.61, 0.02), group("c", 0.62, 0.02)];
    expect(lowestDomain(alike, names)).toBe("no domain lowest beyond noise");
    const weak = [group("a", 0.6, 0.02, true), group("b", 0.61, 0.02, true), group("c", 0.62, 0.02)];
    expect(lowestDomain(weak, names)).toBe("weak in a (0.600) and 1 more");
  });
});

test("ROC curves of the highest and lowest of many domains have the colours of better and worse beyond noise only", () => {
  const base = scoredEvaluation(fiftyDomains.slice(0, 12));
  const withAucs = (auc: (d: number) => number) => {
    const tasks = base.tasks.map((task) => ({
      ...task,
      domains: task.domains.map((cell, d) => {
        const value = auc(d);
        return { ...cell, auc: value, intervals: { auc: { value, low: value - 0.02, high: value + 0.02 } } };
      }),
    }));
    return JSON.stringify(rocChart({ ...base, tasks }).figure.data);
  };
  const alike = withAucs((d) => 0.7 + 0.001 * d);
  expect(alike).not.toContain(WORSE);
  expect(alike).not.toContain(BETTER);
  expect(withAucs((d) => (d === 3 ? 0.5 : 0.7 + 0.001 * d))).toContain(WORSE);
});

describe("many domains", () => {
  test("have no curves over each other: that of all rows, and of three that are off beyond noise", () => {
    const base = calibration(fiftyDomains.slice(0, 12));
    const off = (d: number) => ({ value: 1 + d / 10, low: 0.99, high: 2, isBeyondNoise: d > 6 });
    const tasks = base.tasks.map((task) => ({
      ...task,
      domains: task.domains.map((curve, d) => ({ ...curve, ratio: off(d) })),
    }));
    const { data, layout } = reliabilityChart({ ...base, tasks }).figure;
    const lines = data.filter(({ mode }) => mode === "lines+markers");
    expect(lines).toHaveLength(new Set(lines.map(({ xaxis }) => xaxis)).size);
    const titles = (layout["annotations"] as unknown as { text: string }[]).map(({ text }) => text);
    const small = titles.filter((text) => text.startsWith("country"));
    expect(new Set(small)).toEqual(new Set(["country 10: × 1.90", "country 11: × 2.00", "country 12: × 2.10"]));
  });

  test("that pull apart most are rows, and the others are counted", () => {
    const { subtitle, figure } = conflictsChart(conflicts(fiftyDomains));
    const heat = figure.data.find(({ type }) => type === "heatmap")!;
    expect(heat["z"]).toHaveLength(24);
    expect(subtitle).toContain("the 24 of 1,226 pairs that pull apart most");
  });
});

/** Bars of a gate's values that are not in the middle of its rows, between which a name is. */
function barsBesideOthers({ figure }: Chart): number[] {
  const { tickvals } = figure.layout["yaxis"] as unknown as { tickvals: number[] };
  const bars = figure.data.filter(({ xaxis, mode, line }) => {
    return xaxis === "x" && mode === "lines" && (line as { width: number }).width === 2.5;
  });
  const heights = bars.map(({ y }) => (y as number[])[0]!);
  return heights.filter((height) => !tickvals.some((tick) => Math.abs(height - tick) < 0.45));
}

test("no domain's bar of a gate is beside the number of a task", () => {
  const chart = gateWorthChart(gatesReport(fiftyDomains.slice(0, 3)));
  expect(barsBesideOthers(chart)).toEqual([]);
  // EPNet has a row for each of two tasks, and its name between them.
  const { tickvals, ticktext } = chart.figure.layout["yaxis"] as unknown as { tickvals: number[]; ticktext: string[] };
  expect([ticktext[0], tickvals[0]]).toEqual(["EPNet", 0.5]);
  const [first, ...others] = chart.figure.data.filter(({ line }) => (line as { width?: number })?.width === 2.5);
  const moved = { ...chart, figure: { ...chart.figure, data: [{ ...first!, y: [0, 0] }, ...others] } };
  expect(barsBesideOthers(moved)).toEqual([0]);
});

describe("shortened names", () => {
  test("keep what differs and cut what is common", () => {
    const names = ["search results of the second tab, all markets", "search results of the third tab, all markets"];
    const [second, third] = shortenAll(names, 22);
    expect(second).toContain("second");
    expect(third).toContain("third");
    for (const name of [second!, third!]) expect([...name].length).toBeLessThanOrEqual(22);
  });

  test("that were cut before keep what their ellipsis set apart", () => {
    expect(shortenAll(["…supermarkets of the no…", "search resul…minimarkets"], 14)).toEqual([
      "…supermarkets…",
      "…minimarkets",
    ]);
    expect(shortenAll(["recent_click_categories…"], 14)).toEqual(["recent_…ories…"]);
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
    const { figure, ...said } = fieldGatesChart({ ...report, fields, effects: null });
    expect(wholeTitle(said)).toBe(
      "EPNet's gates differ most for brand, by × 2.00; × 1.20 in a, × 0.60 in b; 1 of 3 fields is saturated at γ = 2",
    );
    expect((figure.layout["yaxis"] as { ticktext: string[] }).ticktext).toEqual(["brand", "city", "price"]);
    const dots = figure.data.filter(({ mode }) => mode === "markers") as unknown as { x: number[] }[];
    expect(dots.map(({ x }) => x)).toEqual([
      [1.2, 1, 1.95],
      [0.6, 1.1, 1.96],
    ]);
  });

  test("that are equal in all domains are said to be equal", () => {
    const fields = [{ field: "price", means: [1.31, 1.31] }];
    expect(fieldGatesChart({ ...report, fields }).title).toMatch(
      /^EPNet's gates of every field are equal in all domains/,
    );
  });
});

describe("many curves", () => {
  const curve = (name: string, end: number, isMain = false) => {
    return { name, x: [0, 100], y: [0.5, end], hover: markup`${name}`, isMain };
  };
  const names = (curves: readonly OverlaidCurve[]): string[] =>
    overlay(curves, { width: 400, height: 200 }).marks.flatMap(({ mode, text }) =>
      mode === "text" ? (text as string[]).map((word) => word.trim()) : [],
    );

  test("are grey, and the three that end farthest from the main one have names, in the order of their ends", () => {
    const ends = [0.6, 0.61, 0.62, 0.63, 0.64, 0.75, 0.4, 0.45];
    const curves = [curve("the model", 0.62, true), ...ends.map((end, v) => curve(`variant ${v}`, end))];
    expect(names(curves)).toEqual(["variant 6", "variant 7", "the model", "variant 5"]);
    const shades = overlay(curves, { width: 400, height: 200 }).marks.map(
      ({ line }) => (line as { color: string })?.color,
    );
    expect(new Set(shades.filter((shade) => shade !== undefined))).toEqual(new Set([INK, PLAIN, ONE_OF_MANY]));
  });

  test("that are at most six have colours and names, and names that collide are moved apart", () => {
    const curves = [curve("a", 0.6), curve("b", 0.6), curve("c", 0.6001)];
    expect(names(curves)).toEqual(["a", "b", "c"]);
    const words = overlay(curves, { width: 400, height: 200 }).marks.find(({ mode }) => mode === "text")!;
    const [first, second, third] = words["y"] as number[];
    expect(second! - first!).toBeGreaterThan(0.005);
    expect(third! - second!).toBeGreaterThan(0.005);
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
    const auc = { value: 0.01, low: -0.001, high: 0.02 };
    const effects = facts.effects.map((effect) => ({
      ...effect,
      tasks: effect.tasks.map((task) => ({ ...task, overall: { ...task.overall, auc }, domains: [], parts: null })),
    }));
    const chart = counterfactualsChart({ ...facts, effects });
    expect(new Set(symbols(chart.figure))).toEqual(new Set(["circle-open"]));
    expect(chart.title).toMatch(/^No change of AUC beyond noise/);
  });
});

describe("curves of scores", () => {
  /** Four rows a domain: in a both positives are first, in b they are last. */
  const measured = (): Evaluation => {
    const labels = Float32Array.of(1, 1, 0, 0);
    const [a, b] = [Float32Array.of(0.8, 0.7, 0.3, 0.2), Float32Array.of(0.3, 0.2, 0.8, 0.7)];
    const all = [Float32Array.of(...a, ...b), Float32Array.of(...labels, ...labels)] as const;
    const base = evaluation(["a", "b"]);
    const [task] = base.tasks;
    const cell = (auc: number, rows: number) => ({ ...metrics(auc, rows), positives: rows / 2 });
    return {
      ...base,
      tasks: [{ ...task!, overall: cell(0.5, 8), domains: [cell(1, 4), cell(0, 4)], allRows: cell(0.5, 8) }],
      curves: [
        {
          tower: "ctr",
          label: "clk",
          within: null,
          overall: scoreCurve(...all, { bins: true }),
          domains: [scoreCurve(a, labels), scoreCurve(b, labels)],
        },
      ],
    };
  };

  test("of perfect and of reversed domains go along the sides of the square", () => {
    const { figure, table } = rocChart(measured());
    const [, a, b] = figure.data as unknown as { x: number[]; y: number[] }[];
    expect([a!.x, a!.y]).toEqual([
      [0, 0, 0, 0.5, 1],
      [0, 0.5, 1, 1, 1],
    ]);
    expect([b!.x, b!.y]).toEqual([
      [0, 0.5, 1, 1, 1],
      [0, 0, 0, 0.5, 1],
    ]);
    expect(table.rows).toHaveLength(4 + 4 + 4);
  });

  test("have a precision that ends at the base rate", () => {
    const precision = precisionChart(measured());
    expect(wholeTitle(precision)).toMatch(/× its base rate; .*base rate 50\.0%$/);
    for (const { x, y } of precision.figure.data.filter(({ mode }) => mode === "lines").slice(1) as unknown as {
      x: number[];
      y: number[];
    }[]) {
      expect([x.at(-1), y.at(-1)]).toEqual([1, 0.5]);
    }
  });

  test("say in words how often a positive scores above a negative", () => {
    expect(wholeTitle(scoresChart(measured()))).toBe(
      "Positives of ctr score above negatives in 50% of pairs; AUC 0.500, medians 30.0% and 30.0%",
    );
  });
});

describe("calibration by domain", () => {
  const curve = (rows: number, predicted: number, observed: number): CalibrationCurve => ({
    rows,
    gap: null,
    bins: [{ rows, from: predicted, to: predicted, predicted, observed, low: observed, high: observed }],
  });
  const report = (domains: readonly CalibrationCurve[]): CalibrationReport => ({
    rows: 40_000,
    domainNames: ["a", "b"].slice(0, domains.length),
    level: 0.95,
    user: null,
    tasks: withRatios([{ tower: "ctr", label: "clk", within: null, overall: curve(40_000, 0.1, 0.1), domains }], 0.95),
  });

  test("names the domains that cancel over all rows, and draws them filled", () => {
    const { figure, ...said } = reliabilityChart(report([curve(20_000, 0.11, 0.1), curve(20_000, 0.09, 0.1)]));
    expect(wholeTitle(said)).toBe(
      "ctr predicts × 1.00 (0.96 to 1.04) of what was observed; 10.0% against 10.0%, 0.90 in b and 1.10 in a; rows taken as independent",
    );
    const ratios = figure.data.filter(({ mode }) => mode === "markers") as unknown as {
      x: number[];
      marker: { symbol: string[] };
    }[];
    expect(ratios.map(({ x, marker }) => [x[0], marker.symbol[0]]).sort()).toEqual([
      [0.9, "circle"],
      [1, "circle-open"],
      [1.1, "circle"],
    ]);
  });

  test("does not draw a single domain beside all rows, whose rows it has", () => {
    const { figure, ...said } = reliabilityChart(report([curve(40_000, 0.1, 0.1)]));
    expect(figure.data).toHaveLength(2);
    expect(wholeTitle(said)).toBe(
      "ctr predicts × 1.00 (0.97 to 1.03) of what was observed; 10.0% against 10.0%; rows taken as independent",
    );
  });
});

describe("labels by domain", () => {
  const cell = (rows: number, positives: number, half: number) => ({
    rows,
    positives,
    low: positives / rows - half,
    high: positives / rows + half,
  });

  test("lead with the domains whose intervals are apart, and say where none are", () => {
    const rate = { label: "clk", ...cell(2000, 300, 0.01), domains: [cell(1000, 100, 0.02), cell(1000, 200, 0.02)] };
    expect(wholeTitle(labelRatesChart([rate], ["a", "b"]))).toBe(
      "clk is positive in 15%; from 10% in a to 20% in b; 2,000 rows",
    );
    const close = { ...rate, domains: [cell(1000, 100, 0.06), cell(1000, 200, 0.06)] };
    expect(wholeTitle(labelRatesChart([close], ["a", "b"]))).toMatch(/15%; intervals of all domains overlap;/);
  });

  test("print the counts, and have the training rows in marks and table", () => {
    const training = { rows: 8000, positives: 1600 };
    const rate = { label: "clk", ...cell(2000, 300, 0.01), training, domains: [] };
    const { figure, table } = labelRatesChart([rate]);
    expect((figure.layout["yaxis"] as { ticktext: string[] }).ticktext).toEqual(["all rows 300 (15%)"]);
    const mark = figure.data.find(({ name }) => name === "training rows") as unknown as { x: number[] };
    expect(mark.x).toEqual([0.2]);
    expect(table.rows[0]!.slice(-3)).toEqual([8000, 1600, 0.2]);
  });

  test("do not draw a single domain beside all rows", () => {
    const rate = { label: "clk", ...cell(2000, 300, 0.01), domains: [cell(2000, 300, 0.01)] };
    expect(labelRatesChart([rate], ["everyone"]).figure.data).toHaveLength(1);
  });
});
