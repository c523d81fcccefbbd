/** The spread of gates by gate and domain: boxes of quantiles, or a heat map of medians if there are many domains. */
import type { GateReport, GateStatistics, GatesReport } from "../../gates/index.js";
import { gateStatisticsSheet, groupNames, groupStatistics, shortSiteName, siteName } from "../../tables/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { boxes, dotKey, rule } from "../marks/index.js";
import { columnNames, heatPanel, type Panel, panelChart, yAxis } from "../panels/index.js";
import { colour, DIVERGING, MAX_COLOURS, markup, shortenAll } from "../theme/index.js";

/** Pixels for the axes, after margins and legend, also below a heat map of fields. */
const AXES_WIDTH = 340;

/** Choices of {@link gateQuantilesChart}. */
export interface GateQuantilesOptions {
  /** The code that looks into a gate in a domain (`null`: the model has none). Default: none. */
  readonly call?: (gate: GateReport, domain: string | null) => string;
}

/** Gate values by gate and domain: box 25–75%, whiskers 5–95%. */
export function gateQuantilesChart(report: GatesReport, options: GateQuantilesOptions = {}): Chart {
  const height = groupNames(report).length > MAX_COLOURS ? medianHeight(report) : 300;
  return panelChart(quantilesTitle(report), gateQuantilesPanel(report, options), height, gateStatisticsSheet(report));
}

/** The axes of {@link gateQuantilesChart}, for figures of several panels. */
export function gateQuantilesPanel(report: GatesReport, { call }: GateQuantilesOptions = {}): Panel {
  const names = groupNames(report);
  const hasDomains = report.domainNames.length > 0;
  const callAt: CallAt = call && ((gate, name) => call(gate, hasDomains ? name : null));
  return names.length > MAX_COLOURS ? medianPanel(report, names, callAt) : boxPanel(report, names, callAt);
}

type CallAt = ((gate: GateReport, domain: string) => string) | undefined;

function boxPanel({ gates }: GatesReport, names: readonly string[], call: CallAt): Panel {
  const gatesByDomain = names.map((_, d) => drawnGates(gates, d, names.length));
  const short = shortenAll(names);
  const unchanged = rule({
    from: [-0.5, 1],
    to: [Math.max(1, gates.length) - 0.5, 1],
    legend: { name: "unchanged" },
  });
  return {
    title: "Gate values (box 25–75%, whiskers 5–95%)",
    marks: [
      ...names.flatMap((name, d) => domainBoxes(name, short[d]!, d, gates, gatesByDomain, call)),
      // Plotly leaves a box without values out of the legend.
      ...short.flatMap((name, d) =>
        gatesByDomain[d]!.length === 0 ? [dotKey(`${name} (no rows)`, colour(d, names.length))] : [],
      ),
      unchanged,
    ],
    ...columnNames(gates.map(shortSiteName), AXES_WIDTH),
    yaxis: yAxis("gate value", { range: [0, Math.max(1, ...gates.map((gate) => gate.gamma)) * 1.02] }),
  };
}

interface DrawnGate {
  readonly index: number;
  readonly statistics: GateStatistics;
}

/** The gates with values in a domain. */
function drawnGates(gates: readonly GateReport[], domain: number, domains: number): DrawnGate[] {
  return gates.flatMap((gate, index) => {
    const statistics = groupStatistics(gate, domains)[domain] ?? null;
    return statistics === null ? [] : [{ index, statistics }];
  });
}

function domainBoxes(
  name: string,
  short: string,
  domain: number,
  gates: readonly GateReport[],
  gatesByDomain: readonly (readonly DrawnGate[])[],
  call: CallAt,
): readonly PlotlyTrace[] {
  const domains = gatesByDomain.length;
  const gatesHere = gatesByDomain[domain]!;
  const shift = ((domain - (domains - 1) / 2) * 0.8) / domains;
  return boxes({
    at: gatesHere.map(({ index }) => index + shift),
    quantiles: gatesHere.map(({ statistics }) => statistics.quantiles),
    color: colour(domain, domains),
    width: 0.66 / domains,
    legend: { name: short, group: name, inLegend: gatesHere.length > 0 },
    hover: gatesHere.map(({ index }) => `${siteName(gates[index]!)}, ${name}`),
    calls: call && gatesHere.map(({ index }) => call(gates[index]!, name)),
  });
}

function medianHeight({ gates }: GatesReport): number {
  return Math.max(160, gates.length * 26);
}

function medianPanel(report: GatesReport, names: readonly string[], call: CallAt): Panel {
  const { gates } = report;
  const medians = gates.map((gate) => groupStatistics(gate, names.length).map((at) => at?.quantiles[2] ?? null));
  const span = Math.max(0.1, ...medians.flat().map((median) => (median === null ? 0 : Math.abs(median - 1))));
  return heatPanel(
    {
      title: "Median gate by gate and domain",
      rows: gates.map(shortSiteName),
      columns: names,
      values: medians,
      range: [1 - span, 1 + span],
      scale: DIVERGING,
      bar: { title: { text: "median", side: "top" } },
      cell: (g, d) => fixed(medians[g]?.[d], 2),
      hover: (g, d) => markup`${siteName(gates[g]!)}, ${names[d]!}<br>median gate ${fixed(medians[g]?.[d], 4)}`,
      call: call && ((g, d) => call(gates[g]!, names[d]!)),
      gap: "no rows",
    },
    { width: AXES_WIDTH, height: medianHeight(report) },
  );
}

/** The gate with the widest spread. */
export function quantilesTitle({ gates, rows }: GatesReport): string {
  const [first, ...others] = gates;
  if (first === undefined) return "Gate values: this model has no gates";
  const widest = others.reduce((best, gate) => (spread(gate) > spread(best) ? gate : best), first);
  const [low, , , , high] = widest.overall.quantiles;
  const where = `${siteName(widest)}: 90% of values within ${fixed(low, 2)} and ${fixed(high, 2)}`;
  return `Gate values by gate and domain (${count(rows, "row")}); widest is ${where}`;
}

function spread({ overall }: GateReport): number {
  return overall.quantiles[4] - overall.quantiles[0];
}
