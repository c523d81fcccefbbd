/** What a gates report shows as a whole: fields by domain, the spread by gate and domain, what the domain explains. */
import type { GatesReport } from "../gates/types.js";
import { compose, type PanelRow } from "./compose.js";
import { domainVariancePanel } from "./domain-variance.js";
import { fieldGatesPanel, fieldGatesTitle, heatHeight } from "./field-gates.js";
import type { Chart } from "./figure.js";
import { gateQuantilesChart, gateQuantilesPanel, gateTable } from "./gate-quantiles.js";
import { groupNames } from "./gate-sites.js";
import { MAX_COLOURS } from "./theme.js";

/** The display of `await run.gates()`: one figure; each panel is a chart of its own too. */
export function gatesChart(report: GatesReport): Chart {
  const many = groupNames(report).length > MAX_COLOURS;
  const explained = report.gates.some((gate) => gate.domainVariance !== null);
  const gateHeight = report.gates.length * 24;
  const heat: PanelRow[] =
    report.fields.length === 0 ? [] : [{ height: heatHeight(report), panels: [fieldGatesPanel(report)] }];
  const rows: PanelRow[] = [
    ...heat,
    { height: many ? Math.max(160, gateHeight) : 240, panels: [gateQuantilesPanel(report)] },
    ...(explained ? [{ height: Math.max(100, gateHeight), panels: [domainVariancePanel(report)] }] : []),
  ];
  const title = report.fields.length === 0 ? gateQuantilesChart(report).title : fieldGatesTitle(report);
  return { title, figure: compose({ title, rows, legendRow: heat.length }), table: gateTable(report) };
}
