/** The views of EPNet's gates by feature field, and of gates over training. */

import { siteName } from "../../../core/spec/model.js";
import { mean } from "../../../core/util/numbers.js";
import { count, fixed, grouped, percent } from "../../../core/util/text.js";
import type { FieldGates, GateReport, GateStatistics, GatesPoint, GatesReport } from "../../gates/types.js";
import { chart, type Panel, panelRows, rowNames, xAxis, yAxis } from "../compose.js";
import { band, dots, line, rule } from "../lines.js";
import { words } from "../mark.js";
import { type OverlaidCurve, overlayPanel } from "../overlay.js";
import {
  colour,
  FONT_SIZE,
  finite,
  GRID,
  highest,
  INK,
  inTitle,
  LEAST_WIDTH,
  MAX_COLOURS,
  markup,
  ONE_OF_MANY,
  rounded,
  sentence,
  shortenAll,
  tidy,
} from "../theme.js";
import {
  ALL_ROWS,
  type Chart,
  col,
  domainColumns,
  groupNames,
  groupStatistics,
  nameDomains,
  type PlotlyTrace,
  type Sheet,
  sheetFrom,
  siteColumns,
} from "../view.js";
import { worthClause } from "./counterfactuals.js";
import { quantileColumns } from "./statistics.js";

export function fieldGatesSheet(report: GatesReport): Sheet {
  return sheetFrom("EPNet: mean gate by field and domain (1 leaves the field unchanged)", report.fields, [
    col.text("field", ({ field }) => field),
    fieldDomains(report).map((name, domain) => col.number(name, ({ means }) => means[domain], 4)),
  ]);
}

function fieldDomains(report: GatesReport): string[] {
  const total = Math.max(report.domainNames.length, ...report.fields.map((field) => field.means.length));
  return report.domainNames.length === 0 && total <= 1 ? [ALL_ROWS] : nameDomains(report.domainNames, total);
}

const MAX_FIELDS = 40;
/** The axis spans at least ±10%, so that noise around 1 stays small. */
const LEAST_SPAN = 0.1;
/** A closed gate (0) has no logarithm. */
const CLOSED = 1e-3;
const EQUAL = 1.02;
const DOT = 8;
/** The share of a row's height over which a few domains' dots are spread. */
const SPREAD = 0.4;
/** Of the names of domains beside their dots, and the pixels of a letter. */
const LETTERS = 12;
const LETTER = 7;

/** The code that looks into a field's gates in a domain (`null`: all). */
type FieldCall = (field: string, domain: string | null) => string;

export function fieldGatesChart(report: GatesReport, call?: FieldCall): Chart {
  const rows = [{ height: fieldsHeight(report), panels: [fieldGatesPanel(report, call)] }];
  return chart({ title: fieldGatesTitle(report), rows, legendBelow: true, sheet: fieldGatesSheet(report) });
}

export function fieldsHeight({ fields }: GatesReport): number {
  return Math.max(120, Math.min(fields.length, MAX_FIELDS) * 20);
}

/**
 * The axes of {@link fieldGatesChart}: one row per field, the largest spread first, and one dot per domain; with many domains, the extremes are named.
 * @param inLegend whether no other panel has the domains in its legend
 */
export function fieldGatesPanel(report: GatesReport, call?: FieldCall, inLegend = true): Panel {
  const fields = shownFields(report.fields);
  const names = fieldDomains(report);
  const few = names.length <= MAX_COLOURS;
  const all = fields.flatMap(({ field, means }, row) =>
    names.flatMap((name, d): FieldDot[] => {
      const gate = tidy(means[d]);
      return gate === null ? [] : [{ field, row, name, d, gate }];
    }),
  );
  const gates = [1 - LEAST_SPAN, 1 + LEAST_SPAN, ...all.map(({ gate }) => gate)];
  const [low, high] = [Math.min(...gates), Math.max(...gates)];
  const { yaxis, left } = rowNames(fields.map(({ field }) => field));
  const letters = few ? 1 : LETTERS + 1;
  const share = Math.min(0.3, (letters * LETTER) / (LEAST_WIDTH - left));
  const room = ((high - low) * share) / (1 - 2 * share);
  const domains = few ? names.map((_, d) => all.filter((dot) => dot.d === d)) : [all];
  return {
    title: "EPNet: mean gate by field",
    marks: [
      rule({ from: [1, -0.5], to: [1, fields.length - 0.5] }),
      ...rangeLines(fields, names.length < 2),
      ...domains.map((dots, d) => domainDots(dots, names, few ? d : null, { call, inLegend: inLegend || !few })),
      ...(few ? [] : extremeNames(all, names)),
    ],
    xaxis: xAxis("gate (1: no change)", { range: [rounded(low - room), rounded(high + room)], nticks: 5 }),
    yaxis,
    left,
  };
}

interface FieldDot {
  readonly field: string;
  readonly row: number;
  readonly name: string;
  readonly d: number;
  readonly gate: number;
}

/** From a field's lowest gate to its highest; for a single domain, from 1. */
function rangeLines(fields: readonly FieldGates[], isSingle: boolean): PlotlyTrace[] {
  const ends = fields.flatMap(({ means }, row) => {
    const gates = [...means, isSingle ? 1 : null].flatMap((gate) => tidy(gate) ?? []);
    return gates.length < 2 ? [] : [{ x: [Math.min(...gates), Math.max(...gates), null], y: [row, row, null] }];
  });
  const [x, y] = [ends.flatMap((end) => end.x), ends.flatMap((end) => end.y)];
  return ends.length === 0 ? [] : [line({ x, y, color: GRID, width: 3, hover: "none" })];
}

/** @param domain the one of all dots; `null`: they belong to several */
function domainDots(
  all: readonly FieldDot[],
  names: readonly string[],
  domain: number | null,
  { call, inLegend }: { readonly call: FieldCall | undefined; readonly inLegend: boolean },
): PlotlyTrace {
  const legend =
    domain === null ? { name: `each of ${names.length} domains` } : { name: shortenAll(names)[domain]!, letters: 40 };
  return dots({
    x: all.map(({ gate }) => gate),
    y: all.map(({ row }) => (domain === null ? row : rounded(row + ((domain + 0.5) / names.length - 0.5) * SPREAD))),
    color: domain === null ? ONE_OF_MANY : names.length < 2 ? INK : colour(domain, names.length),
    size: domain === null ? DOT - 2 : DOT,
    opacity: domain === null ? 0.6 : undefined,
    legend: { ...legend, inLegend: inLegend && names.length > 1 },
    hover: all.map(({ field, name, gate }) => markup`${field}, ${name}<br>mean gate ${fixed(gate, 4)}`),
    calls: call && all.map(({ field, name }) => call(field, names.length < 2 ? null : name)),
  });
}

/** The names of each field's lowest and highest domain beside their dots, which narrow axes leave out. */
function extremeNames(all: readonly FieldDot[], names: readonly string[]): PlotlyTrace[] {
  const short = shortenAll(names, LETTERS);
  const rows = [...new Set(all.map(({ row }) => row))].map((row) => all.filter((dot) => dot.row === row));
  return ([-1, 1] as const).map((side) => {
    const ends = rows.map((row) => highest(row, ({ gate }) => side * gate)!);
    const mark = words({
      x: ends.map(({ gate }) => gate),
      y: ends.map(({ row }) => row),
      texts: ends.map(({ d }) => (side < 0 ? `${short[d]!}\u2002` : `\u2002${short[d]!}`)),
      place: side < 0 ? "middle left" : "middle right",
      size: FONT_SIZE - 2,
    });
    return { ...mark, meta: { columns: 4, letters: LETTERS } };
  });
}

export function fieldGatesTitle(report: GatesReport): string {
  if (report.fields.length === 0) return "EPNet gates by field: this model has no EPNet";
  const names = fieldDomains(report);
  const selection =
    report.fields.length > MAX_FIELDS ? ` (${MAX_FIELDS} of ${count(report.fields.length, "field")})` : "";
  const ranges = report.fields.flatMap(({ field, means }) => {
    const gates = means.flatMap((gate, d) => (finite(gate) === null ? [] : [{ mean: gate!, name: names[d]! }]));
    const [low, high] = [highest(gates, ({ mean }) => -mean), highest(gates, ({ mean }) => mean)];
    if (low === undefined || high === undefined) return [];
    return [{ field, low, high, ratio: high.mean / Math.max(low.mean, CLOSED) }];
  });
  const most = highest(ranges, ({ ratio }) => ratio);
  if (most === undefined) return `Gates by field and domain${selection}: no rows`;
  const saturation = saturatedText(report);
  if (names.length < 2) {
    const far = highest(ranges, ({ low }) => Math.abs(Math.log(low.mean)))!;
    return sentence([
      `Gates by field${selection}: furthest from × 1 is ${far.field} (× ${fixed(far.low.mean, 2)})`,
      saturation,
    ]);
  }
  const ends = [most.high, most.low].map(({ mean, name }) => `× ${fixed(mean, 2)} in ${inTitle(name, names)}`);
  return sentence([
    most.ratio < EQUAL
      ? `EPNet's gates of every field are equal in all domains${selection} (within ${percent(most.ratio - 1)})`
      : `EPNet's gates differ most for ${inTitle(most.field)}${selection}, by × ${fixed(most.ratio, 2)}`,
    most.ratio < EQUAL ? null : ends.join(", "),
    saturation,
    worthClause(report),
  ]);
}

/** `12 of 16 fields are saturated at γ = 2`. */
function saturatedText({ fields, gates }: GatesReport): string | null {
  const gamma = gates.find(({ module }) => module === "epnet")?.gamma;
  if (gamma === undefined) return null;
  const means = fields.flatMap((field) => {
    const gates = field.means.flatMap((each) => finite(each) ?? []);
    return gates.length === 0 ? [] : [mean(gates)];
  });
  const open = means.filter((each) => each > 0.95 * gamma).length;
  return `${open === 0 ? "no field is" : `${open} of ${count(means.length, "field")} ${open === 1 ? "is" : "are"}`} saturated at γ = ${gamma}`;
}

function shownFields(fields: readonly FieldGates[]): readonly FieldGates[] {
  const apart = (field: FieldGates): number => {
    const gates = logGates(field);
    if (gates.length === 0) return Number.NEGATIVE_INFINITY;
    return gates.length === 1 ? Math.abs(gates[0]!) : Math.max(...gates) - Math.min(...gates);
  };
  return [...fields].sort((a, b) => apart(b) - apart(a)).slice(0, MAX_FIELDS);
}

function logGates({ means }: FieldGates): number[] {
  return means.flatMap((each) => (finite(each) === null ? [] : [Math.log2(Math.max(each!, CLOSED))]));
}

export function gateHistorySheet(history: readonly GatesPoint[]): Sheet {
  const last = history.at(-1)?.gates;
  const rows = history.flatMap(({ step, gates }) =>
    gates.gates.flatMap((gate) =>
      [gate.overall, ...gate.domains].map((at) => ({ step, gate, domain: at.domain ?? -1, at })),
    ),
  );
  return sheetFrom(`Quantiles of gates at ${count(history.length, "evaluation")}`, rows, [
    col.count("step", ({ step }) => step),
    siteColumns,
    domainColumns(last === undefined ? [] : groupNames(last)),
    col.count("rows", ({ at }) => at.rows),
    quantileColumns(({ at }) => (at.rows === 0 ? null : at)),
  ]);
}

const AXES = { width: 240, height: 170 } as const;

export function gateHistoryChart(history: readonly GatesPoint[]): Chart {
  const last = history.at(-1)?.gates;
  const names = last === undefined ? [] : groupNames(last);
  const panels = (last?.gates ?? []).map((gate, g) => gatePanel(history, gate, g, names));
  const empty = history.length === 0 ? "not recorded" : "no gates";
  return chart({
    title: historyTitle(history),
    rows: panelRows(panels, { across: 2, height: AXES.height, empty }),
    sheet: gateHistorySheet(history),
    legendBelow: true,
  });
}

function gatePanel(history: readonly GatesPoint[], gate: GateReport, index: number, names: readonly string[]): Panel {
  const single = gate.domains.length === 0;
  const x = history.map(({ step }) => step);
  const curves = names.map((name, d): OverlaidCurve => {
    const y = history.map((point) => {
      const at = gateAt(point, index);
      return tidy(at && groupStatistics(at, names.length)[d]?.quantiles[2]);
    });
    return { name: single ? "median" : name, x, y, hover: markup`${name}<br>step %{x:,}: median %{y:.3f}` };
  });
  const options = { ...AXES, coloured: MAX_COLOURS, range: [0, gate.gamma] as const };
  const panel = overlayPanel(siteName(gate), "", curves, options);
  return {
    ...panel,
    marks: [...quantileBand(history, index, index === 0), ...panel.marks],
    yaxis: yAxis(index % 2 === 0 ? "gate value" : "", { range: [0, gate.gamma], nticks: 5 }),
  };
}

/** The range from the 5% to the 95% quantile of all rows. */
function quantileBand(history: readonly GatesPoint[], index: number, inLegend: boolean): PlotlyTrace[] {
  const overall = history.map((point) => gateAt(point, index)?.overall);
  return band({
    x: history.map(({ step }) => step),
    low: overall.map((at) => tidy(at?.quantiles[0])),
    high: overall.map((at) => tidy(at?.quantiles[4])),
    edge: 0.5,
    legend: { name: `5–95% of ${ALL_ROWS}`, group: "band", inLegend },
    hover: {
      template: markup`${ALL_ROWS}<br>step %{x:,}: 5–95% %{customdata}`,
      each: overall.map((at) => markup`${fixed(at?.quantiles[0])} to ${fixed(at?.quantiles[4])}`),
    },
  });
}

function gateAt(point: GatesPoint, index: number): GateReport | undefined {
  return point.gates.gates[index];
}

function historyTitle(history: readonly GatesPoint[]): string {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined) {
    return "Gates over training: not recorded; use fit(data, { gates: true })";
  }
  const changes = last.gates.gates.map((gate, g) => {
    const [from, to] = [width(gateAt(first, g)?.overall), width(gate.overall)];
    return { name: siteName(gate), from, to };
  });
  const most = highest(changes, ({ from, to }) => Math.abs(to - from));
  if (most === undefined) return "Gates over training: this model has no gates";
  const where = `${most.name}'s 5–95% range`;
  if (first === last) return `Gates at step ${grouped(last.step)}: ${where} is ${fixed(most.to, 2)} wide`;
  const verb = most.to >= most.from ? "widened" : "narrowed";
  const evaluations = count(history.length, "evaluation");
  return sentence([`${where} ${verb} most, ${fixed(most.from, 2)} → ${fixed(most.to, 2)}`, `over ${evaluations}`]);
}

function width(at: GateStatistics | undefined): number {
  return at === undefined ? 0 : at.quantiles[4] - at.quantiles[0];
}
