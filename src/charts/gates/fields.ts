/** EPNet's mean gate of every feature field in every domain, on a log2 scale around 1 (unchanged). */
import type { FieldGates, GatesReport } from "../../gates/index.js";
import { fieldDomains, fieldGatesSheet } from "../../tables/index.js";
import type { JsonObject } from "../../util/json.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { heatPanel, type Panel, panelChart } from "../panels/index.js";
import { DIVERGING, finite, markup, rounded } from "../theme/index.js";

/** Largest number of fields: those that differ most from 1 are drawn, the table has all. */
const MAX_FIELDS = 40;
/** Pixels for the axes, after the fields' names and the colour bar. */
const AXES_WIDTH = 380;
/** Colours span at least ±10%, so that noise around 1 stays pale. */
const LEAST_SPAN = Math.log2(1.1);
/** A closed gate (0) has no logarithm. */
const CLOSED = 1e-3;

/** Field × domain heat map of mean gates. */
export function fieldGatesChart(report: GatesReport): Chart {
  return panelChart(fieldGatesTitle(report), fieldGatesPanel(report), fieldsHeight(report), fieldGatesSheet(report));
}

/** Height of the heat map in pixels. */
export function fieldsHeight({ fields }: GatesReport): number {
  return Math.max(120, Math.min(fields.length, MAX_FIELDS) * 20);
}

/** The axes of {@link fieldGatesChart}, for figures of several panels. */
export function fieldGatesPanel(report: GatesReport): Panel {
  const fields = shownFields(report.fields);
  const domains = fieldDomains(report);
  const values = fields.map((field) => domains.map((_, d) => logGate(field.means[d])));
  const span = Math.max(LEAST_SPAN, ...values.flat().map((value) => Math.abs(value ?? 0)));
  const limit = Math.min(span, 3);
  const mean = (f: number, d: number, digits: number): string => fixed(fields[f]?.means[d], digits);
  return heatPanel(
    {
      title: "EPNet: mean gate by field",
      rows: fields.map(({ field }) => field),
      columns: domains,
      values,
      range: [-limit, limit],
      scale: DIVERGING,
      bar: factorBar(limit),
      cell: (f, d) => mean(f, d, 2),
      hover: (f, d) => markup`${fields[f]!.field}, ${domains[d]!}<br>mean gate ${mean(f, d, 4)}`,
      gap: "no rows",
    },
    { width: AXES_WIDTH, height: fieldsHeight(report) },
  );
}

function factorBar(limit: number): JsonObject {
  const ticks = [-1, -0.5, 0, 0.5, 1].map((share) => share * limit);
  return {
    title: { text: "factor", side: "top" },
    tickvals: ticks,
    ticktext: ticks.map((tick) => `× ${fixed(2 ** tick, 2)}`),
  };
}

/** The field and domain whose mean gate differs most from 1. */
export function fieldGatesTitle(report: GatesReport): string {
  if (report.fields.length === 0) return "EPNet gates by field: this model has no EPNet";
  const most = farthest(report);
  const selection =
    report.fields.length > MAX_FIELDS ? ` (${MAX_FIELDS} of ${count(report.fields.length, "field")})` : "";
  if (most === null) return `Gates by field and domain${selection}: no rows`;
  const where = `${most.field} in ${most.domain} (× ${fixed(most.mean, 2)})`;
  return `Gates by field and domain${selection}: × 1 leaves a field unchanged; farthest is ${where}`;
}

function farthest(report: GatesReport): { field: string; domain: string; mean: number } | null {
  const names = fieldDomains(report);
  const points = report.fields.flatMap(({ field, means }) =>
    means.flatMap((mean, d) => (mean === null ? [] : [{ field, domain: names[d]!, mean }])),
  );
  const distance = (mean: number): number => Math.abs(logGate(mean) ?? 0);
  return points.reduce<(typeof points)[number] | null>(
    (best, each) => (best === null || distance(each.mean) > distance(best.mean) ? each : best),
    null,
  );
}

function shownFields(fields: readonly FieldGates[]): readonly FieldGates[] {
  if (fields.length <= MAX_FIELDS) return fields;
  const stray = (field: FieldGates): number => Math.max(...field.means.map((mean) => Math.abs(logGate(mean) ?? 0)));
  const farthestFields = new Set([...fields].sort((a, b) => stray(b) - stray(a)).slice(0, MAX_FIELDS));
  return fields.filter((field) => farthestFields.has(field));
}

function logGate(mean: number | null | undefined): number | null {
  const value = finite(mean);
  return value === null ? null : rounded(Math.log2(Math.max(value, CLOSED)));
}
