/** The view of all gate statistics in one figure. */
import type { GatesReport } from "../../gates/types.js";
import { chart, type PanelRow } from "../compose.js";
import { type Chart, col, type Sheet, sheetFrom } from "../view.js";
import { gateWorthRows, gateWorthTitle } from "./counterfactuals.js";
import { fieldGatesPanel, fieldGatesTitle, fieldsHeight } from "./fields.js";
import { gateStatisticsSheet, quantilesTitle } from "./statistics.js";

export function gapsSheet({ gaps }: Pick<GatesReport, "gaps">): Sheet {
  return sheetFrom("What is missing", gaps, [
    col.text("what", ({ what }) => what),
    col.text("reason", ({ reason }) => reason),
  ]);
}

/** The display of `await run.gates()`: one figure; each panel is also a chart. */
export function gatesChart(report: GatesReport): Chart {
  const fields: PanelRow[] =
    report.fields.length === 0
      ? []
      : [{ height: fieldsHeight(report), panels: [fieldGatesPanel(report, undefined, false)] }];
  return chart({
    title: titleOfAll(report),
    rows: [...gateWorthRows(report), ...fields],
    legendBelow: true,
    sheet: gateStatisticsSheet(report),
  });
}

function titleOfAll(report: GatesReport): string {
  if (report.effects !== null) return gateWorthTitle(report);
  return report.fields.length === 0 ? quantilesTitle(report) : fieldGatesTitle(report);
}
