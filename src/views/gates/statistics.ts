import type { GateStatistics, GatesReport } from "../../gates/types.js";
import { siteName } from "../../spec/model.js";
import { count, fixed, percent } from "../../util/text.js";
import { chart, heatPanel, panelChart } from "../compose.js";
import { highest, inTitle, largestOf, markup, SEQUENTIAL, sentence, tidy } from "../theme.js";
import type { Chart, Column, Sheet } from "../view.js";
import { col, domainColumns, groupNames, sheetFrom, shortSiteName, siteColumns } from "../view.js";
import { type GateCall, gateWorthRow, worthClause } from "./counterfactuals.js";

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
  const rows = [gateWorthRow({ ...report, effects: null }, call)];
  return chart({ title: quantilesTitle(report), rows, legendBelow: true, sheet: gateStatisticsSheet(report) });
}

export function quantilesTitle(report: GatesReport): string {
  const { gates, rows } = report;
  const widest = highest(gates, ({ overall: { quantiles } }) => quantiles[4] - quantiles[0]);
  if (widest === undefined) return "Gate values: this model has no gates";
  const [low, , , , high] = widest.overall.quantiles;
  const where = `${siteName(widest)}: 90% of values within ${fixed(low, 2)} and ${fixed(high, 2)}`;
  return sentence([
    `Gate values by gate and domain (${count(rows, "row")})`,
    `widest is ${where}`,
    worthClause(report),
  ]);
}

export function explainedVarianceSheet({ gates }: GatesReport): Sheet {
  const rows = gates.flatMap((gate) => gate.explained.map((each) => ({ gate, ...each })));
  return sheetFrom("Share of each gate's variance that a feature's values explain (mean over units)", rows, [
    siteColumns,
    col.text("feature", ({ prior }) => prior),
    col.count("groups", ({ groups }) => groups),
    col.number(["eta_squared", "η²"], ({ etaSquared }) => etaSquared, 4),
    col.number(["adjusted", "ε² (beyond chance)"], ({ adjusted }) => adjusted, 4),
  ]);
}

const EXPLAINED_WIDTH = 400;
const MAX_PRIORS = 20;

/** Gate × feature: ε², the share of variance that a feature's values explain beyond chance for as many groups. */
export function explainedVarianceChart(report: GatesReport): Chart {
  const { gates } = report;
  const priors = mostExplaining(report);
  const cell = (g: number, p: number) => gates[g]?.explained.find(({ prior }) => prior === priors[p]);
  const values = gates.map((_, g) => priors.map((__, p) => tidy(cell(g, p)?.adjusted)));
  const height = Math.max(120, gates.length * 26);
  const panel = heatPanel({
    title: "Variance explained, beyond chance (ε²)",
    rows: gates.map(shortSiteName),
    columns: priors,
    values,
    range: [0, Math.max(0.05, ...values.flat().map((value) => value ?? 0))],
    scale: SEQUENTIAL,
    bar: { title: { text: "ε²", side: "top" }, tickformat: ".0%" },
    cell: (g, p) => percent(cell(g, p)?.adjusted),
    hover: (g, p) => {
      const { groups = 0, etaSquared = null, adjusted = null } = cell(g, p) ?? {};
      const shares = `ε² ${percent(adjusted)}, η² ${percent(etaSquared)}`;
      return markup`${siteName(gates[g]!)}, ${priors[p]!}<br>${shares}, ${count(groups, "group")}`;
    },
    gap: "not defined",
    width: EXPLAINED_WIDTH,
    height,
  });
  return panelChart(explainedTitle(report, priors), panel, height, explainedVarianceSheet(report));
}

function mostExplaining({ gates }: GatesReport): readonly string[] {
  const most = new Map<string, number>();
  for (const { prior, adjusted } of gates.flatMap((gate) => gate.explained)) {
    most.set(prior, Math.max(most.get(prior) ?? Number.NEGATIVE_INFINITY, adjusted ?? Number.NEGATIVE_INFINITY));
  }
  return largestOf([...most.keys()], (prior) => most.get(prior)!, MAX_PRIORS);
}

function explainedTitle(report: GatesReport, priors: readonly string[]): string {
  const { gates } = report;
  const shares = gates.flatMap((gate) =>
    gate.explained.flatMap(({ prior, adjusted }) =>
      adjusted === null || !priors.includes(prior) ? [] : [{ gate, prior, adjusted }],
    ),
  );
  const most = highest(shares, ({ adjusted }) => adjusted);
  if (most === undefined) {
    return `What explains the gates: ${gates.length === 0 ? "this model has no gates" : "not computed, or nothing varies"}`;
  }
  const share = `${percent(most.adjusted)} of the variance of ${siteName(most.gate)}'s gates beyond chance`;
  return sentence([`${inTitle(most.prior)} explains most: ${share}`, worthClause(report)]);
}
