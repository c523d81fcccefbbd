/** How many gate values are shut, wide open or without effect, and how many units never move. */
import type { GateStatistics, GatesReport } from "../gates/types.js";
import { compose, type Panel } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { gateTable } from "./gate-quantiles.js";
import { shortSiteName, siteName } from "./gate-sites.js";
import { count, percent, plotText } from "./text.js";
import { colour } from "./theme.js";
import { nameTicks } from "./ticks.js";

/** Pixels that margins and legend leave to the axes. */
const AXES_WIDTH = 370;

const KINDS: readonly { name: string; short: string; of: (at: GateStatistics) => number }[] = [
  { name: "closed (g < .05 γ)", short: "closed", of: (at) => at.closed },
  { name: "open (g > .95 γ)", short: "open", of: (at) => at.open },
  { name: "near γ/2 (± .02 γ)", short: "near γ/2", of: (at) => at.identity },
  { name: "dead units (std < .001)", short: "dead", of: (at) => at.deadUnits },
];

/** Shares by gate, over all rows; by domain in the table. */
export function gateSaturationChart(report: GatesReport): Chart {
  const title = saturationTitle(report);
  return {
    title,
    figure: compose({ title, rows: [{ height: 240, panels: [saturationPanel(report)] }] }),
    table: gateTable(report),
  };
}

function saturationPanel(report: GatesReport): Panel {
  const { gates } = report;
  const ticks = nameTicks(gates.map(shortSiteName), AXES_WIDTH);
  return {
    traces: KINDS.map(
      ({ name, of }, k): PlotlyTrace => ({
        type: "bar",
        name: plotText(name),
        showlegend: true,
        x: gates.map((_, g) => g + ((k - (KINDS.length - 1) / 2) * 0.8) / KINDS.length),
        y: gates.map((gate) => of(gate.overall)),
        width: 0.72 / KINDS.length,
        marker: { color: colour(k, KINDS.length) },
        customdata: gates.map((gate) => plotText(siteName(gate))),
        hovertemplate: `%{customdata}<br>${plotText(name)}: %{y:.1%}<extra></extra>`,
      }),
    ),
    xaxis: ticks.axis,
    yaxis: { title: { text: "share" }, tickformat: ".0%", rangemode: "tozero" },
    below: ticks.below,
  };
}

function saturationTitle(report: GatesReport): string {
  if (report.gates.length === 0) return "Saturated gates: this model has no gates";
  const saturated = report.gates.map((gate) => ({ gate, share: gate.overall.closed + gate.overall.open }));
  const most = saturated.reduce((best, each) => (each.share > best.share ? each : best));
  const dead = report.gates.filter((gate) => gate.overall.deadUnits > 0).length;
  return `Saturated gates: most in ${siteName(most.gate)} (${percent(most.share)} of values); dead units in ${dead} of ${count(report.gates.length, "gate")}`;
}
