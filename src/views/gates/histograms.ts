/** Counts of gate values by bin. */
import type { GateReport, GatesReport } from "../../gates/types.js";
import { siteName } from "../../spec/site-name.js";
import { count, fixed } from "../../util/text.js";
import { panelRows, xAxis, yAxis } from "../axes.js";
import { chart, type Panel } from "../compose.js";
import { dotKey, line } from "../lines.js";
import { ALL_ROWS, groupNames, groupStatistics } from "../names.js";
import { colour, family, finite, inTitle, markup, rounded, shortenAll } from "../theme.js";
import { type Chart, col, makeSheet, type PlotlyTrace, type Sheet } from "../view.js";
import { siteColumns } from "./statistics.js";

interface Row {
  readonly gate: GateReport;
  readonly domain: string;
  readonly from: number;
  readonly to: number;
  readonly values: number;
}

/** One row per gate, domain and bin. */
export function histogramsSheet(report: GatesReport): Sheet {
  const names = groupNames(report);
  return makeSheet<Row>(
    "Counts of gate values by bin (γ is the largest value a gate can take)",
    [
      ...siteColumns<Row>(),
      col.text("domain", ({ domain }) => domain),
      col.number("from", ({ from }) => from, 3),
      col.number("to", ({ to }) => to, 3),
      col.count("values", ({ values }) => values),
    ],
    report.gates.flatMap((gate) =>
      groupStatistics(gate, names.length).flatMap((at, d) => {
        const bins = at?.histogram ?? [];
        const width = gate.gamma / bins.length;
        return bins.map((values, bin): Row => {
          return { gate, domain: names[d]!, from: bin * width, to: (bin + 1) * width, values };
        });
      }),
    ),
  );
}

/** Share of gate values by bin of equal width over [0, γ], by gate and domain. */
export function gateHistogramsChart(report: GatesReport): Chart {
  const names = groupNames(report);
  const panels = report.gates.map((gate, g) => histogramPanel(gate, names, g));
  return chart({
    title: histogramsTitle(report, names),
    rows: panelRows(panels, { across: 3, height: 150, empty: "no gates" }),
    sheet: histogramsSheet(report),
  });
}

/** The gate whose means differ most between domains. */
function histogramsTitle({ gates, rows }: GatesReport, names: readonly string[]): string {
  const [first] = gates;
  if (first === undefined) return "Histograms of gates: this model has no gates";
  const what = `Histograms of ${count(gates.length, "gate")} (${count(rows, "row")})`;
  const ranges = gates.map((gate) => ({ gate, ...meanRange(gate, names) }));
  const widest = ranges.reduce((a, b) => (b.high.mean - b.low.mean > a.high.mean - a.low.mean ? b : a));
  if (widest.low.domain === widest.high.domain) {
    return `${what}: ${siteName(first)} has mean ${fixed(first.overall.mean, 2)}`;
  }
  const at = ({ mean, domain }: DomainMean): string => `${fixed(mean, 2)} in ${inTitle(domain, names)}`;
  return `${what}; domains differ most in ${siteName(widest.gate)}: mean ${at(widest.low)} to ${at(widest.high)}`;
}

interface DomainMean {
  readonly domain: string;
  readonly mean: number;
}

function meanRange(gate: GateReport, names: readonly string[]): { low: DomainMean; high: DomainMean } {
  const means = groupStatistics(gate, names.length).flatMap((at, d) =>
    finite(at?.mean) === null ? [] : [{ domain: names[d]!, mean: at!.mean }],
  );
  const first = means[0] ?? { domain: ALL_ROWS, mean: gate.overall.mean };
  return {
    low: means.reduce((a, b) => (b.mean < a.mean ? b : a), first),
    high: means.reduce((a, b) => (b.mean > a.mean ? b : a), first),
  };
}

function histogramPanel(gate: GateReport, names: readonly string[], index: number): Panel {
  const domains = family(names, { noun: "domain" });
  const first = index === 0;
  const short = shortenAll(names);
  const marks = groupStatistics(gate, names.length).flatMap((at, d): PlotlyTrace[] => {
    const name = names[d]!;
    if (at === null) return domains.few && first ? [dotKey(`${short[d]!} (no rows)`, colour(d, names.length))] : [];
    const { edges, shares } = domains.few ? steps(at.histogram, gate.gamma) : polygon(at.histogram, gate.gamma);
    const where = domains.few ? "from" : "around";
    return [
      line({
        x: edges,
        y: shares,
        shape: domains.few ? "hv" : "linear",
        ...domains.member(d, first),
        hover: markup`${name}<br>gate ${where} %{x:.3f}: %{y:.1%}`,
      }),
    ];
  });
  return {
    title: siteName(gate),
    marks,
    xaxis: xAxis("gate value", { range: [0, gate.gamma], nticks: 6 }),
    yaxis: yAxis(index % 3 === 0 ? "share of values" : "", { rangemode: "tozero", tickformat: ".0%" }),
  };
}

interface Outline {
  readonly edges: readonly number[];
  readonly shares: readonly number[];
}

/** Steps from edge to edge; the last edge closes the outline. */
function steps(histogram: readonly number[], gamma: number): Outline {
  const shares = binShares(histogram);
  const edges = histogram.map((_, b) => rounded((b * gamma) / histogram.length));
  return { edges: [...edges, gamma], shares: [...shares, shares.at(-1) ?? 0] };
}

/** Lines from bin centre to bin centre: steps of many domains would hide each other. */
function polygon(histogram: readonly number[], gamma: number): Outline {
  const centres = histogram.map((_, b) => rounded(((b + 0.5) * gamma) / histogram.length));
  return { edges: centres, shares: binShares(histogram) };
}

function binShares(histogram: readonly number[]): number[] {
  const total = histogram.reduce((sum, bin) => sum + bin, 0);
  return histogram.map((bin) => (total === 0 ? 0 : rounded(bin / total)));
}
