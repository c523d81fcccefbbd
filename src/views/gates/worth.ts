/** What each gate does, and what it is worth: its values by domain beside the change of AUC where it is held at 1. */
import type { GateReport, GatesReport } from "../../gates/types.js";
import { excludesZero } from "../../metrics/intervals/bootstrap.js";
import { siteName } from "../../spec/site-name.js";
import { count, fixed, signed } from "../../util/text.js";
import { rowNames, xAxis } from "../axes.js";
import { chart, emptyPanel, type Panel, type PanelRow } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { area, dotKey, dots, line, rule } from "../lines.js";
import { groupNames, groupStatistics, siteColumns } from "../names.js";
import { colour, faded, highest, INK, inTitle, MAX_COLOURS, markup, sentence, shortenAll } from "../theme.js";
import { type Chart, col, type PlotlyTrace, type Sheet, sheetFrom } from "../view.js";
import { changeAxis, changeDot, changeText, changeVerdict } from "./counterfactuals.js";

type Row = ReturnType<typeof worthRows>[number];

/** A row per gate and task that reads it. */
function worthRows({ gates, untrained, effects }: GatesReport) {
  return gates.flatMap((gate) => {
    const isSame = (each: Pick<GateReport, "module" | "tower" | "layer">): boolean => siteName(each) === siteName(gate);
    const before = untrained.find(isSame)?.overall ?? null;
    return (effects?.cells ?? []).filter(isSame).map((effect) => ({ gate, untrained: before, effect }));
  });
}

export function gateWorthSheet(report: GatesReport): Sheet {
  const place = report.effects?.isWithinDomains ? "within domains" : "over all rows";
  const caption = `Gates, and the change of AUC ${place} where they are held at 1 (95% intervals, corrected for all gates and tasks)`;
  return sheetFrom(caption, worthRows(report), [
    siteColumns,
    col.number(["q05", "5%"], ({ gate }) => gate.overall.quantiles[0], 3),
    col.number(["q95", "95%"], ({ gate }) => gate.overall.quantiles[4], 3),
    col.number(["untrained_q05", "5% before training"], ({ untrained }) => untrained?.quantiles[0], 3),
    col.number(["untrained_q95", "95% before training"], ({ untrained }) => untrained?.quantiles[4], 3),
    col.text(["on_task", "on task"], ({ effect }) => effect.task),
    col.number(["delta_auc", "ΔAUC at 1"], ({ effect }) => effect.auc.value, 4),
    col.ends(({ effect }) => effect.auc, 4),
    col.text("says", ({ effect }) => changeVerdict(effect.auc)),
  ]);
}

const [SPREAD_WIDTH, LETTERS] = [0.9, 22];

/** A row per gate and task. Left: 5–95% of its values by domain, in grey before training. Right: ΔAUC with it held at 1. */
export function gateWorthChart(report: GatesReport): Chart {
  const rows = [gateWorthRow(report)];
  return chart({ title: gateWorthTitle(report), rows, legendBelow: true, sheet: gateWorthSheet(report) });
}

export function gateWorthRow(report: GatesReport): PanelRow {
  const rows = worthRows(report);
  const names = rows.map(({ gate, effect }) => {
    return gate.module === "epnet" ? `EPNet, on ${effect.task}` : siteName(gate).replace(/^PPNet /, "");
  });
  const height = Math.max(dotRowsHeight(rows.length), rows.length * 10 * Math.min(4, groupNames(report).length));
  const panels = rows.length === 0 ? [] : [spreadPanel(report, rows, names), effectPanel(report, rows, names)];
  return { height, panels: panels.length === 0 ? [emptyPanel("no gates, or not measured")] : panels };
}

function spreadPanel(report: GatesReport, rows: readonly Row[], names: readonly string[]): Panel {
  const gates = [...new Set(rows.map(({ gate }) => gate))].map((gate) => {
    const at = [...rows.keys()].filter((row) => rows[row]!.gate === gate);
    return { gate, first: at[0]!, last: at.at(-1)!, untrained: rows[at[0]!]!.untrained };
  });
  const groups = groupNames(report);
  const legends = groups.length > MAX_COLOURS ? ["all rows"] : groups;
  const short = shortenAll(legends);
  const ghosts = gates.flatMap(({ gate, first, last, untrained }): PlotlyTrace[] => {
    if (untrained === null) return [];
    const [[low, , , , high], from, to] = [untrained.quantiles, first - SPREAD_WIDTH / 2, last + SPREAD_WIDTH / 2];
    const hover = markup`${siteName(gate)} before training<br>5–95%: ${fixed(low)} to ${fixed(high)}`;
    const corners = [
      [low, from],
      [high, from],
      [high, to],
      [low, to],
      [low, from],
    ] as const;
    return [area({ corners, color: INK, width: 1, fill: faded(INK, 0.15), hover })];
  });
  const spreads = gates.flatMap(({ gate, first, last }) => {
    const all = legends.length < groups.length ? [gate.overall] : groupStatistics(gate, groups.length);
    return all.flatMap((at, d): PlotlyTrace[] => {
      if (at === null) return [];
      const y = first + (last - first + SPREAD_WIDTH) * ((d + 0.5) / all.length) - SPREAD_WIDTH / 2;
      const [low, , median, , high] = at.quantiles;
      const color = legends.length === 1 ? INK : colour(d, legends.length);
      const hover = markup`${siteName(gate)}, ${legends[d]!}<br>median ${fixed(median)}, 5–95%: ${fixed(low)} to ${fixed(high)}`;
      return [
        line({ x: [low, high], y: [y, y], color, width: 2.5, hover: "none" }),
        dots({ x: [median], y: [y], color, size: 6, hover: [hover] }),
      ];
    });
  });
  const keys = legends.length === 1 ? [] : short.map((name, d) => dotKey(name, colour(d, legends.length)));
  const most = Math.max(1, ...gates.map(({ gate }) => gate.gamma));
  return {
    title: "what it does: 5–95% of its values",
    marks: [
      ...ghosts,
      rule({ from: [1, -0.5], to: [1, rows.length - 0.5] }),
      ...spreads,
      ...keys,
      ...(ghosts.length === 0 ? [] : [dotKey("before training", INK)]),
    ],
    xaxis: xAxis("gate (1 changes nothing)", { range: [0, most * 1.02], nticks: 5 }),
    ...rowNames(names, { letters: LETTERS }),
  };
}

function effectPanel(report: GatesReport, rows: readonly Row[], names: readonly string[]): Panel {
  return dotRowsPanel({
    title: "what it is worth: held at 1",
    rows: rows.map(({ effect: { auc, task } }, row) =>
      changeDot("", auc, { color: INK, main: false }, markup`${names[row]!} at 1: ${task}`),
    ),
    reference: 0,
    axis: changeAxis(
      report.effects!,
      rows.map(({ effect }) => effect.auc),
    ),
    letters: 1,
  });
}

/** Beside what gates look like, which says nothing of their effect; `null`: not measured. */
export function worthClause(report: GatesReport): string | null {
  if (report.effects === null || report.gates.length === 0) return null;
  const most = highest(worthRows(report).filter(isWorth), ({ effect }) => Math.abs(effect.auc.value!));
  if (most === undefined) return "no gate held at 1 changes AUC beyond noise";
  return `worth most is ${siteName(most.gate)}: at 1, the AUC of ${inTitle(most.effect.task)} changes by ${signed(most.effect.auc.value)}`;
}

function isWorth({ effect }: Row): boolean {
  return excludesZero(effect.auc);
}

export function gateWorthTitle(report: GatesReport): string {
  const rows = worthRows(report);
  const measured = rows.filter(({ effect: { auc } }) => auc.low !== null);
  if (report.gates.length === 0) return "What each gate is worth: this model has no gates";
  if (measured.length === 0) return "What each gate is worth: no change of AUC is defined on these rows";
  const beyond = measured.filter(isWorth);
  const place = report.effects!.isWithinDomains ? " within domains" : "";
  const most = highest(beyond, ({ effect }) => Math.abs(effect.auc.value!));
  if (most === undefined) return `In this training, no gate held at 1 changes AUC${place} beyond noise`;
  const { gate, effect } = most;
  const change = changeText(effect.auc);
  const hurts = beyond.filter(({ effect: { auc } }) => auc.value! > 0).length;
  return sentence([
    `In this training, ${siteName(gate)} is worth most: with it at 1, the AUC of ${inTitle(effect.task)}${place} changes by ${change}`,
    hurts === 0 ? null : `${count(hurts, "change")} for the better: these gates hurt`,
    `${measured.length - beyond.length} of ${count(measured.length, "change")} within noise`,
  ]);
}
