/** Surfaces over two numeric settings by task and domain: differences as colours, the best pairs outlined. */
import type { StudyReport } from "../../ablation/study.js";
import type { StudySurface, SurfacePoint } from "../../ablation/surface.js";
import { signed } from "../../util/text.js";
import { panelRows, xAxis, yAxis } from "../axes.js";
import { chart, type Panel } from "../compose.js";
import { cells, dots, line } from "../lines.js";
import { ALL_ROWS, planMark, taskName } from "../names.js";
import { DIVERGING, inTitle, markup, rounded, sentence } from "../theme.js";
import type { Chart, PlotlyTrace } from "../view.js";
import { bestPairText, pairName, studySurfacesSheet } from "./responses.js";
import { drawnParts, mostDomains } from "./study.js";

const LEAST_SPAN = 0.001;
/** Marks on colours of every lightness. */
const MARK = "#222222";

export function studySurfacesChart(report: StudyReport): Chart {
  const shapes = drawnParts(report.surfaces, report);
  const means = shapes.flatMap(({ grid }) => grid.flat().map(({ mean }) => Math.abs(mean)));
  const span = Math.max(LEAST_SPAN, ...means);
  const panels = shapes.map((surface, at) => surfacePanel(report, surface, at === 0, span));
  const empty = "no two numeric settings that were varied together, with two seeds";
  return chart({
    title: planMark(report) + surfacesTitle(report),
    rows: panelRows(panels, { across: 2, height: 240, empty }),
    sheet: studySurfacesSheet(report),
  });
}

function surfacePanel(report: StudyReport, surface: StudySurface, first: boolean, span: number): Panel {
  const task = report.tasks.find(({ tower }) => tower === surface.tower)!;
  const { domain, paths, grid } = surface;
  const sign = task.higherIsBetter ? 1 : -1;
  const each = <Value>(value: (point: SurfacePoint) => Value): Value[][] =>
    grid[0]!.map((_, row) => grid.map((column) => value(column[row]!)));
  return {
    title: `${taskName(task)}, ${domain === null ? ALL_ROWS : report.domainNames[domain]!}`,
    marks: [
      cells({
        values: each(({ mean }) => rounded(sign * mean)),
        range: [-1.05 * span, 1.05 * span],
        scale: DIVERGING,
        bar: first ? { tickformat: ".2~g", nticks: 5 } : null,
        hover: each(({ values, mean, low, high }) => {
          const [x, y] = values.map((value) => value.toPrecision(2));
          return markup`${paths[0]} ${x!}, ${paths[1]} ${y!}<br>${signed(mean, 4)} (${signed(low, 4)} to ${signed(high, 4)})`;
        }),
      }),
      ...surfaceMarks(surface),
    ],
    xaxis: xAxis(paths[0], trainedTicks(surface, 0)),
    yaxis: yAxis(paths[1], trainedTicks(surface, 1)),
  };
}

function surfaceMarks(surface: StudySurface): PlotlyTrace[] {
  const { trained, best, paths } = surface;
  const places = (values: readonly (readonly [number, number])[]) => ({
    x: values.map(([x]) => rounded(placeOn(surface, 0, x))),
    y: values.map(([, y]) => rounded(placeOn(surface, 1, y))),
  });
  const tested = dots({
    ...places(trained.map(({ values }) => values)),
    color: MARK,
    symbol: "circle-open",
    size: 6,
    hover: trained.map(
      ({ values, mean }) => markup`${paths[0]} ${values[0]}, ${paths[1]} ${values[1]}, trained<br>${signed(mean, 5)}`,
    ),
  });
  if (best === null) return [tested];
  return [
    tested,
    line({ ...outline(surface), color: MARK, width: 2, hover: "none" }),
    dots({
      ...places([best.values]),
      color: MARK,
      symbol: "diamond",
      size: 10,
      hover: markup`best at about ${best.values[0].toPrecision(2)} and ${best.values[1].toPrecision(2)}`,
    }),
  ];
}

function outline({ grid }: StudySurface): { x: (number | null)[]; y: (number | null)[] } {
  const [x, y]: [(number | null)[], (number | null)[]] = [[], []];
  for (const [column, points] of grid.entries()) {
    for (const [row, { mayBeBest }] of points.entries()) {
      for (const [dx, dy] of mayBeBest ? neighbours : []) {
        if (grid[column + dx]?.[row + dy]?.mayBeBest === true) continue;
        const [px, py] = [column + dx / 2, row + dy / 2];
        x.push(px - dy / 2, px + dy / 2, null);
        y.push(py - dx / 2, py + dx / 2, null);
      }
    }
  }
  return { x, y };
}

const neighbours = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

function placeOn({ grid, log }: StudySurface, axis: 0 | 1, value: number): number {
  const scaled = (each: number): number => (log[axis] ? Math.log(each) : each);
  const [first, last] = [grid[0]![0]!, grid.at(-1)!.at(-1)!];
  const [from, to] = [scaled(first.values[axis]), scaled(last.values[axis])];
  return ((scaled(value) - from) / (to - from)) * (grid.length - 1);
}

function trainedTicks(surface: StudySurface, axis: 0 | 1) {
  const values = [...new Set(surface.trained.map((each) => each.values[axis]))].sort((a, b) => a - b);
  return {
    tickvals: values.map((value) => rounded(placeOn(surface, axis, value))),
    ticktext: values.map((value) => String(Number(value.toPrecision(3)))),
    range: [-0.5, surface.grid.length - 0.5],
    showgrid: false,
  };
}

function surfacesTitle(report: StudyReport): string {
  const overall = report.surfaces.filter(({ domain }) => domain === null);
  const parts = overall.map((surface) => `${inTitle(pairName(surface))}, ${surface.tower}: ${bestPairText(surface)}`);
  const first = parts.slice(0, 2);
  if (first.length === 0) return "Surfaces over two numeric settings: none";
  return sentence([
    ...first,
    "teal: better than the model; circles: trained; outlined: may be the best",
    parts.length > first.length ? `${parts.length - first.length} more below` : null,
    report.domainNames.length > mostDomains ? "domains are in the table" : null,
  ]);
}
