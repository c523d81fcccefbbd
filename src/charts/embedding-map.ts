/** The embeddings before and after EPNet, each on the two directions in which it varies most, coloured by domain. */
import type { EmbeddingProjection, EmbeddingsReport, GatesReport } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import { compose, type Panel } from "./compose.js";
import { nothingPanel } from "./empty.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { groupNames } from "./gate-sites.js";
import { rounded } from "./numbers.js";
import { count, fixed, inTitle, label, percent, plotText } from "./text.js";
import { colour, faded, INK, MAX_COLOURS } from "./theme.js";

/** More dots than this hide each other. */
const MAX_POINTS = 1500;
/** From this change of the silhouette on, domains are said to have moved. */
const MOVED = 0.02;

/** Two scatter plots, before and after EPNet; with many domains a larger dot is a domain's mean. */
export function embeddingMapChart(report: GatesReport): Chart {
  const title = mapTitle(report);
  const { embeddings } = report;
  const names = embeddings?.domains == null ? ["all rows"] : groupNames(report);
  const panels =
    embeddings === null
      ? [nothingPanel("this model has no EPNet, or its embeddings were not asked for")]
      : [
          mapPanel("Before EPNet", embeddings, embeddings.before, names, true),
          mapPanel("After EPNet", embeddings, embeddings.after, names, false),
        ];
  const height = embeddings === null ? 60 : 280;
  return { title, figure: compose({ title, rows: [{ height, panels }] }), table: mapTable(report, names) };
}

function mapPanel(
  title: string,
  { rows, domains }: EmbeddingsReport,
  projection: EmbeddingProjection | null,
  names: readonly string[],
  legend: boolean,
): Panel {
  if (projection === null) return { ...nothingPanel("a value is no finite number"), title };
  const step = Math.ceil(rows / MAX_POINTS);
  const drawn = Array.from({ length: Math.ceil(rows / step) }, (_, at) => at * step);
  const few = names.length <= MAX_COLOURS;
  const of = (domain: number): number[] => drawn.filter((row) => (domains?.[row] ?? 0) === domain);
  const traces = few
    ? names.map((name, d) => dots(projection, of(d), name, colour(d, names.length), legend, d))
    : [
        dots(projection, drawn, `rows of ${count(names.length, "domain")}`, colour(4, 5), legend, 0),
        means(projection, domains ?? [], names, legend),
      ];
  const axis = (component: 0 | 1): string =>
    `${["first", "second"][component]} (${percent(projection.explained[component])})`;
  return {
    title,
    traces,
    xaxis: { title: { text: axis(0), standoff: 6 }, nticks: 5 },
    yaxis: { title: { text: axis(1) }, nticks: 6 },
    left: 60,
  };
}

function dots(
  { points }: EmbeddingProjection,
  rows: readonly number[],
  name: string,
  shade: string,
  legend: boolean,
  group: number,
): PlotlyTrace {
  return {
    type: "scatter",
    mode: "markers",
    name: label(name),
    legendgroup: `group ${group}`,
    showlegend: legend,
    x: rows.length === 0 ? [null] : rows.map((row) => rounded(points[row]?.[0] ?? 0)),
    y: rows.length === 0 ? [null] : rows.map((row) => rounded(points[row]?.[1] ?? 0)),
    marker: { color: faded(shade, 0.55), size: 4 },
    hovertemplate: `${plotText(name)}<extra></extra>`,
  };
}

/** Each domain's mean, over all rows. */
function means(
  { points }: EmbeddingProjection,
  domains: readonly number[],
  names: readonly string[],
  legend: boolean,
): PlotlyTrace {
  const sums = names.map(() => ({ rows: 0, x: 0, y: 0 }));
  domains.forEach((domain, row) => {
    const sum = sums[domain];
    const [x, y] = points[row] ?? [0, 0];
    if (sum === undefined) return;
    sum.rows++;
    sum.x += x;
    sum.y += y;
  });
  const there = sums.map((sum, d) => ({ ...sum, name: names[d] as string })).filter(({ rows }) => rows > 0);
  return {
    type: "scatter",
    mode: "markers",
    name: "a domain's mean",
    legendgroup: "means",
    showlegend: legend,
    x: there.map(({ x, rows }) => rounded(x / rows)),
    y: there.map(({ y, rows }) => rounded(y / rows)),
    marker: { color: colour(5, 6), size: 8, line: { color: INK, width: 1 } },
    customdata: there.map(({ name, rows }) => `${plotText(name)}: mean of ${count(rows, "row")}`),
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

/** Whether the domains stand apart, by their silhouette. */
function mapTitle({ embeddings }: GatesReport): string {
  if (embeddings === null) return "Embeddings around EPNet: none here";
  const [before, after] = [embeddings.before?.silhouette ?? null, embeddings.after?.silhouette ?? null];
  if (before === null || after === null) {
    const explained = embeddings.after?.explained ?? [0, 0];
    return `Embeddings after EPNet: two directions hold ${percent(explained[0] + explained[1])} of their variance`;
  }
  const numbers = `silhouette ${fixed(before)} → ${fixed(after)}`;
  const change = after - before;
  if (Math.abs(change) < MOVED) return `EPNet leaves the domains as far apart as they were: ${numbers}`;
  return `EPNet moves the domains ${change > 0 ? "apart" : "together"}: ${numbers}`;
}

function mapTable({ embeddings }: GatesReport, names: readonly string[]): Table {
  const { before = null, after = null } = embeddings ?? {};
  const line = (name: string, of: (projection: EmbeddingProjection) => number | null | undefined): Cell[] => {
    return [name, ...[before, after].map((projection) => (projection === null ? null : (of(projection) ?? null)))];
  };
  const domains = embeddings?.domains == null ? [] : names;
  return {
    caption: `Embeddings around EPNet on ${count(embeddings?.rows ?? 0, "row")}`,
    columns: [{ name: "number" }, { name: "before EPNet", digits: 4 }, { name: "after EPNet", digits: 4 }],
    rows:
      embeddings === null
        ? []
        : [
            line("variance of the first direction", ({ explained }) => explained[0]),
            line("variance of the second direction", ({ explained }) => explained[1]),
            line("silhouette of the domains", ({ silhouette }) => silhouette),
            ...domains.map((name, d) => line(`silhouette of ${inTitle(name)}`, ({ silhouettes }) => silhouettes[d])),
          ],
  };
}
