/** Shares of gate values that are closed, fully open or without effect, and of units that never vary. */
import type { GateStatistics, GatesReport } from "../../gates/index.js";
import { gateStatisticsSheet, shortSiteName, siteName } from "../../tables/index.js";
import { count, percent } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { bars, sideBySide } from "../marks/index.js";
import { columnNames, type Panel, panelChart, yAxis } from "../panels/index.js";
import { colour, markup } from "../theme/index.js";

/** Pixels for the axes, after margins and legend. */
const AXES_WIDTH = 370;

const KINDS: readonly { readonly name: string; readonly share: (at: GateStatistics) => number }[] = [
  { name: "closed (g < 0.05 γ)", share: (at) => at.closed },
  { name: "open (g > 0.95 γ)", share: (at) => at.open },
  { name: "near γ/2 (± 0.02 γ)", share: (at) => at.identity },
  { name: "dead units (std < 0.001)", share: (at) => at.deadUnits },
];

/** Shares by gate, over all rows; by domain in the table. */
export function gateSaturationChart(report: GatesReport): Chart {
  return panelChart(saturationTitle(report), saturationPanel(report), 240, gateStatisticsSheet(report));
}

function saturationPanel({ gates }: GatesReport): Panel {
  return {
    marks: KINDS.map(({ name, share }, k) =>
      bars({
        at: sideBySide(gates.length, k, KINDS.length),
        values: gates.map((gate) => share(gate.overall)),
        width: 0.72 / KINDS.length,
        color: colour(k, KINDS.length),
        legend: { name, letters: 40 },
        hover: {
          template: markup`%{customdata}<br>${name}: %{y:.1%}`,
          each: gates.map((gate) => markup`${siteName(gate)}`),
        },
      }),
    ),
    ...columnNames(gates.map(shortSiteName), AXES_WIDTH),
    yaxis: yAxis("share", { tickformat: ".0%", rangemode: "tozero" }),
  };
}

function saturationTitle({ gates }: GatesReport): string {
  if (gates.length === 0) return "Saturated gates: this model has no gates";
  const saturated = gates.map((gate) => ({ gate, share: gate.overall.closed + gate.overall.open }));
  const most = saturated.reduce((best, each) => (each.share > best.share ? each : best));
  const dead = gates.filter((gate) => gate.overall.deadUnits > 0).length;
  return `Saturated gates: most in ${siteName(most.gate)} (${percent(most.share)} of values); dead units in ${dead} of ${count(gates.length, "gate")}`;
}
