import type { Conflicts, GradientConflict } from "../../gates/conflicts.js";
import type { GatesPoint } from "../../gates/types.js";
import { excludesZero } from "../../metrics/intervals/bootstrap.js";
import { getOrMake } from "../../util/growing.js";
import { count, ends, fixed } from "../../util/text.js";
import { chart, type Panel, panelRows } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { type OverlaidCurve, overlayPanel } from "../overlay.js";
import { BETTER, highest, inTitle, markup, ONE_OF_MANY, sentence, tidy, WORSE } from "../theme.js";
import { type Chart, col, independentUnits, intervalUnit, type Sheet, sheetFrom } from "../view.js";

export function conflictsSheet(report: Conflicts): Sheet {
  const { rows, user, pairs } = report;
  const caption = `Gradients of two losses in the parts that both train, on ${count(rows, "row")}; the intervals hold together in 95% of cases (${independentUnits(user)})`;
  return sheetFrom(caption, pairs, [
    col.text("of", ({ of }) => of),
    col.text("first", ({ first }) => first),
    col.text("second", ({ second }) => second),
    col.text("part", ({ part }) => part),
    col.number("cosine", ({ cosine }) => cosine.value, 3),
    col.ends(({ cosine }) => cosine, 3),
    col.number(["adjusted_p_value", "adjusted p"], ({ cosine }) => cosine.adjustedPValue, 4),
    col.number(["first_norm", "norm of the first"], ({ norms }) => norms[0]),
    col.number(["second_norm", "norm of the second"], ({ norms }) => norms[1]),
    col.text("says", conflictVerdict),
  ]);
}

function conflictVerdict({ first, second, norms, cosine }: GradientConflict): string {
  const short = [first, second].filter((_, side) => norms[side] === null);
  if (short.length > 0) return `cannot be told: the gradient of ${short.join(" and ")} is within noise`;
  if (cosine.value === null) return "cannot be told with these rows";
  if (excludesZero(cosine)) return cosine.value < 0 ? "pull apart" : "pull together";
  return "cannot be told with these rows: the cosine may be 0";
}

/** With more pairs, those that pull apart most. */
const MOST_PAIRS = 8;

function byPair(pairs: readonly GradientConflict[]): (readonly GradientConflict[])[] {
  const sets = new Map<string, GradientConflict[]>();
  for (const pair of pairs) getOrMake(sets, JSON.stringify([pair.of, pair.first, pair.second]), () => []).push(pair);
  const least = (set: readonly GradientConflict[]): number => Math.min(...set.map(({ cosine }) => cosine.low ?? 1));
  return [...sets.values()].sort(
    (a, b) => Number(b[0]!.of === "tasks") - Number(a[0]!.of === "tasks") || least(a) - least(b),
  );
}

/** A panel for each two tasks or domains: the cosine of their gradients in each part that both train. */
export function conflictsChart(report: Conflicts): Chart {
  const sets = byPair(report.pairs).slice(0, MOST_PAIRS);
  const axis = { ...AXIS, title: { text: intervalUnit("cosine", { level: 0.95, user: report.user }) } };
  const panels = sets.map((set): Panel => {
    const rows = set.map((pair) => {
      const { part, cosine, norms } = pair;
      const isClear = cosine.value !== null && excludesZero(cosine);
      const value = `cosine ${fixed(cosine.value)}${ends(cosine, (end) => fixed(end))}`;
      return {
        ...{ name: part, value: cosine.value, low: cosine.low, high: cosine.high, printed: fixed(cosine.value, 2) },
        ...{ color: !isClear ? ONE_OF_MANY : cosine.value < 0 ? WORSE : BETTER, hollow: !isClear },
        hover: markup`${part}<br>${value}<br>norms ${norms.map((norm) => fixed(norm, 5)).join(" and ")}<br>${conflictVerdict(pair)}`,
      };
    });
    return dotRowsPanel({ title: pairName(set[0]!), rows, reference: 0, axis, letters: 22 });
  });
  const height = dotRowsHeight(Math.max(0, ...sets.map(({ length }) => length)));
  return chart({
    title: conflictsTitle(report),
    rows: panelRows(panels, { across: 2, height, empty: "nothing to compare" }),
    sheet: conflictsSheet(report),
  });
}

const AXIS = { range: [-1.08, 1.08], tickvals: [-1, -0.5, 0, 0.5, 1] } as const;

function pairName({ first, second }: GradientConflict): string {
  return `${first} and ${second}`;
}

function conflictsTitle({ pairs, gaps }: Conflicts): string {
  const apart = pairs.filter(({ cosine }) => cosine.high !== null && cosine.high < 0);
  const most = highest(apart, ({ cosine }) => -cosine.value!);
  const others = apart.length > 1 ? `, with ${apart.length - 1} more of ${count(pairs.length, "cosine")}` : "";
  const verdict =
    most === undefined
      ? "No two tasks or domains pull apart beyond noise"
      : `${inTitle(pairName(most))} pull apart in ${most.part} (cosine ${fixed(most.cosine.value, 2)}${others})`;
  const open = pairs.filter(({ cosine }) => cosine.value === null).length;
  return sentence([
    pairs.length === 0 ? "No gradients to compare" : verdict,
    open === 0 ? null : `${open} of ${count(pairs.length, "cosine")} cannot be told`,
    ...(pairs.length > 0 ? [] : gaps.map(({ what, reason }) => `${what}: ${reason}`)),
  ]);
}

/** A panel for each two tasks or domains: cosines by part at each evaluation. */
export function conflictsHistoryChart(history: readonly GatesPoint[]): Chart {
  const points = history.flatMap(({ step, conflicts }) => (conflicts === undefined ? [] : [{ step, conflicts }]));
  const sets = byPair(points.at(-1)?.conflicts.pairs ?? []).slice(0, MOST_PAIRS);
  const x = points.map(({ step }) => step);
  const panels = sets.map((set): Panel => {
    const curves = set.map(({ of, first, second, part }): OverlaidCurve => {
      const y = points.map(({ conflicts }) => {
        const is = (pair: GradientConflict) =>
          pair.of === of && pair.first === first && pair.second === second && pair.part === part;
        return tidy(conflicts.pairs.find(is)?.cosine.value);
      });
      return { name: part, x, y, hover: markup`${part}<br>step %{x:,}: cosine %{y:.3f}` };
    });
    const level = { name: "0", y: 0 };
    return overlayPanel(pairName(set[0]!), "cosine", curves, { width: 240, height: 170, range: [-1, 1], level });
  });
  const rows = points.flatMap(({ step, conflicts }) => conflicts.pairs.map((pair) => ({ step, pair })));
  const where = `at ${count(points.length, "evaluation")}`;
  const missing = "Gradients over training: not recorded; use fit(data, { gates: { conflicts: true } })";
  return chart({
    title: points.length === 0 ? missing : `Cosines of gradients ${where}; a gap: within noise`,
    rows: panelRows(panels, { across: 2, height: 170, empty: "not recorded" }),
    sheet: sheetFrom(`Cosines of gradients ${where}`, rows, [
      col.count("step", ({ step }) => step),
      col.text("of", ({ pair }) => pair.of),
      col.text("first", ({ pair }) => pair.first),
      col.text("second", ({ pair }) => pair.second),
      col.text("part", ({ pair }) => pair.part),
      col.number("cosine", ({ pair }) => pair.cosine.value, 3),
      col.ends(({ pair }) => pair.cosine, 3),
    ]),
  });
}
