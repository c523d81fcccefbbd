/** How the gates moved during training: a panel a gate, the median of each domain over a band of 5 to 95 % of all rows. */
import type { GateReport, GateStatistics, GatesPoint } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import { nothingPanel } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { groupNames, groupStatistics, siteName } from "./gate-sites.js";
import { tidy } from "./numbers.js";
import { inRows } from "./panel-rows.js";
import { count, fixed, label, plotText } from "./text.js";
import { colour, faded, INK, MAX_COLOURS } from "./theme.js";

/** Quantiles of gates by gate and domain at every evaluation; as `run.gatesHistory` holds them. */
export function gateHistoryChart(history: readonly GatesPoint[]): Chart {
  const title = historyTitle(history);
  const last = history.at(-1)?.gates;
  const panels = (last?.gates ?? []).map((gate, g) => gatePanel(history, gate, g));
  const why = history.length === 0 ? "not followed" : "no gates";
  const rows = panels.length === 0 ? [{ height: 60, panels: [nothingPanel(why)] }] : inRows(panels, 3, 170);
  return { title, figure: compose({ title, rows }), table: historyTable(history) };
}

function gatePanel(history: readonly GatesPoint[], gate: GateReport, index: number): Panel {
  const names = groupNames((history.at(-1) as GatesPoint).gates);
  const few = names.length <= MAX_COLOURS;
  const single = gate.domains.length === 0;
  const overall = history.map((point) => gateAt(point, index)?.overall ?? null);
  const legend = index === 0;
  const lines = names.map((name, d): PlotlyTrace => {
    const medians = history.map((point) => {
      const at = gateAt(point, index);
      return tidy(at === undefined ? null : groupStatistics(at, names.length)[d]?.quantiles[2]);
    });
    return {
      type: "scatter",
      mode: history.length <= 30 && few ? "lines+markers" : "lines",
      name: label(single ? "median" : few ? name : `each of ${names.length} domains`),
      legendgroup: few ? `domain ${d}` : "domains",
      showlegend: legend && (few || d === 0),
      x: history.map(({ step }) => step),
      y: medians,
      marker: { size: 4 },
      line: few ? { color: colour(d, names.length), width: 1.75 } : { color: faded(colour(4, 5), 0.45), width: 1 },
      connectgaps: false,
      hovertemplate: `${plotText(name)}<br>step %{x:,}: median %{y:.3f}<extra></extra>`,
    };
  });
  return {
    title: siteName(gate),
    traces: [...band(history, overall, legend), ...lines],
    xaxis: { title: { text: "step", standoff: 6 }, rangemode: "tozero", nticks: 3 },
    yaxis: { title: { text: index % 3 === 0 ? "gate value" : "" }, range: [0, gate.gamma], nticks: 5 },
  };
}

/** From the 5 % to the 95 % quantile of all rows. */
function band(
  history: readonly GatesPoint[],
  overall: readonly (GateStatistics | null)[],
  legend: boolean,
): PlotlyTrace[] {
  const edge = (q: number): PlotlyTrace => ({
    type: "scatter",
    mode: "lines",
    name: "5–95 % of all rows",
    legendgroup: "band",
    x: history.map(({ step }) => step),
    y: overall.map((at) => tidy(at?.quantiles[q])),
    line: { color: faded(INK, 0.5), width: 0.5 },
  });
  return [
    { ...edge(0), showlegend: false, hoverinfo: "skip" },
    {
      ...edge(4),
      showlegend: legend,
      fill: "tonexty",
      fillcolor: faded(INK, 0.15),
      customdata: overall.map((at) => [fixed(at?.quantiles[0]), fixed(at?.quantiles[4])]),
      hovertemplate: "all rows<br>step %{x:,}: 5–95 % %{customdata[0]} to %{customdata[1]}<extra></extra>",
    },
  ];
}

/** By place: a model's gates are the same at every evaluation. */
function gateAt(point: GatesPoint, index: number): GateReport | undefined {
  return point.gates.gates[index];
}

/** The gate whose spread grew or fell most. */
function historyTitle(history: readonly GatesPoint[]): string {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined)
    return "Gates over training: not followed; fit(data, { gates: true }) does";
  const grown = last.gates.gates.map((gate, g) => {
    const [from, to] = [width(gateAt(first, g)?.overall), width(gate.overall)];
    return { gate, from, to };
  });
  const [some] = grown;
  if (some === undefined) return "Gates over training: this model has no gates";
  const most = grown.reduce((a, b) => (Math.abs(b.to - b.from) > Math.abs(a.to - a.from) ? b : a));
  const where = `${siteName(most.gate)}'s 5–95 % range`;
  if (first === last)
    return `Gates at step ${last.step.toLocaleString("en-US")}: ${where} is ${fixed(most.to, 2)} wide`;
  const verb = most.to >= most.from ? "widened" : "narrowed";
  const evaluations = count(history.length, "evaluation");
  return `Gates over ${evaluations}: ${where} ${verb} most, ${fixed(most.from, 2)} → ${fixed(most.to, 2)}`;
}

function width(at: GateStatistics | undefined): number {
  return at === undefined ? 0 : at.quantiles[4] - at.quantiles[0];
}

function historyTable(history: readonly GatesPoint[]): Table {
  return {
    caption: `Quantiles of gates at ${count(history.length, "evaluation")}`,
    columns: [
      { name: "step" },
      { name: "gate" },
      { name: "domain" },
      { name: "rows" },
      ...["5 %", "25 %", "median", "75 %", "95 %"].map((name) => ({ name, digits: 3 })),
    ],
    rows: history.flatMap(({ step, gates }) => {
      const names = groupNames(gates);
      return gates.gates.flatMap((gate) =>
        [gate.overall, ...gate.domains].map((at): Cell[] => [
          step,
          siteName(gate),
          at.domain === null ? "all rows" : (names[at.domain] as string),
          at.rows,
          ...(at.rows === 0 ? Array<null>(5).fill(null) : at.quantiles),
        ]),
      );
    }),
  };
}
