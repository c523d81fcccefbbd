/** The view of conflicts between tasks and domains. */

import { excludesZero } from "../../../core/metrics/intervals/bootstrap.js";
import { getOrMake } from "../../../core/util/growing.js";
import { count, ends, fixed, grouped } from "../../../core/util/text.js";
import type { Conflicts, GatesPoint, GradientConflict } from "../../gates/types.js";
import { chart, emptyPanel, heatPanel, type Panel, panelChart, panelRows } from "../compose.js";
import { type OverlaidCurve, overlayPanel } from "../overlay.js";
import {
  DIVERGING,
  highest,
  INK,
  inTitle,
  largestOf,
  type Markup,
  markup,
  sentence,
  shortenAll,
  TASKS,
  tidy,
} from "../theme.js";
import { type Chart, type Column, col, independentUnits, type Sheet, sheetFrom } from "../view.js";

export function conflictsSheet(report: Conflicts): Sheet {
  const { rows, user, step, pairs } = report;
  const where =
    step === undefined
      ? `on ${count(rows, "row")}`
      : `after ${count(step, "step")} of training, on ${count(rows, "training row")} that it had not seen`;
  const caption = `Gradients of two losses in the parts that both train, ${where}; the intervals hold together in 95% of cases (${independentUnits(user)})`;
  return sheetFrom(caption, pairs, [
    cosineColumns((pair) => pair),
    col.number(["adjusted_p_value", "adjusted p"], ({ cosine }) => cosine.adjustedPValue, 4),
    col.number(["first_norm", "norm of the first"], ({ norms }) => norms[0]),
    col.number(["second_norm", "norm of the second"], ({ norms }) => norms[1]),
    col.text("says", conflictVerdict),
  ]);
}

function cosineColumns<Row>(pairOf: (row: Row) => GradientConflict): Column<Row>[] {
  return [
    ...(["of", "first", "second", "part"] as const).map((name) => col.text<Row>(name, (row) => pairOf(row)[name])),
    col.number("cosine", (row) => pairOf(row).cosine.value, 3),
    ...col.ends<Row>((row) => pairOf(row).cosine, 3),
  ];
}

function conflictVerdict({ first, second, norms, cosine }: GradientConflict): string {
  const short = [first, second].filter((_, side) => norms[side] === null);
  if (short.length > 0) return `cannot be told: the gradient of ${short.join(" and ")} is within noise`;
  if (cosine.value === null) return "cannot be told with these rows";
  if (excludesZero(cosine)) return cosine.value < 0 ? "pull apart" : "pull together";
  return "cannot be told with these rows: the cosine may be 0";
}

/** With more pairs, only the strongest conflicts. */
const MOST_PAIRS = 24;
const MOST_PARTS = 10;
const SIDE_LETTERS = 20;

function byPair(pairs: readonly GradientConflict[]): (readonly GradientConflict[])[] {
  const sets = new Map<string, GradientConflict[]>();
  for (const pair of pairs) getOrMake(sets, JSON.stringify([pair.of, pair.first, pair.second]), () => []).push(pair);
  const rank = (set: readonly GradientConflict[]): number =>
    set[0]!.of === "tasks" ? -2 : Math.min(...set.map(({ cosine }) => cosine.high ?? 1));
  return [...sets.values()].sort((a, b) => rank(a) - rank(b));
}

/** The cosine in each part (column) of each two tasks or domains (row) that differs from 0 beyond noise. */
export function conflictsChart(report: Conflicts): Chart {
  const all = byPair(report.pairs);
  const sets = all.slice(0, MOST_PAIRS);
  const apart = (part: string): number => {
    return Math.max(...sets.flat().map((pair) => (pair.part === part ? -(pair.cosine.high ?? 1) : -1)));
  };
  const parts = largestOf([...new Set(report.pairs.map(({ part }) => part))], apart, MOST_PARTS);
  const names = sidesOf(sets.flat());
  const short = shortenAll(names, SIDE_LETTERS);
  const cellAt = (row: number, column: number) => sets[row]!.find(({ part }) => part === parts[column]);
  const value = (row: number, column: number): number | null => {
    const cosine = cellAt(row, column)?.cosine;
    return cosine === undefined || cosine.value === null || !excludesZero(cosine) ? null : cosine.value;
  };
  const height = 22 * Math.max(3, sets.length);
  const panel = heatPanel({
    title: "",
    rows: sets.map(([pair]) => [pair!.first, pair!.second].map((name) => short[names.indexOf(name)]).join(" · ")),
    columns: parts,
    letters: 2 * SIDE_LETTERS + 3,
    values: sets.map((_, row) => parts.map((__, column) => value(row, column))),
    range: [-1, 1],
    scale: DIVERGING,
    height,
    bar: { tickvals: [-1, 0, 1], ticktext: ["−1 apart", "0", "1 as one"] },
    cell: (row, column) => fixed(value(row, column), 2),
    hover: (row, column) => cellHover(parts[column]!, sets[row]![0]!, cellAt(row, column)),
    gap: "no number",
  });
  const cut =
    sets.length < all.length ? `the ${MOST_PAIRS} of ${count(all.length, "pair")} that pull apart most` : null;
  const body = sets.length === 0 ? emptyPanel("nothing to compare") : panel;
  return panelChart(sentence([conflictsTitle(report), cut]), body, height, conflictsSheet(report));
}

function sidesOf(pairs: readonly GradientConflict[]): string[] {
  return [...new Set(pairs.flatMap(({ first, second }) => [first, second]))];
}

function cellHover(part: string, names: GradientConflict, pair: GradientConflict | undefined): Markup {
  if (pair === undefined) return markup`${part}, ${pairName(names)}<br>they do not share it`;
  const { cosine, norms } = pair;
  const value = `cosine ${fixed(cosine.value)}${ends(cosine, (end) => fixed(end))}`;
  return markup`${part}, ${pairName(pair)}<br>${value}<br>norms ${norms.map((norm) => fixed(norm, 5)).join(" and ")}<br>${conflictVerdict(pair)}`;
}

function pairName({ first, second }: GradientConflict): string {
  return `${first} and ${second}`;
}

function conflictsTitle({ pairs, gaps, step }: Conflicts): string {
  const apart = pairs.filter(({ cosine }) => cosine.high !== null && cosine.high < 0);
  const most = highest(apart, ({ cosine }) => -cosine.value!);
  const others = apart.length > 1 ? `, and ${grouped(apart.length - 1)} more of ${count(pairs.length, "cosine")}` : "";
  const verdict =
    most === undefined
      ? "No two tasks or domains pull apart beyond noise"
      : `${sidesOf([most])
          .map((name) => inTitle(name, sidesOf(pairs)))
          .join(" and ")} pull apart (cosine ${fixed(most.cosine.value, 2)}); in ${most.part}${others}`;
  const open = pairs.filter(({ cosine }) => cosine.value === null || !excludesZero(cosine)).length;
  return sentence([
    pairs.length === 0 ? "No gradients to compare" : verdict,
    step === undefined ? null : `after ${count(step, "step")}`,
    open === 0 ? null : `${grouped(open)} of ${count(pairs.length, "cosine")} cannot be told`,
    ...(pairs.length > 0 ? [] : gaps.map(({ what, reason }) => `${what}: ${reason}`)),
  ]);
}

const MOST_PANELS = 8;

/** A panel for each two tasks or domains: cosines by part at each evaluation. */
export function conflictsHistoryChart(history: readonly GatesPoint[]): Chart {
  const points = history.flatMap(({ step, conflicts }) => (conflicts === undefined ? [] : [{ step, conflicts }]));
  const sets = byPair(points.at(-1)?.conflicts.pairs ?? []).slice(0, MOST_PANELS);
  const x = points.map(({ step }) => step);
  const panels = sets.map((set): Panel => {
    const curves = set.map(({ of, first, second, part }, at): OverlaidCurve => {
      const y = points.map(({ conflicts }) => {
        const is = (pair: GradientConflict) =>
          pair.of === of && pair.first === first && pair.second === second && pair.part === part;
        return tidy(conflicts.pairs.find(is)?.cosine.value);
      });
      const color = TASKS[at] ?? INK;
      return { name: part, x, y, color, hover: markup`${part}<br>step %{x:,}: cosine %{y:.3f}` };
    });
    return overlayPanel(pairName(set[0]!), "cosine", curves, {
      width: 240,
      height: 170,
      range: [-1, 1],
      coloured: TASKS.length,
      level: { name: "0", y: 0 },
    });
  });
  const rows = points.flatMap(({ step, conflicts }) => conflicts.pairs.map((pair) => ({ step, pair })));
  const where = `at ${count(points.length, "evaluation")}`;
  const missing = "Gradients over training: not recorded; use fit(data, { gates: { conflicts: true } })";
  return chart({
    title: points.length === 0 ? missing : `Cosines of gradients ${where}; a gap: within noise`,
    rows: panelRows(panels, { across: 2, height: 170, empty: "not recorded" }),
    sheet: sheetFrom(`Cosines of gradients ${where}`, rows, [
      col.count("step", ({ step }) => step),
      cosineColumns(({ pair }) => pair),
    ]),
  });
}
