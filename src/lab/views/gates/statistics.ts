/** The view of gate statistics by domain. */

import { siteName } from "../../../core/spec/model.js";
import { count, fixed } from "../../../core/util/text.js";
import type { GateStatistics, GatesReport } from "../../gates/types.js";
import { chart } from "../compose.js";
import { highest, sentence } from "../theme.js";
import {
  type Chart,
  type Column,
  col,
  domainColumns,
  groupNames,
  type Sheet,
  sheetFrom,
  siteColumns,
} from "../view.js";
import { type GateCall, gateWorthRows, worthClause } from "./counterfactuals.js";

export function gateStatisticsSheet(report: GatesReport): Sheet {
  const rows = report.gates.flatMap((gate) =>
    [gate.overall, ...gate.domains].map((at) => ({ gate, domain: at.domain ?? -1, at: at.rows === 0 ? null : at })),
  );
  const caption = `Gates on ${count(report.rows, "row")} (γ is the largest value a gate can take). That gates differ says nothing of their effect: run.counterfactual() measures it`;
  return sheetFrom(caption, rows, [
    siteColumns,
    col.count(["units", null], ({ gate }) => gate.units),
    col.number(["gamma", null], ({ gate }) => gate.gamma),
    domainColumns(groupNames(report)),
    col.count("rows", ({ at }) => at?.rows ?? 0),
    col.number("mean", ({ at }) => at?.mean, 3),
    col.number("std", ({ at }) => at?.std, 3),
    quantileColumns(({ at }) => at),
    col.share(["closed", "< 0.05 γ"], ({ at }) => at?.closed),
    col.share(["open", "> 0.95 γ"], ({ at }) => at?.open),
    col.share(["identity", "≈ γ/2"], ({ at }) => at?.identity),
    col.share(["dead_units", "dead units"], ({ at }) => at?.deadUnits),
    col.share(["not_finite", null], ({ at }) => at?.notFinite),
    col.share(["domain_variance", null], ({ gate, domain }) => (domain < 0 ? gate.domainVariance : null)),
  ]);
}

export function quantileColumns<Row>(statistics: (row: Row) => GateStatistics | null): Column<Row>[] {
  const names = ["5%", "25%", "median", "75%", "95%"];
  return ["q05", "q25", "q50", "q75", "q95"].map((key, q) =>
    col.number([key, names[q]], (row) => statistics(row)?.quantiles[q], 3),
  );
}

/** The values of each gate by domain, without what they are worth. @param call the code of its dots */
export function gateQuantilesChart(report: GatesReport, call?: GateCall): Chart {
  const rows = gateWorthRows({ ...report, effects: null }, call);
  return chart({ title: quantilesTitle(report), rows, legendBelow: true, sheet: gateStatisticsSheet(report) });
}

export function quantilesTitle(report: GatesReport): string {
  const { gates, rows } = report;
  const widest = highest(gates, ({ overall: { quantiles } }) => quantiles[4] - quantiles[0]);
  if (widest === undefined) return "Gate values: this model has no gates";
  const [low, , , , high] = widest.overall.quantiles;
  return sentence([
    `Widest gate is ${siteName(widest)}: ${fixed(low, 2)} to ${fixed(high, 2)}`,
    `90% of its values, over ${count(rows, "row")}`,
    worthClause(report),
  ]);
}
