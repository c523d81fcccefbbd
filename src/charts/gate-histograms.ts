/** Histograms of gate values: one panel a gate, one outline a domain. */
import type { GateReport, GatesReport } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import { emptyKey } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { groupNames, groupStatistics, siteName } from "./gate-sites.js";
import { finite, rounded } from "./numbers.js";
import { inRows } from "./panel-rows.js";
import { count, fixed, inTitle, label, plotText } from "./text.js";
import { colour, faded, MAX_COLOURS } from "./theme.js";

/** Share of gate values by bin of equal width over [0, γ], by gate and domain. */
export function gateHistogramsChart(report: GatesReport): Chart {
  const names = groupNames(report);
  const title = histogramsTitle(report, names);
  const panels = report.gates.map((gate, g) => histogramPanel(gate, names, g));
  return { title, figure: compose({ title, rows: inRows(panels, 3, 150) }), table: histogramTable(report, names) };
}

/** The gate whose means stand farthest apart. */
function histogramsTitle({ gates, rows }: GatesReport, names: readonly string[]): string {
  const [first] = gates;
  if (first === undefined) return "Histograms of gates: this model has no gates";
  const what = `Histograms of ${count(gates.length, "gate")} (${count(rows, "row")})`;
  const ranges = gates.map((gate) => ({ gate, ...meanRange(gate, names) }));
  const widest = ranges.reduce((a, b) => (b.high.mean - b.low.mean > a.high.mean - a.low.mean ? b : a));
  if (widest.low.domain === widest.high.domain) {
    return `${what}: ${siteName(first)} has mean ${fixed(first.overall.mean, 2)}`;
  }
  const at = ({ mean, domain }: DomainMean): string => `${fixed(mean, 2)} in ${inTitle(domain)}`;
  return `${what}; domains differ most in ${siteName(widest.gate)}: mean ${at(widest.low)} to ${at(widest.high)}`;
}

interface DomainMean {
  readonly domain: string;
  readonly mean: number;
}

function meanRange(gate: GateReport, names: readonly string[]): { low: DomainMean; high: DomainMean } {
  const means = groupStatistics(gate, names.length).flatMap((at, d) =>
    at === null || finite(at.mean) === null ? [] : [{ domain: names[d] as string, mean: at.mean }],
  );
  const none = { domain: "all rows", mean: gate.overall.mean };
  return {
    low: means.reduce((a, b) => (b.mean < a.mean ? b : a), means[0] ?? none),
    high: means.reduce((a, b) => (b.mean > a.mean ? b : a), means[0] ?? none),
  };
}

function histogramPanel(gate: GateReport, names: readonly string[], index: number): Panel {
  const few = names.length <= MAX_COLOURS;
  const groups = groupStatistics(gate, names.length);
  const traces = groups.flatMap((at, d): PlotlyTrace[] => {
    if (at === null) return few && index === 0 ? [emptyKey(names[d] as string, colour(d, names.length))] : [];
    const { edges, shares } = few ? outline(at.histogram, gate.gamma) : polygon(at.histogram, gate.gamma);
    return [
      {
        type: "scatter",
        mode: "lines",
        name: label(few ? (names[d] as string) : `each of ${names.length} domains`),
        legendgroup: few ? `domain ${d}` : "domains",
        showlegend: index === 0 && (few || d === 0),
        x: edges,
        y: shares,
        line: {
          color: few ? colour(d, names.length) : faded(colour(4, 5), 0.45),
          width: few ? 1.75 : 1,
          shape: few ? "hv" : "linear",
        },

        hovertemplate: `${plotText(names[d] as string)}<br>gate ${few ? "from" : "around"} %{x:.3f}: %{y:.1%}<extra></extra>`,
      },
    ];
  });
  return {
    title: siteName(gate),
    traces,
    xaxis: { title: { text: "gate value", standoff: 6 }, range: [0, gate.gamma], nticks: 6 },
    yaxis: { title: { text: index % 3 === 0 ? "share of values" : "" }, rangemode: "tozero", tickformat: ".0%" },
    below: 44,
  };
}

/** Steps from edge to edge; the last edge closes the outline. */
function outline(histogram: readonly number[], gamma: number): { edges: number[]; shares: number[] } {
  const shares = sharesOf(histogram);
  const edges = histogram.map((_, b) => rounded((b * gamma) / histogram.length));
  return { edges: [...edges, gamma], shares: [...shares, shares.at(-1) ?? 0] };
}

/** From bin centre to bin centre: steps of many domains would hide each other. */
function polygon(histogram: readonly number[], gamma: number): { edges: number[]; shares: number[] } {
  return {
    edges: histogram.map((_, b) => rounded(((b + 0.5) * gamma) / histogram.length)),
    shares: sharesOf(histogram),
  };
}

function sharesOf(histogram: readonly number[]): number[] {
  const total = histogram.reduce((sum, bin) => sum + bin, 0);
  return histogram.map((bin) => (total === 0 ? 0 : rounded(bin / total)));
}

function histogramTable(report: GatesReport, names: readonly string[]): Table {
  return {
    caption: "Counts of gate values by bin (γ is the largest value a gate can take)",
    columns: [
      { name: "gate" },
      { name: "domain" },
      { name: "from", digits: 3 },
      { name: "to", digits: 3 },
      { name: "values" },
    ],
    rows: report.gates.flatMap((gate) =>
      groupStatistics(gate, names.length).flatMap((at, d) =>
        (at?.histogram ?? []).map((values, bin): Cell[] => {
          const width = gate.gamma / (at as { histogram: readonly number[] }).histogram.length;
          return [siteName(gate), names[d] as string, bin * width, (bin + 1) * width, values];
        }),
      ),
    ),
  };
}
