/** The shares of each gate's variance that the domain, users, items and other ids explain. */
import type { ExplainedVariance, GatesReport } from "../../gates/index.js";
import { domainVarianceSheet, explainedVarianceSheet, shortSiteName, siteName } from "../../tables/index.js";
import { count, percent } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { heatPanel, panelChart } from "../panels/index.js";
import { inTitle, markup, SEQUENTIAL, tidy } from "../theme/index.js";
import { varianceTitle } from "./domain-variance.js";

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
