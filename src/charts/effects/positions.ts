/** What each position of a row's sequences, such as a click, does to the logits. */
import { type PositionValues, positionsSheet } from "../../tables/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { bars, sideBySide } from "../marks/index.js";
import { columnNames, panelChart, yAxis } from "../panels/index.js";
import { colour, finite, inTitle, markup } from "../theme/index.js";

/** Largest number of positions: those with the largest changes are drawn, the table has all. */
const MAX_POSITIONS = 40;
/** Pixels for the axes. */
const AXES_WIDTH = 520;

/**
 * The contribution of each position to each task's logit: how much lower the logit is without it.
 * @param towers names of the tasks' towers
 */
export function positionsChart(row: number, towers: readonly string[], positions: readonly PositionValues[]): Chart {
  const clicks = largest(positions);
  const several = new Set(positions.map(({ sequence }) => sequence)).size > 1;
  const names = clicks.map((each) => `${several ? `${each.sequence} ` : ""}${each.position}${valueText(each)}`);
  const { xaxis, below } = columnNames(names, AXES_WIDTH);
  const marks = towers.map((tower, task) => {
    const values = clicks.map(({ without }) => contribution(without[task]));
    return bars({
      at: sideBySide(names.length, task, towers.length),
      values,
      width: 0.8 / Math.max(1, towers.length),
      color: colour(task, towers.length),
      legend: { name: tower, group: tower, inLegend: towers.length > 1 },
      hover: clicks.map((each, at) => {
        const weights = each.weights.map(({ encoder, weight }) => `${encoder}: ${fixed(weight, 3)}`).join(", ");
        return markup`${tower}, ${names[at]!}<br>adds ${fixed(values[at], 4)} to the logit<br>${weights}`;
      }),
    });
  });
  const panel = { marks, xaxis, yaxis: yAxis("logit with − without"), below };
  return panelChart(title(row, towers, positions), panel, 280, positionsSheet(row, towers, positions));
}

function largest(positions: readonly PositionValues[]): readonly PositionValues[] {
  if (positions.length <= MAX_POSITIONS) return positions;
  const first = new Set([...positions].sort((a, b) => size(b) - size(a)).slice(0, MAX_POSITIONS));
  return positions.filter((position) => first.has(position));
}

function size({ without }: PositionValues): number {
  return Math.max(0, ...without.map((change) => Math.abs(change ?? 0)));
}

function contribution(without: number | null | undefined): number | null {
  const change = finite(without);
  return change === null ? null : 0 - change;
}

/** The first value, which is usually the item. */
function valueText({ values, features }: PositionValues): string {
  const value = features.map((name) => values[name]).find((each) => each !== null && each !== undefined);
  return value === undefined ? "" : `: ${value}`;
}

/** The position that changes a logit most. */
function title(row: number, towers: readonly string[], positions: readonly PositionValues[]): string {
  if (positions.length === 0) return `Row ${row} has no positions of sequences`;
  const most = positions.reduce((best, each) => (size(each) > size(best) ? each : best));
  const task = most.without.findIndex((change) => Math.abs(change ?? 0) === size(most));
  const part = positions.length > MAX_POSITIONS ? ` (${MAX_POSITIONS} of ${count(positions.length, "position")})` : "";
  const what = `${inTitle(most.sequence)} ${most.position}${inTitle(valueText(most))}`;
  const change = contribution(most.without[task]) ?? 0;
  const effect = `${change < 0 ? "lowers" : "raises"} the ${inTitle(towers[task] ?? "")} logit most (${fixed(change, 3)})`;
  return `Sequences of row ${row}${part}: ${what} ${effect}`;
}
