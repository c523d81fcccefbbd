/**
 * The overview of a gates report: fields by domain, the spread by gate and domain, and the variance explained by the
 * domain.
 */
import type { GatesReport } from "../../gates/index.js";
import { gateStatisticsSheet, groupNames } from "../../tables/index.js";
import type { Chart } from "../figure.js";
import { chart, type PanelRow } from "../panels/index.js";
import { MAX_COLOURS } from "../theme/index.js";
import { domainVariancePanel } from "./domain-variance.js";
import { fieldGatesPanel, fieldGatesTitle, fieldsHeight } from "./fields.js";
import { gateQuantilesPanel, quantilesTitle } from "./quantiles.js";

/** The display of `await run.gates()`: one figure; each panel is also a chart. */
export function gatesChart(report: GatesReport): Chart {
  const many = groupNames(report).length > MAX_COLOURS;
  const gateHeight = report.gates.length * 24;
  const fields: PanelRow[] =
    report.fields.length === 0 ? [] : [{ height: fieldsHeight(report), panels: [fieldGatesPanel(report)] }];
  const quantiles: PanelRow = {
    height: many ? Math.max(160, gateHeight) : 240,
    panels: [gateQuantilesPanel(report)],
  };
  const variance: PanelRow[] = report.gates.every((gate) => gate.domainVariance === null)
    ? []
    : [{ height: Math.max(100, gateHeight), panels: [domainVariancePanel(report)] }];
  return chart({
    title: fields.length === 0 ? quantilesTitle(report) : fieldGatesTitle(report),
    rows: [...fields, quantiles, ...variance],
    legendRow: fields.length,
    sheet: gateStatisticsSheet(report),
  });
}
