/** Quantiles of gates at every evaluation during training. */

import type { GateReport, GateStatistics, GatesPoint } from "../../gates/index.js";
import { siteName } from "../../spec/index.js";
import { count, fixed, grouped } from "../../util/text/format.js";
import { band } from "../marks/lines.js";
import { type OverlaidCurve, overlay } from "../marks/overlay.js";
import { ALL_ROWS, domainColumns, groupNames, groupStatistics } from "../names.js";
import { panelRows, stepAxis, yAxis } from "../panels/axes.js";
import { chart, type Panel } from "../panels/compose.js";
import { MAX_COLOURS, markup, tidy } from "../theme.js";
import { type Chart, col, makeSheet, type PlotlyTrace, type Sheet } from "../view.js";
import { quantileColumns, siteColumns } from "./statistics.js";

interface Row {
  readonly step: number;
  readonly gate: GateReport;
  readonly domain: number;
  readonly at: GateStatistics;
}

/** One row per evaluation, gate and domain. */
export function gateHistorySheet(history: readonly GatesPoint[]): Sheet {
  const last = history.at(-1)?.gates;
  return makeSheet<Row>(
    `Quantiles of gates at ${count(history.length, "evaluation")}`,
    [
      col.count("step", ({ step }) => step),
      ...siteColumns<Row>(),
      ...domainColumns<Row>(last === undefined ? [] : groupNames(last)),
      col.count("rows", ({ at }) => at.rows),
      ...quantileColumns<Row>(({ at }) => (at.rows === 0 ? null : at)),
    ],
    history.flatMap(({ step, gates }) =>
      gates.gates.flatMap((gate) =>
        [gate.overall, ...gate.domains].map((at) => ({ step, gate, domain: at.domain ?? -1, at })),
      ),
    ),
  );
}

/** Pixels of a panel's axes, with two side by side. */
const AXES = { width: 240, height: 170 } as const;

/** Quantiles of gates by gate and domain at every evaluation, from `run.gatesHistory`. */
export function gateHistoryChart(history: readonly GatesPoint[]): Chart {
  const last = history.at(-1)?.gates;
  const names = last === undefined ? [] : groupNames(last);
  const panels = (last?.gates ?? []).map((gate, g) => gatePanel(history, gate, g, names));
  const empty = history.length === 0 ? "not recorded" : "no gates";
  return chart({
    title: historyTitle(history),
    rows: panelRows(panels, { across: 2, height: AXES.height, empty }),
    sheet: gateHistorySheet(history),
    legendBelow: true,
  });
}

function gatePanel(history: readonly GatesPoint[], gate: GateReport, index: number, names: readonly string[]): Panel {
  const single = gate.domains.length === 0;
  const curves = names.map((name, d): OverlaidCurve => {
    const medians = history.map((point) => {
      const at = gateAt(point, index);
      return tidy(at === undefined ? null : groupStatistics(at, names.length)[d]?.quantiles[2]);
    });
    const hover = markup`${name}<br>step %{x:,}: median %{y:.3f}`;
    return { name: single ? "median" : name, x: history.map(({ step }) => step), y: medians, hover };
  });
  const { marks, steps } = overlay(curves, { ...AXES, coloured: MAX_COLOURS, range: [0, gate.gamma] });
  return {
    title: siteName(gate),
    marks: [...quantileBand(history, index, index === 0), ...marks],
    xaxis: { ...stepAxis(), ...steps },
    yaxis: yAxis(index % 2 === 0 ? "gate value" : "", { range: [0, gate.gamma], nticks: 5 }),
  };
}

/** From the 5% to the 95% quantile of all rows. */
function quantileBand(history: readonly GatesPoint[], index: number, inLegend: boolean): PlotlyTrace[] {
  const overall = history.map((point) => gateAt(point, index)?.overall);
  return band({
    x: history.map(({ step }) => step),
    low: overall.map((at) => tidy(at?.quantiles[0])),
    high: overall.map((at) => tidy(at?.quantiles[4])),
    edge: 0.5,
    legend: { name: `5–95% of ${ALL_ROWS}`, group: "band", inLegend },
    hover: {
      template: markup`${ALL_ROWS}<br>step %{x:,}: 5–95% %{customdata}`,
      each: overall.map((at) => markup`${fixed(at?.quantiles[0])} to ${fixed(at?.quantiles[4])}`),
    },
  });
}

/** Matched by index: a model's gates are the same at every evaluation. */
function gateAt(point: GatesPoint, index: number): GateReport | undefined {
  return point.gates.gates[index];
}

/** The gate whose spread grew or fell most. */
function historyTitle(history: readonly GatesPoint[]): string {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined)
    return "Gates over training: not recorded; use fit(data, { gates: true })";
  const changes = last.gates.gates.map((gate, g) => {
    const [from, to] = [width(gateAt(first, g)?.overall), width(gate.overall)];
    return { name: siteName(gate), from, to };
  });
  if (changes.length === 0) return "Gates over training: this model has no gates";
  const most = changes.reduce((a, b) => (Math.abs(b.to - b.from) > Math.abs(a.to - a.from) ? b : a));
  const where = `${most.name}'s 5–95% range`;
  if (first === last) return `Gates at step ${grouped(last.step)}: ${where} is ${fixed(most.to, 2)} wide`;
  const verb = most.to >= most.from ? "widened" : "narrowed";
  const evaluations = count(history.length, "evaluation");
  return `Gates over ${evaluations}: ${where} ${verb} most, ${fixed(most.from, 2)} → ${fixed(most.to, 2)}`;
}

function width(at: GateStatistics | undefined): number {
  return at === undefined ? 0 : at.quantiles[4] - at.quantiles[0];
}
