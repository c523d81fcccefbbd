/** The views of EPNet's gates by feature field, and of gates over training. */

import { siteName } from "../../../core/spec/model.js";
import type { JsonObject } from "../../../core/util/json.js";
import { count, fixed, grouped, percent } from "../../../core/util/text.js";
import type { FieldGates, GateReport, GateStatistics, GatesPoint, GatesReport } from "../../gates/types.js";
import { chart, heatPanel, type Panel, panelChart, panelRows, yAxis } from "../compose.js";
import { band } from "../lines.js";
import { type OverlaidCurve, overlayPanel } from "../overlay.js";
import { DIVERGING, finite, highest, inTitle, MAX_COLOURS, markup, rounded, sentence, tidy } from "../theme.js";
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
/** Colours span at least ±10%, so that noise around 1 stays pale. */
const LEAST_SPAN = Math.log2(1.1);
/** A closed gate (0) has no logarithm. */
const CLOSED = 1e-3;
const EQUAL = 1.02;
const MEAN = "mean";

/** The code that looks into a field's gates in a domain (`null`: all). */
type FieldCall = (field: string, domain: string | null) => string;

export function fieldGatesChart(report: GatesReport, call?: FieldCall): Chart {
  const panel = fieldGatesPanel(report, call);
  return panelChart(fieldGatesTitle(report), panel, fieldsHeight(report), fieldGatesSheet(report));
}

export function fieldsHeight({ fields }: GatesReport): number {
  return Math.max(120, Math.min(fields.length, MAX_FIELDS) * 20);
}

/**
 * The axes of {@link fieldGatesChart}: each field's mean over domains, then its domains' deviations, most apart first.
 */
export function fieldGatesPanel(report: GatesReport, call?: FieldCall): Panel {
  const fields = shownFields(report.fields);
  const names = fieldDomains(report);
  const domains = names.length < 2 ? [] : names;
  const columns = [domains.length === 0 ? names[0]! : MEAN, ...domains];
  const value = (f: number, c: number): number | null => {
    const mean = meanLog(fields[f]!);
    if (c === 0) return mean;
    const gate = logGate(fields[f]!.means[c - 1]);
    return gate === null || mean === null ? null : rounded(gate - mean);
  };
  const values = fields.map((_, f) => columns.map((__, c) => value(f, c)));
  const span = Math.max(LEAST_SPAN, ...values.flat().map((each) => Math.abs(each ?? 0)));
  const limit = Math.min(span, 3);
  const factor = (f: number, c: number): string => {
    const each = values[f]![c]!;
    return each === null ? "" : `× ${fixed(2 ** each, 2)}`;
  };
  return heatPanel({
    title: `EPNet: mean gate by field${domains.length === 0 ? "" : ", and each domain relative to it"}`,
    rows: fields.map(({ field }) => field),
    columns,
    values,
    range: [-limit, limit],
    scale: DIVERGING,
    bar: factorBar(limit),
    cell: factor,
    hover: (f, c) => {
      const gate = c === 0 ? 2 ** (values[f]![0] ?? 0) : fields[f]!.means[c - 1];
      const relative = c === 0 ? "" : `, ${factor(f, c)} the field's mean`;
      return markup`${fields[f]!.field}, ${columns[c]!}<br>mean gate ${fixed(gate, 4)}${relative}`;
    },
    call: call && ((f, c) => call(fields[f]!.field, c === 0 ? null : columns[c]!)),
    gap: "no rows",
    height: fieldsHeight(report),
  });
}

function factorBar(limit: number): JsonObject {
  const ticks = [-1, -0.5, 0, 0.5, 1].map((share) => share * limit);
  return {
    title: { text: "factor", side: "top" },
    tickvals: ticks,
    ticktext: ticks.map((tick) => `× ${fixed(2 ** tick, 2)}`),
  };
}

export function fieldGatesTitle(report: GatesReport): string {
  if (report.fields.length === 0) return "EPNet gates by field: this model has no EPNet";
  const names = fieldDomains(report);
  const selection =
    report.fields.length > MAX_FIELDS ? ` (${MAX_FIELDS} of ${count(report.fields.length, "field")})` : "";
  const ranges = report.fields.flatMap(({ field, means }) => {
    const gates = means.flatMap((mean, d) => (finite(mean) === null ? [] : [{ mean: mean!, name: names[d]! }]));
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
  const means = fields.map((field) => meanLog(field)).flatMap((mean) => (mean === null ? [] : [2 ** mean]));
  const open = means.filter((mean) => mean > 0.95 * gamma).length;
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

/** The logarithm of the geometric mean over the domains; `null` without rows. */
function meanLog(field: FieldGates): number | null {
  const gates = logGates(field);
  return gates.length === 0 ? null : rounded(gates.reduce((sum, gate) => sum + gate, 0) / gates.length);
}

function logGates({ means }: FieldGates): number[] {
  return means.flatMap((mean) => logGate(mean) ?? []);
}

function logGate(mean: number | null | undefined): number | null {
  const value = finite(mean);
  return value === null ? null : rounded(Math.log2(Math.max(value, CLOSED)));
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

/** From the 5% to the 95% quantile of all rows. */
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
