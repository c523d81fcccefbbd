/** The views of counterfactuals and of the worth of gates. */

import { excludesZero, type Interval } from "../../../core/metrics/intervals/bootstrap.js";
import { siteName } from "../../../core/spec/model.js";
import type { JsonObject } from "../../../core/util/json.js";
import { count, ends, fixed, signed } from "../../../core/util/text.js";
import type { CounterfactualReport } from "../../gates/counterfactual.js";
import type { ChangeInterval, CounterfactualEffect, Effect, TaskEffect } from "../../gates/effects.js";
import type { GateReport, GateStatistics, GatesReport } from "../../gates/types.js";
import { chart, emptyPanel, type Panel, type PanelRow, panelRows, rowNames, xAxis } from "../compose.js";
import { type DotRow, domainRowCount, domainRows, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { area, dotKey, dots, line, rule } from "../lines.js";
import {
  colour,
  faded,
  finite,
  GRID,
  highest,
  INK,
  inTitle,
  isLeftOut,
  MAX_COLOURS,
  type Markup,
  markup,
  PLAIN,
  rounded,
  sentence,
  shortenAll,
} from "../theme.js";
import {
  ALL_ROWS,
  byTaskAndDomain,
  type Chart,
  capital,
  col,
  groupNames,
  groupStatistics,
  intervalUnit,
  namesByDomain,
  type PlotlyTrace,
  type Sheet,
  sheetFrom,
  siteColumns,
} from "../view.js";

/** The mean change within domains, weighted by rows. */
const WITHIN = "within domains";
/** The rest of the change over all rows. */
const BETWEEN = "between domains";

export function counterfactualsSheet(report: CounterfactualReport): Sheet {
  const draws = report.user === null ? "rows" : `whole users by ${report.user}`;
  const caption = `Change of AUC on ${count(report.rows, "row")}, with 95% intervals over ${draws}, corrected for all changes (Holm)`;
  const rows = report.effects.flatMap((effect) => effectRows(effect, effectDomains(report)));
  return sheetFrom(caption, rows, [
    col.text("change", ({ change }) => change),
    col.text("task", ({ task }) => task.tower),
    // In records the domain's number and name (−1: not one domain); in tables its name.
    col.count(["domain", null], ({ domain }) => domain),
    col.text(["domain_name", null], ({ place }) => (place === ALL_ROWS ? "all" : place)),
    col.text([null, "domain"], ({ place }) => place),
    col.count("rows", ({ rows }) => rows),
    col.number(["delta_auc", "ΔAUC"], ({ auc }) => auc.value, 4),
    col.ends(({ auc }) => auc, 4),
    col.number(["adjusted_p_value", "adjusted p"], ({ auc }) => auc.adjustedPValue, 4),
    col.text("says", ({ auc, nested }) => changeVerdict(auc, nested)),
    col.number(["mean_abs_delta_logit", "mean |Δlogit|"], ({ logitChange }) => logitChange, 3),
  ]);
}

/** `place`: the rows of the change: a domain's name, `all rows`, {@link WITHIN} or {@link BETWEEN}. */
function effectRows({ name: change, nested, tasks }: CounterfactualEffect, names: readonly string[]) {
  return byTaskAndDomain<TaskEffect, Effect>(tasks).flatMap(({ task, domain, value }) => {
    const all = { change, nested, task, domain, place: names[domain] ?? ALL_ROWS, ...value };
    const { parts } = task;
    if (domain >= 0 || parts === null) return [all];
    const part = (place: string, auc: ChangeInterval) => ({ ...all, place, auc, logitChange: null });
    return [part(WITHIN, parts.within), part(BETWEEN, parts.between), all];
  });
}

/** The change of a task in titles: the mean within domains, as a ranking in each gains it, else over all rows. */
export function mainChange({ parts, overall }: TaskEffect): ChangeInterval {
  return parts?.within ?? overall.auc;
}

/** The verdict on a change of AUC by its interval. @param nested the field that leaves it open */
export function changeVerdict(change: Interval, nested: string | null = null): string {
  const { value, low, high } = change;
  if (nested !== null) return `cannot be told: most values of ${nested} are in one domain only`;
  if (value === null || low === null || high === null) return "not defined";
  if (low === 0 && high === 0) return "unchanged";
  if (!excludesZero(change)) return "no difference beyond noise";
  return value < 0 ? "worse" : "better";
}

/** `−0.003 (−0.006 to −0.001)`; with a fourth digit where three would print an end as 0. */
export function changeText({ value, low, high }: Interval): string {
  const digits = [low, high].some((end) => end !== null && end !== 0 && Math.abs(end) < 0.0005) ? 4 : 3;
  return `${signed(value, digits)}${ends({ low, high }, (end) => signed(end, digits))}`;
}

function effectDomains({ domainNames, effects }: CounterfactualReport): string[] {
  return namesByDomain(
    domainNames,
    effects.flatMap(({ tasks }) => tasks),
  );
}

/** Each change has a panel, and a page of paper holds several. */
const MOST_DOMAINS = 6;

/** Changes without a verdict are in the title and the table: their size means nothing, and would set the axis. */
export function counterfactualsChart(report: CounterfactualReport): Chart {
  const names = effectDomains(report);
  const clear = report.effects.filter(({ nested }) => nested === null);
  const changes = clear.flatMap(({ name, tasks }) =>
    tasks.map((task) => ({ name: `${capital(name)}: ${task.tower}`, rows: changeRows(task, names) })),
  );
  const axis = changeAxis(
    report,
    changes.flatMap(({ rows }) => rows.flatMap((row) => (isLeftOut(row) ? [] : [row.auc]))),
  );
  const panels = changes.map((change) => changePanel(change, axis));
  const split = report.effects.some(({ tasks }) => tasks.some(({ parts }) => parts !== null));
  const lines = (split ? 2 : 1) + (names.length < 2 ? 0 : domainRowCount(names.length, MOST_DOMAINS));
  return chart({
    title: counterfactualsTitle(report),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(lines), empty: "no changes with a verdict" }),
    sheet: counterfactualsSheet(report),
  });
}

function changeRows(task: TaskEffect, names: readonly string[]) {
  const domains = names.map((name, d) => {
    const auc = task.domains[d]?.auc ?? { value: null, low: null, high: null };
    return { name, auc, color: colour(d, names.length), main: false };
  });
  return [
    { name: task.parts === null ? ALL_ROWS : WITHIN, auc: mainChange(task), color: INK, main: true },
    ...(task.parts === null ? [] : [{ name: BETWEEN, auc: task.parts.between, color: PLAIN, main: false }]),
    ...(names.length < 2 ? [] : domainRows(domains, ({ auc }) => auc.value, MOST_DOMAINS)),
  ];
}

/** One axis for all changes, so that sizes can be compared. */
export function changeAxis(
  { user }: { readonly user: string | null },
  changes: readonly Interval[],
  name = "ΔAUC",
): JsonObject {
  const all = [0, ...changes.flatMap(({ value, low, high }) => [value, low, high].flatMap((at) => finite(at) ?? []))];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.05 * (high - low || 0.02);
  const range = [rounded(low - room), rounded(high + room)];
  return xAxis(intervalUnit(name, { level: 0.95, user }), { tickformat: ".3~f", range });
}

function changePanel(
  { name, rows }: { readonly name: string; readonly rows: ReturnType<typeof changeRows> },
  axis: JsonObject,
): Panel {
  const dots = rows.map((row) => {
    if (isLeftOut(row)) return row;
    const { name: place, auc, ...look } = row;
    return changeDot(place, auc, look, markup`${name}, ${place}`);
  });
  return dotRowsPanel({ title: name, rows: dots, reference: 0, axis });
}

function changeDot(name: string, auc: Interval, look: Pick<DotRow, "color" | "main">, place: Markup): DotRow {
  const change = `${signed(auc.value, 4)}${ends(auc, (end) => signed(end, 4))}`;
  return {
    ...look,
    name,
    value: auc.value,
    low: auc.low,
    high: auc.high,
    printed: signed(auc.value),
    hollow: !excludesZero(auc),
    hover: markup`${place}<br>${change}<br>${changeVerdict(auc)}`,
  };
}

function counterfactualsTitle({ effects }: CounterfactualReport): string {
  const open = effects.find(({ nested }) => nested !== null);
  const aucChanges = effects.flatMap(({ name, nested, tasks }) =>
    tasks.flatMap((task) => {
      const change = mainChange(task);
      const { value, low, high } = change;
      if (nested !== null || value === null || low === null || high === null) return [];
      return [{ name, tower: task.tower, value, low, high, isBeyond: excludesZero(change) }];
    }),
  );
  const split = effects.some(({ tasks }) => tasks.some(({ parts }) => parts !== null));
  const openText =
    open === undefined
      ? null
      : `what another domain does cannot be told: most values of ${inTitle(open.nested!)} are in one domain only`;
  if (aucChanges.length === 0) return capital(openText ?? "counterfactuals: no change of AUC is defined");
  const [first, ...others] = aucChanges.filter(({ isBeyond }) => isBeyond);
  if (first === undefined) {
    const changes = [...new Set(aucChanges.map(({ name }) => inTitle(name)))].join(", ");
    return sentence([`No change of AUC${split ? " within domains" : ""} beyond noise: ${changes}`, openText]);
  }
  const most = highest([first, ...others], ({ value }) => Math.abs(value))!;
  const within = aucChanges.length - 1 - others.length;
  return sentence([
    capital(`${inTitle(most.name)} changes the AUC of ${inTitle(most.tower)} most, by ${signed(most.value)}`),
    `${signed(most.low)} to ${signed(most.high)}${split ? ", within domains" : ""}`,
    within === 0 ? "no change is within noise" : `${within} of ${count(aucChanges.length, "change")} are within noise`,
    openText,
  ]);
}

/** What each gate does, and what it is worth: its values by domain, and the change of AUC if it is held at 1. */

interface GateRow {
  readonly gate: GateReport;
  readonly untrained: GateStatistics | null;
}
type Row = ReturnType<typeof worthRows>[number];

function gateRows({ gates, untrained }: GatesReport): GateRow[] {
  return gates.map((gate) => {
    return { gate, untrained: untrained.find((each) => siteName(each) === siteName(gate))?.overall ?? null };
  });
}

/** A row per gate and task that reads it. */
function worthRows(report: GatesReport) {
  return gateRows(report).flatMap((row) =>
    (report.effects?.cells ?? [])
      .filter((cell) => siteName(cell) === siteName(row.gate))
      .map((effect) => ({ ...row, effect })),
  );
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

const SPREAD_WIDTH = 0.9;
const LETTERS = 40;
/** With longer names of gates, the panel of values is above the panel of worth. */
const NAMES_BESIDE = 16;

/** Left: 5–95% of a gate's values by domain, in grey before training. Right: ΔAUC by task with it held at 1. */
export function gateWorthChart(report: GatesReport): Chart {
  const rows = gateWorthRows(report);
  return chart({ title: gateWorthTitle(report), rows, legendBelow: true, sheet: gateWorthSheet(report) });
}

/** The code that looks into a gate in a domain (`null`: all). */
export type GateCall = (gate: GateReport, domain: string | null) => string;

/** A gate on the axes: a row for each task that it acts on, or one. */
interface GateBlock {
  readonly gate: GateReport;
  readonly untrained: GateStatistics | null;
  readonly name: string;
  readonly first: number;
  readonly rows: number;
}

/** For a report without effects, only the values. */
export function gateWorthRows(report: GatesReport, call?: GateCall): PanelRow[] {
  const measured = worthRows(report);
  const rows = report.effects === null ? gateRows(report) : measured;
  if (rows.length === 0) return [{ height: dotRowsHeight(0), panels: [emptyPanel("no gates, or not measured")] }];
  const blocks = [...new Set(rows.map(({ gate }) => gate))].map((gate): GateBlock => {
    const of = rows.filter((row) => row.gate === gate);
    const name = gate.module === "epnet" ? "EPNet" : siteName(gate).replace(/^PPNet /, "");
    return { gate, untrained: of[0]!.untrained, name, first: rows.indexOf(of[0]!), rows: of.length };
  });
  const bars = Math.max(1, spreadNames(report).length);
  const isBeside = blocks.every(({ name }) => name.length <= NAMES_BESIDE);
  const spread = (height: number, places: readonly GateBlock[]): PanelRow => {
    return { height, panels: [spreadPanel(report, places, call)] };
  };
  const height = Math.max(dotRowsHeight(rows.length), rows.length * 9 * bars);
  if (report.effects === null) return [spread(height, blocks)];
  if (isBeside) return [{ height, panels: [...spread(height, blocks).panels, effectPanel(report, blocks, measured)] }];
  const single = blocks.map((block, first): GateBlock => ({ ...block, first, rows: 1 }));
  const worth = { height: dotRowsHeight(rows.length), panels: [effectPanel(report, blocks, measured)] };
  return [spread(Math.max(dotRowsHeight(single.length), single.length * 9 * bars), single), worth];
}

/** The domains with separate bars; if there are many, all rows. */
function spreadNames(report: GatesReport): string[] {
  const groups = groupNames(report);
  return groups.length > MAX_COLOURS ? [ALL_ROWS] : groups;
}

/** Lines between the rows of a gate and those of the next. */
function blockLines(blocks: readonly GateBlock[], [from, to]: readonly [number, number]): PlotlyTrace[] {
  return blocks.slice(1).map(({ first }) => {
    const y = first - 0.5;
    return rule({ from: [from, y], to: [to, y], color: GRID, dash: "solid" });
  });
}

function spreadPanel(report: GatesReport, blocks: readonly GateBlock[], call: GateCall | undefined): Panel {
  const groups = groupNames(report);
  const legends = spreadNames(report);
  const short = shortenAll(legends);
  const domainOf = (d: number): string | null =>
    report.domainNames.length > 0 && legends.length === groups.length ? groups[d]! : null;
  // As high as one row, so that no bar is beside a task's number.
  const middle = ({ first, rows }: GateBlock): number => first + (rows - 1) / 2;
  const ghosts = blocks.flatMap((block): PlotlyTrace[] => {
    if (block.untrained === null) return [];
    const [low, , , , high] = block.untrained.quantiles;
    const hover = markup`${siteName(block.gate)} before training<br>5–95%: ${fixed(low)} to ${fixed(high)}`;
    const y = [middle(block) - SPREAD_WIDTH / 2, middle(block) + SPREAD_WIDTH / 2] as const;
    return [area({ x: [low, high], y, color: INK, width: 1, fill: faded(INK, 0.15), hover })];
  });
  const spreads = blocks.flatMap((block) => {
    const { gate } = block;
    const all = legends.length < groups.length ? [gate.overall] : groupStatistics(gate, groups.length);
    return all.flatMap((at, d): PlotlyTrace[] => {
      if (at === null) return [];
      const y = rounded(middle(block) + SPREAD_WIDTH * ((d + 0.5) / all.length - 0.5));
      const [low, , median, , high] = at.quantiles;
      const color = legends.length === 1 ? INK : colour(d, legends.length);
      const hover = markup`${siteName(gate)}, ${legends[d]!}<br>median ${fixed(median)}, 5–95%: ${fixed(low)} to ${fixed(high)}`;
      return [
        line({ x: [low, high], y: [y, y], color, width: 2.5, hover: "none" }),
        dots({ x: [median], y: [y], color, size: 6, hover: [hover], calls: call && [call(gate, domainOf(d))] }),
      ];
    });
  });
  const keys = legends.length === 1 ? [] : short.map((name, d) => dotKey(name, colour(d, legends.length)));
  const most = 1.02 * Math.max(1, ...blocks.map(({ gate }) => gate.gamma));
  const end = blocks.at(-1)!.first + blocks.at(-1)!.rows - 0.5;
  const { yaxis, left } = rowNames(
    blocks.map(({ name }) => name),
    { letters: LETTERS },
  );
  return {
    title: "what it does: 5–95% of its values",
    marks: [
      ...blockLines(blocks, [0, most]),
      ...ghosts,
      rule({ from: [1, -0.5], to: [1, end] }),
      ...spreads,
      ...keys,
      ...(ghosts.length === 0 ? [] : [dotKey("before training", INK)]),
    ],
    xaxis: xAxis("gate (1: no change)", { range: [0, most], nticks: 5 }),
    yaxis: { ...yaxis, tickvals: blocks.map(middle), range: [end, -0.5] },
    left,
  };
}

function effectPanel(report: GatesReport, blocks: readonly GateBlock[], measured: readonly Row[]): Panel {
  const rows = blocks.flatMap(({ name, first, rows: count }) =>
    measured.slice(first, first + count).map(({ gate, effect: { auc, task } }) => {
      const label = gate.module === "epnet" ? `${name}, on ${task}` : name;
      return changeDot(label, auc, { color: INK, main: false }, markup`${siteName(gate)} at 1: ${task}`);
    }),
  );
  const axis = changeAxis(
    report.effects!,
    measured.map(({ effect }) => effect.auc),
  );
  const panel = dotRowsPanel({ title: "what it is worth: held at 1", rows, reference: 0, axis, letters: LETTERS });
  return { ...panel, marks: [...blockLines(blocks, axis["range"] as [number, number]), ...panel.marks] };
}

/** For charts of what gates look like, which say nothing about their effect; `null`: not measured. */
export function worthClause(report: GatesReport): string | null {
  if (report.effects === null || report.gates.length === 0) return null;
  const { helps, hurts } = extremes(worthRows(report).filter(isWorth));
  const most = helps ?? hurts;
  if (most === undefined) return "no gate held at 1 changes AUC beyond noise";
  const says = helps === undefined ? `${siteName(most.gate)} hurts` : `worth most is ${siteName(most.gate)}`;
  return `${says}: at 1, the AUC of ${inTitle(most.effect.task)} changes by ${signed(most.effect.auc.value)}`;
}

/** The row whose gate is worth most: without it AUC falls most; and the one whose gate hurts most. */
function extremes(beyond: readonly Row[]): { readonly helps: Row | undefined; readonly hurts: Row | undefined } {
  return {
    helps: highest(
      beyond.filter(({ effect }) => effect.auc.value! < 0),
      ({ effect }) => -effect.auc.value!,
    ),
    hurts: highest(
      beyond.filter(({ effect }) => effect.auc.value! > 0),
      ({ effect }) => effect.auc.value!,
    ),
  };
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
  const { helps, hurts } = extremes(beyond);
  const most = helps ?? hurts;
  if (most === undefined) return `In this training, no gate held at 1 changes AUC${place} beyond noise`;
  const { gate, effect } = most;
  const change = changeText(effect.auc);
  const hurting = beyond.filter(({ effect: { auc } }) => auc.value! > 0).length;
  return sentence([
    `In this training, ${siteName(gate)} ${helps === undefined ? "hurts" : "is worth most"} (AUC ${signed(effect.auc.value)} without it)`,
    `with it at 1, the AUC of ${inTitle(effect.task)}${place} changes by ${change}`,
    hurting === 0 || helps === undefined ? null : `${count(hurting, "change")} for the better: these gates hurt`,
    `${measured.length - beyond.length} of ${count(measured.length, "change")} within noise`,
  ]);
}
