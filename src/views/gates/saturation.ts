/** Shares of gate values that are closed, fully open or without effect, and of units that never vary. */

import type { GateStatistics, GatesReport } from "../../gates/index.js";
import { siteName } from "../../spec/index.js";
import { count, percent } from "../../util/text/format.js";
import { emptyPanel, type Panel, panelChart } from "../panels/compose.js";
import { heatPanel } from "../panels/heat.js";
import { markup, SEQUENTIAL } from "../theme.js";
import type { Chart } from "../view.js";
import { gateStatisticsSheet } from "./statistics.js";

/** Pixels for the axes. */
const AXES_WIDTH = 480;
const ROW_HEIGHT = 26;

const KINDS: readonly {
  readonly name: string;
  readonly rule: string;
  readonly share: (at: GateStatistics) => number;
}[] = [
  { name: "closed", rule: "g < 0.05 γ", share: (at) => at.closed },
  { name: "open", rule: "g > 0.95 γ", share: (at) => at.open },
  { name: "near γ/2", rule: "± 0.02 γ", share: (at) => at.identity },
  { name: "dead units", rule: "std < 0.001", share: (at) => at.deadUnits },
];

/** Shares by gate, over all rows; by domain in the table. */
export function gateSaturationChart(report: GatesReport): Chart {
  const height = Math.max(60, report.gates.length * ROW_HEIGHT);
  return panelChart(saturationTitle(report), saturationPanel(report, height), height, gateStatisticsSheet(report));
}

function saturationPanel({ gates }: GatesReport, height: number): Panel {
  if (gates.length === 0) return emptyPanel("no gates");
  const shares = gates.map((gate) => KINDS.map(({ share }) => share(gate.overall)));
  const panel = heatPanel(
    {
      title: "Share of values, and of units that never vary",
      rows: gates.map(siteName),
      columns: KINDS.map(({ name }) => name),
      values: shares,
      range: [0, Math.max(0.01, ...shares.flat())],
      scale: SEQUENTIAL,
      bar: null,
      cell: (gate, kind) => percent(shares[gate]?.[kind], 1),
      hover: (gate, kind) => {
        const { name, rule } = KINDS[kind]!;
        return markup`${siteName(gates[gate]!)}<br>${name} (${rule}): ${percent(shares[gate]?.[kind], 1)}`;
      },
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
  const rules = KINDS.map(({ name, rule }) => `${name}: ${rule}`).join(", ");
  return {
    ...panel,
    xaxis: { ...panel.xaxis, title: { text: rules, standoff: 12, font: { size: 11 } } },
    below: (panel.below ?? 36) + 22,
  };
}

function saturationTitle({ gates }: GatesReport): string {
  if (gates.length === 0) return "Saturated gates: this model has no gates";
  const saturated = gates.map((gate) => ({ gate, share: gate.overall.closed + gate.overall.open }));
  const most = saturated.reduce((best, each) => (each.share > best.share ? each : best));
  const dead = gates.filter((gate) => gate.overall.deadUnits > 0).length;
  return `Saturated gates: most in ${siteName(most.gate)} (${percent(most.share)} of values); dead units in ${dead} of ${count(gates.length, "gate")}`;
}
