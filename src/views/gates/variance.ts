/** The share of each gate's variance that the domain and other features explain. */
import type { ExplainedVariance, GateReport, GatesReport } from "../../gates/types.js";
import { siteName } from "../../spec/site-name.js";
import { count, percent } from "../../util/text.js";
import { heatPanel, rowNames, xAxis } from "../axes.js";
import { bars } from "../bars.js";
import { type Panel, panelChart } from "../compose.js";
import { shortSiteName } from "../names.js";
import { inTitle, markup, PLAIN, SEQUENTIAL, tidy } from "../theme.js";
import { type Chart, col, makeSheet, type Sheet } from "../view.js";
import { siteColumns } from "./statistics.js";

/** η² of the domain, one row per gate. */
export function domainVarianceSheet({ gates }: GatesReport): Sheet {
  return makeSheet<{ readonly gate: GateReport }>(
    "Share of each gate's variance that the domain explains (η², mean over units)",
    [
      ...siteColumns<{ readonly gate: GateReport }>(),
      col.count("units", ({ gate }) => gate.units),
      col.number(["domain_variance", "η² domain"], ({ gate }) => gate.domainVariance, 4),
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
      col.text("feature", ({ prior }) => prior),
      col.count("groups", ({ groups }) => groups),
      col.number(["eta_squared", "η²"], ({ etaSquared }) => etaSquared, 4),
      col.number(["adjusted", "ε² (beyond chance)"], ({ adjusted }) => adjusted, 4),
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

/** η² by gate. A gate that does not vary, or a model without domains, is a gap. */
export function domainVarianceChart(report: GatesReport): Chart {
  const height = Math.max(120, report.gates.length * 28);
  return panelChart(varianceTitle(report.gates), domainVariancePanel(report), height, domainVarianceSheet(report));
}

/** The axes of {@link domainVarianceChart}, for figures of several panels. */
export function domainVariancePanel({ gates }: GatesReport): Panel {
  const shares = gates.map((gate) => gate.domainVariance);
  return {
    title: "Variance explained by the domain",
    marks: [
      bars({
        at: [...gates.keys()],
        values: shares,
        lying: true,
        color: PLAIN,
        width: 0.7,
        words: {
          texts: shares.map((share) => percent(share)),
          place: "outside",
        },
        hover: {
          template: markup`%{customdata}<br>η² %{x:.4f}`,
          each: gates.map((gate) => markup`${siteName(gate)}`),
        },
      }),
    ],
    xaxis: xAxis("η²", { range: [0, 1.12], tickvals: [0, 0.25, 0.5, 0.75, 1], tickformat: ".0%" }),
    ...rowNames(gates.map(shortSiteName), { letters: 16 }),
    below: 44,
  };
}

/** The gates with the largest and the smallest share. */
export function varianceTitle(gates: readonly GateReport[]): string {
  const what = "Gate variance explained by the domain";
  const shares = gates.flatMap((gate) => {
    const share = gate.domainVariance;
    return share === null ? [] : [{ gate, share }];
  });
  const [first] = shares;
  if (first === undefined) return `${what}: none to explain`;
  const low = shares.reduce((a, b) => (b.share < a.share ? b : a), first);
  const high = shares.reduce((a, b) => (b.share > a.share ? b : a), first);
  if (low === high) return `${what}: ${percent(high.share)} in ${siteName(high.gate)}`;
  return `${what}: most in ${siteName(high.gate)} (${percent(high.share)}); least in ${siteName(low.gate)} (${percent(low.share)})`;
}
