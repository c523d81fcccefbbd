import { describe, expect, test } from "vitest";
import type { GatesReport } from "../../../src/lab/gates/types.js";
import { narrowFigure } from "../../../src/lab/render/narrow.js";
import { PAPERS } from "../../../src/lab/render/png.js";
import {
  aucByDomainChart,
  aucCurvesChart,
  differencesChart,
  evaluationSheet,
  fieldGatesChart,
  gateQuantilesChart,
  gatesChart,
  lossChart,
  runChart,
  sheetTable,
  trainingChart,
} from "../../../src/lab/views/index.js";
import { colour, INK, MAX_COLOURS, TASKS } from "../../../src/lab/views/theme.js";
import { wholeTitle } from "../../whole-title.js";
import { contrast, distance, seen } from "./colour-vision.js";
import {
  ageDomains,
  comparison,
  evaluation,
  fiftyDomains,
  gatesReport,
  history,
  metrics,
  references,
} from "./results.js";

const hostile = "<b>x</b><script>alert(1)</script>&%{x}";

describe("colours", () => {
  test.each([
    ["categories", Array.from({ length: MAX_COLOURS }, (_, c) => colour(c, MAX_COLOURS))],
    ["tasks", TASKS],
  ])("%s keep apart for the colour-blind, on white and on JupyterLab's dark", (_, shades) => {
    for (const kind of ["protanopia", "deuteranopia", "tritanopia"] as const) {
      for (const [index, one] of shades.entries()) {
        for (const other of shades.slice(index + 1))
          expect(distance(seen(one, kind), seen(other, kind)), `${one} and ${other} in ${kind}`).toBeGreaterThan(9);
        for (const paper of ["#ffffff", "#111111"])
          expect(contrast(one, paper), `${one} on ${paper}`).toBeGreaterThan(2);
      }
    }
  });

  test("text has contrast above 4 to 1 on white and on JupyterLab's dark, a picture's above 4.5 to 1", () => {
    for (const { paper, ink } of Object.values(PAPERS)) {
      expect(contrast(INK, paper)).toBeGreaterThan(4);
      expect(contrast(ink, paper)).toBeGreaterThan(4.5);
    }
  });
});

describe("awkward results", () => {
  test("names of fields and towers are escaped too, and whole in the table", () => {
    const report = gatesReport(["a", "plain"], [hostile, "price"]);
    const named = {
      ...report,
      gates: report.gates.map((gate) => ({ ...gate, tower: gate.tower === null ? null : hostile })),
    };
    const evaluated = evaluation(["a"]);
    const charts = [
      gatesChart(named),
      fieldGatesChart(named),
      aucByDomainChart({ ...evaluated, tasks: evaluated.tasks.map((task) => ({ ...task, tower: hostile })) }),
      differencesChart({ ...comparison(["a"]), names: [hostile, "other"] }),
    ];
    for (const { figure } of charts) {
      expect(JSON.stringify(figure)).not.toMatch(/<(b|script)>/);
      expect(JSON.stringify(figure)).not.toContain("&%{x}");
    }
    expect(fieldGatesChart(named).table.rows[0]?.[0]).toBe(hostile);
  });

  test("names that look the same when shortened stay apart", () => {
    const fields = ["user_recent_clicks_on_category_a_list", "user_recent_clicks_on_category_b_list"];
    const { figure } = fieldGatesChart(gatesReport(["a"], fields));
    expect(new Set((figure.layout["yaxis"] as { ticktext: string[] }).ticktext).size).toBe(2);
  });

  test("an AUC that is not defined is a gap in dots, curves and table", () => {
    const evaluated = evaluation(ageDomains);
    const [first, ...others] = evaluated.tasks;
    const task = { ...first!, domains: [metrics(null, 0), ...first!.domains.slice(1)] };
    const gap = { ...evaluated, tasks: [task, ...others] };
    const { figure } = aucByDomainChart(gap, references(ageDomains));
    expect((figure.layout["yaxis"] as { ticktext: string[] }).ticktext.at(-1)).toBe("under 25 –");
    expect(figure.data.find((trace) => trace["mode"] === "text")).toMatchObject({ y: [3], text: ["–"] });
    const row = sheetTable(evaluationSheet(gap, references(ageDomains))).rows[1];
    expect(row).toEqual(["ctr", "under 25", 0, null, null, 0.75, null, null, null]);
    const run = { ...history(ageDomains), evaluations: [{ step: 80, epoch: 1, evaluation: gap }] };
    expect((aucCurvesChart(run).figure.data[0] as { y: unknown[] }).y).toEqual([null]);
    expect(wholeTitle(runChart(run))).toContain("AUC at step 80");
  });

  test("a loss that is NaN is a gap, not a broken document", () => {
    const run = history(ageDomains);
    const points = run.points.map((point, p) => (p === 3 ? { ...point, loss: Number.NaN } : point));
    const { data } = lossChart({ ...run, points }).figure;
    const total = data.find(({ hovertemplate }) => String(hovertemplate).startsWith("total loss")) as { y: unknown[] };
    expect(total.y[3]).toBeNull();
    expect(total.y[4]).toBeCloseTo(run.points[4]!.loss, 1); // smoothed
  });

  test("a training that has not logged a step yet says so", () => {
    const empty = { points: [], evaluations: [], bestStep: null };
    const progress = {
      step: 0,
      totalSteps: 10,
      epoch: 0,
      rowsPerSecond: 0,
      secondsLeft: Number.POSITIVE_INFINITY,
      history: empty,
      done: false,
    };
    expect(wholeTitle(trainingChart(progress))).toBe(
      "Step 0 of 10, 0 rows/s, unknown time left; loss: no steps logged yet",
    );
    expect(runChart(empty).table.rows).toEqual([]);
    expect(aucCurvesChart(empty).title).toBe("AUC: not evaluated yet");
  });

  test("a long training says how to shorten it while it runs, and not when it ends", () => {
    const history = { points: [], evaluations: [], bestStep: null };
    const running = { step: 3, totalSteps: 10, epoch: 0, rowsPerSecond: 9, secondsLeft: 70, history, done: false };
    const advice = "fit(data, { steps: 100 }) is a short look";
    const chart = trainingChart(running, { advice });
    expect(wholeTitle(chart)).toBe(`Step 3 of 10, 9 rows/s, 1 min 10 s left; ${advice}; loss: no steps logged yet`);
    expect(chart.times?.title?.map(([from, to]) => chart.title.slice(from, to))).toEqual(["9 rows/s", "1 min 10 s"]);
    const done = { ...running, done: true };
    for (const last of [trainingChart(done, { advice }), trainingChart(running, { advice, failure: "no" })]) {
      expect(last).not.toHaveProperty("times");
      expect(wholeTitle(last)).not.toContain("short look");
    }
  });

  test("a training that failed says why, in words that Plotly does not read as HTML", () => {
    const history = { points: [], evaluations: [], bestStep: null };
    const progress = { step: 3, totalSteps: 10, epoch: 0, rowsPerSecond: 9, secondsLeft: 1, history, done: false };
    const chart = trainingChart(progress, { failure: "<b>broken</b>\nand more" });
    expect(wholeTitle(chart)).toBe("Failed after 3 of 10 steps: <b>broken</b>; loss: no steps logged yet");
    expect(JSON.stringify(chart.figure.layout.title)).toContain("&lt;b&gt;broken");
  });

  test("models without gates, without EPNet and without domains each say what is missing", () => {
    const report = gatesReport(ageDomains);
    const none: GatesReport = { ...report, gates: [], fields: [] };
    expect(gatesChart(none).title).toBe("What each gate is worth: this model has no gates");
    expect(gatesChart({ ...none, effects: null }).title).toBe("Gate values: this model has no gates");
    expect(fieldGatesChart({ ...report, fields: [] }).title).toContain("no EPNet");
    const single = gatesReport([]);
    expect(JSON.stringify(gateQuantilesChart(single).figure.data)).toContain("EPNet, all rows<br>median");
  });

  test("a domain without rows has no dot", () => {
    const report = gatesReport(["a", "b"], ["price"]);
    const empty: GatesReport = {
      ...report,
      gates: report.gates.map((gate) => ({ ...gate, domains: [{ ...gate.domains[0]!, rows: 0 }, gate.domains[1]!] })),
      fields: [{ field: "price", means: [null, 1.5] }],
    };
    const dots = fieldGatesChart(empty).figure.data.filter(({ mode }) => mode === "markers");
    expect(dots.map(({ name, x }) => [name, x])).toEqual([
      ["a", [null]],
      ["b", [1.5]],
    ]);
    expect(JSON.stringify(gateQuantilesChart(empty).figure.data)).toMatch(/^(?!.*EPNet, a<br>).*EPNet, b<br>median/);
    const row = gateQuantilesChart(empty).table.rows[1];
    expect(row?.slice(0, 4)).toEqual(["EPNet", "a", 0, null]);
  });

  test("a closed gate, whose logarithm is endless, still has a dot", () => {
    const { figure } = fieldGatesChart({ ...gatesReport(["a"]), fields: [{ field: "price", means: [0] }] });
    expect(figure.data.find(({ mode }) => mode === "markers")?.["x"]).toEqual([0]);
  });
});

describe("sizes", () => {
  test("fifty domains are a band from the lowest to the highest, and those farthest from all rows are named lines", () => {
    const { data } = aucCurvesChart(history(fiftyDomains)).figure;
    const curves = data.filter(({ x }) => (x as number[]).length === 6);
    // For each task: both edges of the band, the three farthest, and all rows.
    expect(curves).toHaveLength(2 * (2 + 3 + 1));
    const [low, high] = curves.map(({ y }) => y as number[]);
    const aucs = history(fiftyDomains).evaluations.map(({ evaluation }) =>
      evaluation.tasks[0]!.domains.map(({ auc }) => auc!),
    );
    expect(low).toEqual(aucs.map((each) => Math.min(...each)));
    expect(high).toEqual(aucs.map((each) => Math.max(...each)));
    expect(data.filter((trace) => trace["showlegend"] === true)).toEqual([]);
    const names = data
      .filter(({ mode }) => mode === "text")
      .map(({ text }) => (text as string[]).map((word) => word.trim()));
    for (const task of names) {
      expect(task).toHaveLength(4);
      expect(task).toContain("all rows");
    }
  });

  test("of fifty domains the lowest and the highest of a field have their names, and a phone leaves them out", () => {
    const { figure } = fieldGatesChart(gatesReport(fiftyDomains, ["price"]));
    const dots = figure.data.find(({ mode }) => mode === "markers") as { x: number[] };
    expect(dots.x).toHaveLength(50);
    const words = (of: typeof figure) => of.data.filter(({ mode }) => mode === "text");
    const [lowest, highest] = [Math.min(...dots.x), Math.max(...dots.x)].map(
      (gate) => fiftyDomains[dots.x.indexOf(gate)],
    );
    expect(words(figure).map(({ text }) => (text as string[])[0]!.trim())).toEqual([lowest, highest]);
    expect(words(narrowFigure(figure)).map(({ visible }) => visible)).toEqual([false, false]);
  });

  test("of many domains the dots are of those with the largest and the smallest values, and how many are left out", () => {
    const { layout } = differencesChart(comparison(fiftyDomains)).figure;
    const names = (layout["yaxis"] as { ticktext: string[] }).ticktext;
    expect(names[7]).toBe("… 38 more …");
    const values = names
      .filter((_, row) => row !== 0 && row !== 7)
      .map((name) => Number(name.split("\u2002")[1]!.replace("−", "-")));
    expect(values).toEqual([...values].sort((a, b) => b - a));
    const all = comparison(fiftyDomains).tasks[0]!.domains.map(({ metrics: { auc } }) => auc!.value!);
    expect([values[0], values.at(-1)]).toEqual(
      [Math.max(...all), Math.min(...all)].map((each) => Number(each.toFixed(3))),
    );
  });

  test("of a hundred fields the forty farthest from 1 are drawn, and the table has them all", () => {
    const fields = Array.from({ length: 100 }, (_, f) => ({ field: `f${f}`, means: [1 + f / 100] }));
    const chart = fieldGatesChart({ ...gatesReport(["a"]), fields });
    expect(chart.figure.data.find(({ mode }) => mode === "markers")?.["x"]).toHaveLength(40);
    expect(chart.title).toContain("(40 of 100 fields)");
    expect(chart.title).toContain("f99 (× 1.99)");
    expect(chart.table.rows).toHaveLength(100);
  });

  test("learning rates have a panel if one of them changes, a logarithmic one if they span decades", () => {
    const rates = (rate: (p: number) => number) => {
      const { points, ...rest } = history(ageDomains);
      const rated = points.map((point, p) => ({ ...point, learningRates: { sparse: 1, dense: rate(p) } }));
      const { data, layout } = runChart({ ...rest, points: rated }).figure;
      const at = data.findIndex(({ hovertemplate }) => String(hovertemplate).startsWith("dense<br>"));
      const axis = at < 0 ? null : String(data[at]!["yaxis"]).replace("y", "yaxis");
      const type = axis === null ? null : (layout[axis] as { type?: string }).type;
      return { values: at < 0 ? null : data[at]!["y"], type };
    };
    expect(rates(() => 0.5).values).toBeNull();
    const falling = (p: number) => 0.5 - p / 100;
    expect(rates(falling)).toEqual({ values: Array.from({ length: 24 }, (_, p) => falling(p)), type: undefined });
    const decades = (p: number) => Number((0.1 / 2 ** p).toPrecision(6));
    expect(rates(decades)).toEqual({ values: Array.from({ length: 24 }, (_, p) => decades(p)), type: "log" });
    expect((rates((p) => (p < 12 ? 0 : 0.01)).values as unknown[]).slice(10, 14)).toEqual([null, null, 0.01, 0.01]);
  });

  test("the run's bars show the evaluation of the weights that were kept", () => {
    const run = history(ageDomains);
    const kept = run.evaluations.find((point) => point.step === run.bestStep)?.evaluation;
    expect(run.bestStep).not.toBe(run.evaluations.at(-1)?.step);
    expect(runChart(run).table.rows[0]?.[4]).toBe(kept?.tasks[0]?.overall.auc);
  });
});
