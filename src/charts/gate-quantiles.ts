/** How gates are spread, by gate and domain: boxes of quantiles; medians as a heat map where domains are many. */
import type { GateReport, GatesReport } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import type { Json } from "../util/json.js";
import { compose, type Panel } from "./compose.js";
import { emptyKey } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { groupNames, groupStatistics, largestGamma, shortSiteName, siteName } from "./gate-sites.js";
import { heatPanel } from "./heat.js";
import { hoverName } from "./tasks.js";
import { count, fixed, label } from "./text.js";
import { colour, DIVERGING, INK, MAX_COLOURS } from "./theme.js";
import { nameTicks } from "./ticks.js";

/** Pixels that margins and legend leave to the axes, below a heat map of fields too. */
const AXES_WIDTH = 340;

/** Gate values by gate and domain: box 25–75 %, whiskers 5–95 %. */
export function gateQuantilesChart(report: GatesReport): Chart {
  const title = quantilesTitle(report);
  const panel = gateQuantilesPanel(report);
  const height = groupNames(report).length > MAX_COLOURS ? medianHeatHeight(report) : 300;
  return { title, figure: compose({ title, rows: [{ height, panels: [panel] }] }), table: gateTable(report) };
}

function medianHeatHeight({ gates }: GatesReport): number {
  return Math.max(160, gates.length * 26);
}

/** The axes of {@link gateQuantilesChart}, for figures of several panels. */
export function gateQuantilesPanel(report: GatesReport): Panel {
  const names = groupNames(report);
  return names.length > MAX_COLOURS ? medianHeat(report, names) : boxes(report, names);
}

function boxes(report: GatesReport, names: readonly string[]): Panel {
  const ticks = nameTicks(report.gates.map(shortSiteName), AXES_WIDTH);
  return {
    title: "Gate values (box 25–75 %, whiskers 5–95 %)",
    traces: [
      ...names.map((name, d) => box(report.gates, d, name, names.length)),
      ...emptyDomains(report.gates, names),
      unchanged(report.gates.length),
    ],
    xaxis: ticks.axis,
    yaxis: { title: { text: "gate value" }, range: [0, largestGamma(report) * 1.02] },
    below: ticks.below,
  };
}

function box(gates: readonly GateReport[], domain: number, name: string, domains: number): PlotlyTrace {
  const rows = gates.map((gate) => groupStatistics(gate, domains)[domain] ?? null);
  const drawn = rows.flatMap((statistics, g) => (statistics === null ? [] : [{ statistics, g }]));
  const quantile = (q: number): number[] => drawn.map(({ statistics }) => statistics.quantiles[q] as number);
  return {
    type: "box",
    name: label(name),
    showlegend: drawn.length > 0,
    x: drawn.map(({ g }) => g + ((domain - (domains - 1) / 2) * 0.8) / domains),
    lowerfence: quantile(0),
    q1: quantile(1),
    median: quantile(2),
    q3: quantile(3),
    upperfence: quantile(4),
    width: 0.66 / domains,
    line: { width: 1.5, color: colour(domain, domains) },
    marker: { color: colour(domain, domains) },
    hoverinfo: "y+name",
  };
}

/** Plotly leaves a box without values out of the legend. */
function emptyDomains(gates: readonly GateReport[], names: readonly string[]): PlotlyTrace[] {
  const isEmpty = (d: number): boolean => gates.every((gate) => groupStatistics(gate, names.length)[d] === null);
  return names.flatMap((name, d) => (isEmpty(d) ? [emptyKey(name, colour(d, names.length))] : []));
}

/** The level at which a gate changes nothing. */
function unchanged(gates: number): PlotlyTrace {
  return {
    type: "scatter",
    mode: "lines",
    name: "unchanged",
    showlegend: true,
    x: [-0.5, Math.max(1, gates) - 0.5],
    y: [1, 1],
    line: { color: INK, width: 1, dash: "dot" },
    hoverinfo: "skip",
  };
}

function medianHeat(report: GatesReport, names: readonly string[]): Panel {
  const medians = report.gates.map((gate) => groupStatistics(gate, names.length).map((at) => at?.quantiles[2] ?? null));
  const span = Math.max(0.1, ...medians.flat().map((median) => (median === null ? 0 : Math.abs(median - 1))));
  const gates = report.gates;
  const name = (g: number, d: number): string => hoverName(siteName(gates[g] as GateReport), names[d] as string);
  return heatPanel(
    {
      title: "Median gate by gate and domain",
      rows: gates.map(shortSiteName),
      columns: names,
      values: medians,
      range: [1 - span, 1 + span],
      colorscale: DIVERGING as Json,
      colorbar: { title: { text: "median", side: "top" } },
      cell: (g, d) => fixed(medians[g]?.[d], 2),
      hover: (g, d) => `${name(g, d)}<br>median gate ${fixed(medians[g]?.[d], 4)}`,
      gap: "no rows",
    },
    { width: AXES_WIDTH, height: medianHeatHeight(report) },
  );
}

function quantilesTitle(report: GatesReport): string {
  const widest = report.gates.reduce<GateReport | null>(
    (best, gate) => (best === null || spread(gate) > spread(best) ? gate : best),
    null,
  );
  if (widest === null) return "Gate values: this model has no gates";
  const [low, , , , high] = widest.overall.quantiles;
  const where = `${siteName(widest)}: 90 % of values within ${fixed(low, 2)} and ${fixed(high, 2)}`;
  return `Gate values by gate and domain (${count(report.rows, "row")}); widest is ${where}`;
}

function spread(gate: GateReport): number {
  return gate.overall.quantiles[4] - gate.overall.quantiles[0];
}

/** Every statistic of every gate by domain: what all gate charts draw. */
export function gateTable(report: GatesReport): Table {
  const names = groupNames(report);
  return {
    caption: `Gates on ${count(report.rows, "row")} (γ is the largest value a gate can take)`,
    columns: [
      { name: "gate" },
      { name: "domain" },
      { name: "rows" },
      { name: "mean", digits: 3 },
      { name: "std", digits: 3 },
      ...["5 %", "25 %", "median", "75 %", "95 %"].map((name) => ({ name, digits: 3 })),
      { name: "< .05 γ", percent: true },
      { name: "> .95 γ", percent: true },
      { name: "≈ γ/2", percent: true },
      { name: "dead units", percent: true },
    ],
    rows: report.gates.flatMap((gate) =>
      [gate.overall, ...gate.domains].map((at): Cell[] => {
        const domain = at.domain === null ? "all rows" : (names[at.domain] ?? `domain ${at.domain}`);
        if (at.rows === 0) return [siteName(gate), domain, 0, ...Array<null>(11).fill(null)];
        const shares = [at.closed, at.open, at.identity, at.deadUnits];
        return [siteName(gate), domain, at.rows, at.mean, at.std, ...at.quantiles, ...shares];
      }),
    ),
  };
}
