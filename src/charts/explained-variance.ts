/** What moves the gates: how much of each gate's variance the domain, users, items and other ids explain. */
import type { ExplainedVariance, GatesReport } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import type { Json } from "../util/json.js";
import { compose } from "./compose.js";
import { varianceTable, varianceTitle } from "./domain-variance.js";
import type { Chart } from "./figure.js";
import { shortSiteName, siteName } from "./gate-sites.js";
import { heatPanel } from "./heat.js";
import { tidy } from "./numbers.js";
import { hoverName } from "./tasks.js";
import { count, inTitle, percent } from "./text.js";
import { SEQUENTIAL } from "./theme.js";

/** Pixels that the gates' names and the colour bar leave to the axes. */
const AXES_WIDTH = 400;
/** More features than this are not read: those that explain most are drawn, the table has all. */
const MAX_PRIORS = 20;

/** Gate × feature: ε², the share of variance that a feature's values explain beyond what so many groups would by chance. */
export function explainedVarianceChart(report: GatesReport): Chart {
  const priors = shownPriors(report);
  const title = explainedTitle(report, priors);
  const cell = (g: number, p: number): ExplainedVariance | undefined =>
    report.gates[g]?.explained.find(({ prior }) => prior === priors[p]);
  const values = report.gates.map((_, g) => priors.map((_, p) => tidy(cell(g, p)?.adjusted)));
  const most = Math.max(0.05, ...values.flat().map((value) => value ?? 0));
  const height = Math.max(120, report.gates.length * 26);
  const panel = heatPanel(
    {
      title: "Variance explained, beyond chance (ε²)",
      rows: report.gates.map(shortSiteName),
      columns: priors,
      values,
      range: [0, most],
      colorscale: SEQUENTIAL as Json,
      colorbar: { title: { text: "ε²", side: "top" }, tickformat: ".0%" },
      cell: (g, p) => share(cell(g, p)?.adjusted),
      hover: (g, p) => {
        const gate = report.gates[g];
        const { groups = 0, etaSquared = null } = cell(g, p) ?? {};
        const name = hoverName(gate === undefined ? "" : siteName(gate), priors[p] ?? "");
        return `${name}<br>ε² ${share(cell(g, p)?.adjusted)}, η² ${share(etaSquared)}, ${count(groups, "group")}`;
      },
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
  return { title, figure: compose({ title, rows: [{ height, panels: [panel] }] }), table: explainedTable(report) };
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : percent(value);
}

/** In the report's order. */
function shownPriors({ gates }: GatesReport): string[] {
  const most = new Map<string, number>();
  for (const { prior, adjusted } of gates.flatMap((gate) => gate.explained))
    most.set(prior, Math.max(most.get(prior) ?? Number.NEGATIVE_INFINITY, adjusted ?? Number.NEGATIVE_INFINITY));
  const kept = new Set(
    [...most]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MAX_PRIORS)
      .map(([prior]) => prior),
  );
  return [...most.keys()].filter((prior) => kept.has(prior));
}

function explainedTitle({ gates }: GatesReport, priors: readonly string[]): string {
  if (gates.length === 0) return "What explains the gates: this model has no gates";
  const known = gates.flatMap((gate) =>
    gate.explained.flatMap(({ prior, adjusted }) =>
      adjusted === null || !priors.includes(prior) ? [] : [{ gate, prior, adjusted }],
    ),
  );
  const [first] = known;
  if (first === undefined) return varianceTitle(gates);
  const most = known.reduce((a, b) => (b.adjusted > a.adjusted ? b : a));
  return `Most of a gate's variance is explained by ${inTitle(most.prior)} in ${siteName(most.gate)}: ${percent(most.adjusted)} beyond chance`;
}

function explainedTable(report: GatesReport): Table {
  if (report.gates.every((gate) => gate.explained.length === 0)) return varianceTable(report);
  return {
    caption: "Share of each gate's variance that a feature's values explain (mean over units)",
    columns: [
      { name: "gate" },
      { name: "feature" },
      { name: "groups" },
      { name: "η²", digits: 4 },
      { name: "ε² (beyond chance)", digits: 4 },
    ],
    rows: report.gates.flatMap((gate) =>
      gate.explained.map(({ prior, groups, etaSquared, adjusted }): Cell[] => {
        return [siteName(gate), prior, groups, etaSquared, adjusted];
      }),
    ),
  };
}
