/** EPNet's mean gate of every feature field in every domain, on a log2 scale around 1 (unchanged). */
import type { FieldGates, GatesReport } from "../gates/types.js";
import type { Cell, Table } from "../tables/index.js";
import type { Json } from "../util/json.js";
import { compose, type Panel } from "./compose.js";
import type { Chart } from "./figure.js";
import { heatPanel } from "./heat.js";
import { finite, rounded } from "./numbers.js";
import { hoverName, nameDomains } from "./tasks.js";
import { count, fixed } from "./text.js";
import { DIVERGING } from "./theme.js";

/** More fields than this do not fit a screen: those that stray farthest from 1 are drawn, the table has all. */
const MAX_FIELDS = 40;
/** Pixels that the fields' names and the colour bar leave to the axes. */
const AXES_WIDTH = 380;
/** Colours span at least ±10 %, so that noise around 1 stays pale. */
const LEAST_SPAN = Math.log2(1.1);
/** A closed gate (0) has no logarithm. */
const CLOSED = 1e-3;

/** Field × domain heat map of mean gates. */
export function fieldGatesChart(report: GatesReport): Chart {
  const title = fieldGatesTitle(report);
  const panel = fieldGatesPanel(report);
  const figure = compose({ title, rows: [{ height: heatHeight(report), panels: [panel] }] });
  return { title, figure, table: fieldGatesTable(report) };
}

/** Height of the heat map in pixels. */
export function heatHeight(report: GatesReport): number {
  return Math.max(120, Math.min(report.fields.length, MAX_FIELDS) * 20);
}

/** The axes of {@link fieldGatesChart}, for figures of several panels. */
export function fieldGatesPanel(report: GatesReport): Panel {
  const fields = shownFields(report.fields);
  const domains = fieldDomains(report);
  const scaled = fields.map((field) => domains.map((_, d) => logGate(field.means[d])));
  const span = Math.max(LEAST_SPAN, ...scaled.flat().map((value) => (value === null ? 0 : Math.abs(value))));
  const limit = Math.min(span, 3);
  const mean = (f: number, d: number, digits: number): string => fixed(fields[f]?.means[d], digits);
  return heatPanel(
    {
      title: "EPNet: mean gate by field",
      rows: fields.map(({ field }) => field),
      columns: domains,
      values: scaled,
      range: [-limit, limit],
      colorscale: DIVERGING as Json,
      colorbar: factorBar(limit),
      cell: (f, d) => mean(f, d, 2),
      hover: (f, d) => `${hoverName(fields[f]?.field ?? "", domains[d] ?? "")}<br>mean gate ${mean(f, d, 4)}`,
      gap: "no rows",
    },
    { width: AXES_WIDTH, height: heatHeight(report) },
  );
}

function factorBar(limit: number): { title: Json; tickvals: number[]; ticktext: string[] } {
  const marks = [-1, -0.5, 0, 0.5, 1].map((share) => share * limit);
  return {
    title: { text: "factor", side: "top" },
    tickvals: marks,
    ticktext: marks.map((mark) => `× ${(2 ** mark).toFixed(2)}`),
  };
}

/** What the heat map shows: the field that the domains treat most differently from 1. */
export function fieldGatesTitle(report: GatesReport): string {
  if (report.fields.length === 0) return "EPNet gates by field: this model has no EPNet";
  const far = farthest(report);
  const shown = report.fields.length > MAX_FIELDS ? ` (${MAX_FIELDS} of ${count(report.fields.length, "field")})` : "";
  if (far === null) return `Gates by field and domain${shown}: no rows`;
  const amount = `× ${fixed(far.mean, 2)}`;
  return `Gates by field and domain${shown}: × 1 leaves a field as it is; farthest is ${far.field} in ${far.domain} (${amount})`;
}

function farthest(report: GatesReport): { field: string; domain: string; mean: number } | null {
  const names = fieldDomains(report);
  let best: { field: string; domain: string; mean: number } | null = null;
  for (const { field, means } of report.fields) {
    means.forEach((mean, d) => {
      const distance = Math.abs(logGate(mean) ?? 0);
      if (mean !== null && (best === null || distance > Math.abs(logGate(best.mean) ?? 0))) {
        best = { field, domain: names[d] as string, mean };
      }
    });
  }
  return best;
}

function shownFields(fields: readonly FieldGates[]): readonly FieldGates[] {
  if (fields.length <= MAX_FIELDS) return fields;
  const stray = (field: FieldGates): number => Math.max(...field.means.map((mean) => Math.abs(logGate(mean) ?? 0)));
  const kept = new Set([...fields].sort((a, b) => stray(b) - stray(a)).slice(0, MAX_FIELDS));
  return fields.filter((field) => kept.has(field));
}

function fieldDomains(report: GatesReport): string[] {
  const total = Math.max(report.domainNames.length, ...report.fields.map((field) => field.means.length));
  return report.domainNames.length === 0 && total <= 1 ? ["all rows"] : nameDomains(report.domainNames, total);
}

function logGate(mean: number | null | undefined): number | null {
  const value = finite(mean);
  return value === null ? null : rounded(Math.log2(Math.max(value, CLOSED)));
}

function fieldGatesTable(report: GatesReport): Table {
  const domains = fieldDomains(report);
  return {
    caption: "EPNet: mean gate by field and domain (1 leaves the field as it is)",
    columns: [{ name: "field" }, ...domains.map((name) => ({ name, digits: 4 }))],
    rows: report.fields.map((field): Cell[] => [field.field, ...domains.map((_, d) => field.means[d] ?? null)]),
  };
}
