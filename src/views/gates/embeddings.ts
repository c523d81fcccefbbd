import type { EmbeddingProjection, EmbeddingsReport, GatesReport } from "../../gates/types.js";
import { count, fixed, percent } from "../../util/text.js";
import { mean } from "../../util/turns.js";
import { chart, emptyPanel, type Panel, panelChart, xAxis, yAxis } from "../compose.js";
import { dots } from "../lines.js";
import { colour, INK, type LegendEntry, MAX_COLOURS, markup, ONE_OF_MANY, rounded, shortenAll } from "../theme.js";
import { ALL_ROWS, type Chart, capital, col, groupNames, type PlotlyTrace, type Sheet, sheetFrom } from "../view.js";

export function embeddingsSheet(report: GatesReport): Sheet {
  const { embeddings } = report;
  const { before = null, after = null } = embeddings ?? {};
  const domains = embeddings?.domains == null ? [] : groupNames(report);
  const values = (projection: EmbeddingProjection | null) =>
    projection && [projection.explained[0], projection.explained[1], projection.silhouette, ...projection.silhouettes];
  const [valuesBefore, valuesAfter] = [values(before), values(after)];
  const names = [
    "variance of the first direction",
    "variance of the second direction",
    "silhouette of the domains",
    ...domains.map((name) => `silhouette of ${name}`),
  ];
  const rows = embeddings === null ? [] : names.map((name, at) => ({ name, at }));
  return sheetFrom(`Embeddings around EPNet on ${count(embeddings?.rows ?? 0, "row")}`, rows, [
    col.text("number", ({ name }) => name),
    col.number(["before", "before EPNet"], ({ at }) => valuesBefore?.[at], 4),
    col.number(["after", "after EPNet"], ({ at }) => valuesAfter?.[at], 4),
  ]);
}

const MAX_POINTS = 1500;
const LEAST_CHANGE = 0.02;

const MAX_DOMAINS = 12;

/** Before and after EPNet; with more domains than colours, larger dots are means, and beyond twelve no map. */
export function embeddingMapChart(report: GatesReport): Chart {
  const { embeddings } = report;
  const [title, sheet] = [mapTitle(report), embeddingsSheet(report)];
  if (embeddings === null) {
    return panelChart(title, emptyPanel("this model has no EPNet, or its embeddings were not requested"), 60, sheet);
  }
  const names = embeddings.domains === null ? [ALL_ROWS] : groupNames(report);
  if (names.length > MAX_DOMAINS) {
    const why = `${names.length} domains would hide each other: the table has their silhouettes`;
    return panelChart(title, emptyPanel(why), 60, sheet);
  }
  const panels = (["before", "after"] as const).map((when) => mapPanel(embeddings, when, names));
  return chart({ title, rows: [{ height: 280, panels }], sheet });
}

function mapPanel(
  { rows, domains, ...projections }: EmbeddingsReport,
  when: "before" | "after",
  names: readonly string[],
): Panel {
  const [title, projection, inLegend] = [`${capital(when)} EPNet`, projections[when], when === "before"];
  if (projection === null) return emptyPanel("a value is not a finite number", title);
  const step = Math.ceil(rows / MAX_POINTS);
  const sample = Array.from({ length: Math.ceil(rows / step) }, (_, at) => at * step);
  const inDomain = (domain: number): number[] => sample.filter((row) => (domains?.[row] ?? 0) === domain);
  const short = shortenAll(names);
  const many = { name: `rows of ${count(names.length, "domain")}`, group: "group 0", inLegend };
  const marks =
    names.length <= MAX_COLOURS
      ? short.map((name, d) =>
          rowDots(projection, inDomain(d), colour(d, names.length), { name, group: `group ${d}`, inLegend }),
        )
      : [rowDots(projection, sample, ONE_OF_MANY, many), meanDots(projection, domains ?? [], names, inLegend)];
  const [first, second] = projection.explained;
  return {
    title,
    marks,
    xaxis: xAxis(`first (${percent(first)})`, { nticks: 5 }),
    // Distances in the picture are those of the embeddings.
    yaxis: yAxis(`second (${percent(second)})`, { nticks: 6, scaleanchor: "x", scaleratio: 1 }),
    left: 60,
  };
}

function rowDots({ points }: EmbeddingProjection, rows: readonly number[], shade: string, legend: LegendEntry) {
  return dots({
    x: rows.map((row) => rounded(points[row]?.[0] ?? 0)),
    y: rows.map((row) => rounded(points[row]?.[1] ?? 0)),
    color: shade,
    size: 4,
    legend,
    hover: markup`${legend.name}`,
  });
}

function meanDots(
  { points }: EmbeddingProjection,
  domains: readonly number[],
  names: readonly string[],
  inLegend: boolean,
): PlotlyTrace {
  const means = names.flatMap((name, domain) => {
    const inside = points.filter((_, row) => domains[row] === domain);
    return inside.length === 0
      ? []
      : [{ name, rows: inside.length, x: mean(inside.map(([x]) => x)), y: mean(inside.map(([, y]) => y)) }];
  });
  return dots({
    x: means.map(({ x }) => rounded(x)),
    y: means.map(({ y }) => rounded(y)),
    color: INK,
    size: 8,
    legend: { name: "a domain's mean", group: "means", inLegend },
    hover: means.map(({ name, rows }) => markup`${name}: mean of ${count(rows, "row")}`),
  });
}

function mapTitle({ embeddings }: GatesReport): string {
  if (embeddings === null) return "Embeddings around EPNet: none here";
  const [before, after] = [embeddings.before?.silhouette ?? null, embeddings.after?.silhouette ?? null];
  if (before === null || after === null) {
    const [first, second] = embeddings.after?.explained ?? [0, 0];
    return `Embeddings after EPNet: two directions explain ${percent(first + second)} of the variance`;
  }
  const numbers = `silhouette ${fixed(before)} → ${fixed(after)}`;
  const change = after - before;
  if (Math.abs(change) < LEAST_CHANGE) return `EPNet does not change the distance between domains: ${numbers}`;
  return `EPNet moves the domains ${change > 0 ? "apart" : "together"}: ${numbers}`;
}
