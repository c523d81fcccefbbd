/** The share of each gate's variance that the domain and other features explain. */

import type { ExplainedVariance, GateReport, GatesReport } from "../../gates/index.js";
import { siteName } from "../../spec/index.js";
import { count, percent } from "../../util/text/format.js";
import { shortSiteName } from "../names.js";
import { panelChart } from "../panels/chart.js";
import { heatPanel } from "../panels/heat.js";
import { inTitle, markup, SEQUENTIAL, tidy } from "../theme.js";
import { type Chart, makeSheet, type Sheet } from "../view.js";
import { siteColumns } from "./statistics.js";
import { varianceTitle } from "./variance-chart.js";

/** η² of the domain, one row per gate. */
export function domainVarianceSheet({ gates }: GatesReport): Sheet {
  return makeSheet<{ readonly gate: GateReport }>(
    "Share of each gate's variance that the domain explains (η², mean over units)",
    [
      ...siteColumns<{ readonly gate: GateReport }>(),
      { key: "units", heading: "units", kind: "count", value: ({ gate }) => gate.units },
      {
        key: "domain_variance",
        heading: "η² domain",
        kind: "number",
        digits: 4,
        value: ({ gate }) => gate.domainVariance,
      },
    ],
    gates.map((gate) => ({ gate })),
  );
}

interface Row extends ExplainedVariance {
  readonly gate: GateReport;
}

/** η² and ε² of each feature, one row per gate and feature. */
export function explainedVarianceSheet({ gates }: GatesReport): Sheet {
  return makeSheet<Row>(
    "Share of each gate's variance that a feature's values explain (mean over units)",
    [
      ...siteColumns<Row>(),
      { key: "feature", heading: "feature", kind: "text", value: ({ prior }) => prior },
      { key: "groups", heading: "groups", kind: "count", value: ({ groups }) => groups },
      { key: "eta_squared", heading: "η²", kind: "number", digits: 4, value: ({ etaSquared }) => etaSquared },
      { key: "adjusted", heading: "ε² (beyond chance)", kind: "number", digits: 4, value: ({ adjusted }) => adjusted },
    ],
    gates.flatMap((gate) => gate.explained.map((each) => ({ gate, ...each }))),
  );
}

/** Pixels for the axes, after the gates' names and the colour bar. */
const AXES_WIDTH = 400;
/** Largest number of features: those that explain most are drawn, the table has all. */
const MAX_PRIORS = 20;

/**
 * Gate × feature: ε², the share of variance that a feature's values explain beyond chance for the same number of
 * groups.
 */
export function explainedVarianceChart(report: GatesReport): Chart {
  const priors = shownPriors(report);
  const cell = (g: number, p: number): ExplainedVariance | undefined =>
    report.gates[g]?.explained.find(({ prior }) => prior === priors[p]);
  const values = report.gates.map((_, g) => priors.map((__, p) => tidy(cell(g, p)?.adjusted)));
  const most = Math.max(0.05, ...values.flat().map((value) => value ?? 0));
  const height = Math.max(120, report.gates.length * 26);
  const panel = heatPanel(
    {
      title: "Variance explained, beyond chance (ε²)",
      rows: report.gates.map(shortSiteName),
      columns: priors,
      values,
      range: [0, most],
      scale: SEQUENTIAL,
      bar: { title: { text: "ε²", side: "top" }, tickformat: ".0%" },
      cell: (g, p) => percent(cell(g, p)?.adjusted),
      hover: (g, p) => {
        const { groups = 0, etaSquared = null, adjusted = null } = cell(g, p) ?? {};
        const shares = `ε² ${percent(adjusted)}, η² ${percent(etaSquared)}`;
        return markup`${siteName(report.gates[g]!)}, ${priors[p]!}<br>${shares}, ${count(groups, "group")}`;
      },
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
  const none = report.gates.every((gate) => gate.explained.length === 0);
  const sheet = none ? domainVarianceSheet(report) : explainedVarianceSheet(report);
  return panelChart(explainedTitle(report, priors), panel, height, sheet);
}

/** In the report's order. */
function shownPriors({ gates }: GatesReport): string[] {
  const most = new Map<string, number>();
  for (const { prior, adjusted } of gates.flatMap((gate) => gate.explained))
    most.set(prior, Math.max(most.get(prior) ?? Number.NEGATIVE_INFINITY, adjusted ?? Number.NEGATIVE_INFINITY));
  const ranked = [...most].sort((a, b) => b[1] - a[1]).slice(0, MAX_PRIORS);
  const priors = new Set(ranked.map(([prior]) => prior));
  return [...most.keys()].filter((prior) => priors.has(prior));
}

function explainedTitle({ gates }: GatesReport, priors: readonly string[]): string {
  if (gates.length === 0) return "What explains the gates: this model has no gates";
  const shares = gates.flatMap((gate) =>
    gate.explained.flatMap(({ prior, adjusted }) =>
      adjusted === null || !priors.includes(prior) ? [] : [{ gate, prior, adjusted }],
    ),
  );
  const [first] = shares;
  if (first === undefined) return varianceTitle(gates);
  const most = shares.reduce((a, b) => (b.adjusted > a.adjusted ? b : a), first);
  return `Most of a gate's variance is explained by ${inTitle(most.prior)} in ${siteName(most.gate)}: ${percent(most.adjusted)} beyond chance`;
}
