/** How much of each gate's variance the domain explains (η², mean over units). */
import type { GateReport, GatesReport } from "../gates/types.js";
import type { Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import type { Chart } from "./figure.js";
import { shortSiteName, siteName } from "./gate-sites.js";
import { label, percent, plotText } from "./text.js";
import { colour } from "./theme.js";

/** η² by gate. A gate that does not vary, or a model without domains, has none: a gap. */
export function domainVarianceChart(report: GatesReport): Chart {
  const title = varianceTitle(report.gates);
  const height = Math.max(120, report.gates.length * 28);
  return {
    title,
    figure: compose({ title, rows: [{ height, panels: [domainVariancePanel(report)] }] }),
    table: varianceTable(report),
  };
}

/** η² of the domain by gate. */
export function varianceTable(report: GatesReport): Table {
  return {
    caption: "Share of each gate's variance that the domain explains (η², mean over units)",
    columns: [{ name: "gate" }, { name: "units" }, { name: "η² domain", digits: 4 }],
    rows: report.gates.map((gate) => [siteName(gate), gate.units, gate.domainVariance]),
  };
}

/** The axes of {@link domainVarianceChart}, for figures of several panels. */
export function domainVariancePanel(report: GatesReport): Panel {
  const { gates } = report;
  const longest = Math.max(5, ...gates.map((gate) => Math.min(16, shortSiteName(gate).length)));
  return {
    title: "Variance explained by the domain",
    traces: [
      {
        type: "bar",
        orientation: "h",
        showlegend: false,
        x: gates.map((gate) => gate.domainVariance),
        y: gates.map((_, g) => g),
        width: 0.7,
        marker: { color: colour(0, 1) },
        text: gates.map((gate) => (gate.domainVariance === null ? "–" : percent(gate.domainVariance))),
        textposition: gates.map((gate) => ((gate.domainVariance ?? 0) < 0.2 ? "outside" : "inside")),
        constraintext: "none",
        cliponaxis: false,
        customdata: gates.map((gate) => plotText(siteName(gate))),
        hovertemplate: "%{customdata}<br>η² %{x:.4f}<extra></extra>",
      },
    ],
    xaxis: { title: { text: "η²", standoff: 6 }, range: [0, 1], tickformat: ".0%", nticks: 5 },
    yaxis: {
      tickvals: gates.map((_, g) => g),
      ticktext: gates.map((gate) => label(shortSiteName(gate), 16)),
      range: [Math.max(1, gates.length) - 0.5, -0.5],
      showgrid: false,
    },
    left: 20 + Math.round(longest * 7.4),
    below: 44,
  };
}

/** The gates of which the domain explains most and least. */
export function varianceTitle(gates: readonly GateReport[]): string {
  const known = gates.filter((gate) => gate.domainVariance !== null);
  if (known.length === 0) return "Gate variance explained by the domain: none to explain";
  const share = (gate: GateReport): number => gate.domainVariance as number;
  const [low, high] = [
    known.reduce((a, b) => (share(b) < share(a) ? b : a)),
    known.reduce((a, b) => (share(b) > share(a) ? b : a)),
  ];
  if (low === high) return `Gate variance explained by the domain: ${percent(share(high))} in ${siteName(high)}`;
  return `Gate variance explained by the domain: most in ${siteName(high)} (${percent(share(high))}); least in ${siteName(low)} (${percent(share(low))})`;
}
