/**
 * Typed columns, of which one list per result defines its table and records; and the names of tasks, domains and
 * metrics.
 */

import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import type { Evaluation, MetricName, TaskEvaluation } from "../../core/metrics/types.js";
import type { TimePlaces } from "../../core/port/notebook.js";
import { siteName } from "../../core/spec/model.js";
import type { JsonObject } from "../../core/util/json.js";
import { asMarked, type MarkedText } from "../../core/util/measured.js";
import { count, percent } from "../../core/util/text.js";
import type { StudyReport, StudyTask, StudyVariant } from "../ablation/study.js";
import type { GateReport, GateStatistics, GatesReport } from "../gates/types.js";
import type { Cell, Table, TableColumn } from "./format.js";
import { inTitle } from "./theme.js";

/** The format of a column's values: counts are grouped by thousands, shares are percentages, flags are yes or no. */
export type ColumnKind = "text" | "count" | "number" | "share" | "flag" | "any";

/** A missing value is a gap: `null` in records, a dash in tables. */
type Value<Row, Type> = (row: Row) => Type | null | undefined;

export type Column<Row> = {
  /** The name in records. Default: not in records. */
  readonly key?: string | undefined;
  /** The heading in tables. Default: not in tables. */
  readonly heading?: string | undefined;
  /** Digits after the point in tables. Default: four significant digits; one digit for a share. */
  readonly digits?: number | undefined;
  /** Whether each run or machine measures the values again. */
  readonly isMeasured?: boolean;
  /** Whether tables show numbers as data have them, such as the id 2434. */
  readonly isPlain?: boolean;
} & (
  | { readonly kind: "text"; readonly value: Value<Row, string | MarkedText> }
  | { readonly kind: "count" | "number" | "share"; readonly value: Value<Row, number> }
  | { readonly kind: "flag"; readonly value: Value<Row, boolean> }
  /** Values of more than one type, such as the settings of a study's variants. */
  | { readonly kind: "any"; readonly value: Value<Row, Cell> }
);

/** A column's key, which is also its heading, or both; without one of them it is not in records, or not in tables. */
type Name = string | readonly [key: string | null | undefined, heading: string | null | undefined];

/** Makes columns: `col.number("low", ({ low }) => low, 4)`, `col.text(["task", null], ({ tower }) => tower)`. */
export const col = {
  text<Row>(name: Name, value: Value<Row, string | MarkedText>): Column<Row> {
    return { ...named(name), kind: "text", value };
  },
  flag: <Row>(name: Name, value: Value<Row, boolean>): Column<Row> => ({ ...named(name), kind: "flag", value }),
  any: <Row>(name: Name, value: Value<Row, Cell>): Column<Row> => ({ ...named(name), kind: "any", value }),
  /** A column of values of the data, such as ids and prices. */
  data: <Row>(name: Name, value: Value<Row, Cell>): Column<Row> => ({
    ...named(name),
    kind: "any",
    isPlain: true,
    value,
  }),
  count: <Row>(name: Name, value: Value<Row, number>): Column<Row> => ({ ...named(name), kind: "count", value }),
  number<Row>(name: Name, value: Value<Row, number>, digits?: number): Column<Row> {
    return { ...named(name), kind: "number", value, digits };
  },
  /** A column of measured values, which `notebook verify` does not compare. */
  measured: <Row>(column: Column<Row>): Column<Row> => ({ ...column, isMeasured: true }),
  share<Row>(name: Name, value: Value<Row, number>, digits?: number): Column<Row> {
    return { ...named(name), kind: "share", value, digits };
  },
  /** The ends of an interval, as `low` and `high`. @param of `auc`: as `auc_low`. @param heading of each end */
  ends<Row>(
    interval: Value<Row, { readonly low?: number | null | undefined; readonly high?: number | null | undefined }>,
    digits?: number,
    of?: string,
    heading: (end: string) => string | null = (end) => end,
  ): readonly Column<Row>[] {
    return (["low", "high"] as const).map((end) => {
      const key = of === undefined ? end : `${of}_${end}`;
      return col.number([key, heading(end)], (row) => interval(row)?.[end], digits);
    });
  },
};

function named(name: Name): { readonly key: string | undefined; readonly heading: string | undefined } {
  const [key, heading] = typeof name === "string" ? [name, name] : name;
  return { key: key ?? undefined, heading: heading ?? undefined };
}

export interface SheetColumn {
  /** The name in records; `null`: not in records. Unique within a sheet. */
  readonly key: string | null;
  /** The heading in tables; `null`: not in tables. */
  readonly heading: string | null;
  readonly kind: ColumnKind;
  /** Digits after the point in tables; `null`: by the value. */
  readonly digits: number | null;
  /** Whether tables show numbers as data have them. Default: false. */
  readonly isPlain?: boolean;
}

/** The source of a result's table, frame, Markdown and JSON. */
export interface Sheet {
  readonly caption: string | null;
  readonly columns: readonly SheetColumn[];
  /** [rows][columns] */
  readonly rows: readonly (readonly Cell[])[];
  /** Measured values in the caption and the columns with a heading. */
  readonly times?: TimePlaces;
}

/** One row of a result, by the columns' keys. */
export type SheetRecord = Readonly<Record<string, Cell>>;

export type ColumnList<Row> = readonly (Column<Row> | readonly Column<Row>[] | false)[];

/** Evaluates the columns on each row. A repeated key (a domain named `rows`) gets a number, so no value is lost. */
export function sheetFrom<Row>(
  caption: string | MarkedText | null,
  rows: readonly Row[],
  list: ColumnList<Row>,
): Sheet {
  const columns = list.flatMap((part) => part || []);
  const keys = uniqueKeys(columns.map(({ key }) => key ?? null));
  const values = rows.map((row) => columns.map(({ value }) => value(row)));
  const headed = columns.flatMap(({ heading }, c) => (heading === undefined ? [] : [c]));
  return {
    ...placesOf({
      title: caption === null ? [] : asMarked(caption).measured,
      columns: headed.flatMap((c, at) => (columns[c]!.isMeasured ? [at] : [])),
      cells: values.flatMap((cells, r) =>
        headed.flatMap((c, at) => placesIn(cells[c]).map(([from, to]) => [r, at, from, to] as const)),
      ),
    }),
    caption: caption === null ? null : asMarked(caption).text,
    columns: columns.map((column, c) => ({
      key: keys[c] ?? null,
      heading: column.heading ?? null,
      kind: column.kind,
      digits: column.digits ?? null,
      ...(column.isPlain === true ? { isPlain: true } : {}),
    })),
    rows: values.map((cells) => cells.map(plainCell)),
  };
}

/** As a part of a sheet, a table or a chart: missing if there are none. */
export function placesOf(places: TimePlaces): { readonly times?: TimePlaces } {
  const present = Object.entries(places).filter(([, list]) => list?.length > 0);
  return present.length === 0 ? {} : { times: Object.fromEntries(present) };
}

function placesIn(value: Cell | MarkedText | undefined): MarkedText["measured"] {
  return typeof value === "object" && value !== null ? value.measured : [];
}

function plainCell(value: Cell | MarkedText | undefined): Cell {
  return typeof value === "object" && value !== null ? value.text : (value ?? null);
}

export function sheetTable(sheet: Sheet): Table {
  const places = sheet.columns.flatMap((column, c) => (column.heading === null ? [] : [c]));
  const table = {
    columns: places.map((c) => tableColumn(sheet.columns[c]!)),
    rows: sheet.rows.map((row) => places.map((c) => row[c] ?? null)),
    ...placesOf(sheet.times ?? {}),
  };
  return sheet.caption === null ? table : { caption: sheet.caption, ...table };
}

/** The columns with a key, as one record per row in full precision, for frames and JSON. */
export function sheetRecords(sheet: Sheet): SheetRecord[] {
  const keyed = sheet.columns.flatMap(({ key }, c) => (key === null ? [] : [[key, c] as const]));
  return sheet.rows.map((row) => Object.fromEntries(keyed.map(([key, c]) => [key, row[c] ?? null])));
}

/** A table as a sheet whose headings are also its keys; a repeated heading gets a number in records. */
/** @param title in place of the table's caption */
export function tableSheet(table: Table, title?: string | MarkedText): Sheet {
  const keys = uniqueKeys(table.columns.map(({ name }) => name));
  const columns = table.columns.map(({ name, digits = null, percent, plain }, c): SheetColumn => {
    const isPlain = plain === true ? { isPlain: true } : {};
    return { key: keys[c] ?? null, heading: name, kind: percent === true ? "share" : "any", digits, ...isPlain };
  });
  const places = title === undefined ? table.times : { ...table.times, title: asMarked(title).measured };
  const caption = title === undefined ? (table.caption ?? null) : asMarked(title).text;
  return { caption, columns, rows: table.rows, ...placesOf(places ?? {}) };
}

function tableColumn({ heading, kind, digits, isPlain }: SheetColumn): TableColumn {
  const column: { name: string; percent?: boolean; digits?: number; plain?: boolean } = { name: heading ?? "" };
  if (isPlain === true) column.plain = true;
  // Tables are compared and saved as JSON, so unset options are omitted.
  if (kind === "share") column.percent = true;
  if (digits !== null) column.digits = digits;
  return column;
}

function uniqueKeys(keys: readonly (string | null)[]): (string | null)[] {
  const taken = new Set<string>();
  const distinctKeys = new Set(keys);
  return keys.map((key) => {
    if (key === null) return null;
    let unique = key;
    for (let n = 2; taken.has(unique) || (unique !== key && distinctKeys.has(unique)); n++) unique = `${key}_${n}`;
    taken.add(unique);
    return unique;
  });
}

/** One Plotly trace, as JSON: `{ type: "scatter", x: [...], y: [...] }`. */
export type PlotlyTrace = JsonObject;

/** A Plotly figure, as in `application/vnd.plotly.v1+json`. The page sets its width; its height is in pixels. */
export interface Figure {
  readonly data: readonly PlotlyTrace[];
  readonly layout: JsonObject;
  readonly config: JsonObject;
}

/** A figure with its numbers. */
export interface Chart {
  /** The finding, in a few words (not escaped). */
  readonly title: string;
  /** What the finding is of, and what else the chart shows (not escaped). */
  readonly subtitle?: string;
  readonly figure: Figure;
  /** Every number of the figure, including those that are not drawn. */
  readonly table: Table;
  /** Where the title has measured values, if it has any. */
  readonly times?: Pick<TimePlaces, "title">;
}

/** The best AUC that any model can reach (generated data), or another reference. */
export interface AucReference {
  readonly tower: string;
  /** Over all rows; `null` if unknown. */
  readonly overall: number | null;
  /** In domain order; empty without domains. */
  readonly domains: readonly (number | null)[];
}

export const ALL_ROWS = "all rows";

/** `cvr (within clk)`: the rows that a task's metrics are over are part of its name. */
export function taskName({ tower, within }: Pick<TaskEvaluation, "tower" | "within">): string {
  return within === null ? tower : `${tower} (within ${within})`;
}

/** The names of an evaluation's domains, with numbers if the data has none. */
export function domainNames(evaluation: Pick<Evaluation, "domainNames" | "tasks">): string[] {
  return namesByDomain(evaluation.domainNames, evaluation.tasks);
}

/** The names of a result's domains: as many as its tasks have. */
export function namesByDomain(
  names: readonly string[],
  tasks: readonly { readonly domains: readonly unknown[] }[],
): string[] {
  return nameDomains(names, Math.max(names.length, ...tasks.map(({ domains }) => domains.length)));
}

/** The domains that charts draw beside all rows: none if there is only one, which is all rows. */
export function drawnDomains(
  names: readonly string[],
  tasks: readonly { readonly domains: readonly unknown[] }[],
): string[] {
  const all = namesByDomain(names, tasks);
  return all.length < 2 ? [] : all;
}

/** `names`, filled up to `total` by `domain 3`. */
export function nameDomains(names: readonly string[], total: number): string[] {
  return Array.from({ length: total }, (_, domain) => names[domain] ?? `domain ${domain}`);
}

export function findReference(
  references: readonly AucReference[] | undefined,
  tower: string,
): AucReference | undefined {
  return references?.find((reference) => reference.tower === tower);
}

export const metricText: Readonly<Record<MetricName, string>> = {
  auc: "AUC",
  groupedAuc: "grouped AUC",
  logLoss: "log loss",
  normalizedEntropy: "normalised entropy",
  calibration: "calibration",
  expectedCalibrationError: "expected calibration error",
  accuracy: "accuracy",
  meanAbsoluteError: "mean absolute error",
  meanSquaredError: "mean squared error",
  rootMeanSquaredError: "root mean squared error",
};

/**
 * `AUC (95% over users)`: a value with the level of its intervals and what was drawn for them; `null`: no intervals.
 */
export function intervalUnit(
  name: string,
  method: { readonly level: number; readonly user: string | null } | null | undefined,
): string {
  if (method == null) return name;
  return `${name} (${percent(method.level)} over ${method.user === null ? "rows" : "users"})`;
}

/** What intervals and verdicts take as independent of each other: rows, or the values of a user column. */
export function independentUnits(user: string | null): string {
  return user === null ? "rows taken as independent" : `whole users by ${inTitle(user)}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** In records module, task and layer; in tables `PPNet ctr, layer 1`. */
export const siteColumns: readonly Column<{ readonly gate: Pick<GateReport, "module" | "tower" | "layer"> }>[] = [
  col.text(["module", null], ({ gate }) => gate.module),
  col.text(["task", null], ({ gate }) => gate.tower ?? "all"),
  col.count(["layer", null], ({ gate }) => gate.layer),
  col.text([null, "gate"], ({ gate }) => siteName(gate)),
];

/** The domains of a report; `["all rows"]` if the model has no domains. */
export function groupNames(report: GatesReport): string[] {
  const names = namesByDomain(report.domainNames, report.gates);
  return names.length === 0 ? [ALL_ROWS] : names;
}

/** Statistics of a gate by the groups of {@link groupNames}; `null` if a domain has no rows or no values. */
export function groupStatistics(gate: GateReport, groups: number): (GateStatistics | null)[] {
  const all = gate.domains.length === 0 && groups === 1 ? [gate.overall] : gate.domains;
  return Array.from({ length: groups }, (_, group) => {
    const statistics = all[group];
    return statistics === undefined || statistics.rows === 0 || Number.isNaN(statistics.mean) ? null : statistics;
  });
}

export function metricName({ metric }: Pick<StudyTask, "metric">): string {
  return metricText[metric];
}

/** `AUC`, or `metric` if tasks have different metrics. */
export function metricOfAll(report: StudyReport): string {
  const [first, ...others] = new Set(report.tasks.map(metricName));
  return first === undefined || others.length > 0 ? "metric" : first;
}

/** The variants that were trained to the end, without the model. */
export function comparedVariants(report: StudyReport): readonly StudyVariant[] {
  return report.variants.slice(1).filter(({ runs }) => runs.length > 0);
}

/** `5 seeds`; `4 to 7 seeds` if variants have different numbers. */
export function seedsText(report: StudyReport): string {
  const counts = report.variants.filter(({ runs }) => runs.length > 0).map(({ runs }) => runs.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? count(most, "seed") : `${least} to ${most} seeds`;
}

export function levelText(level: number): string {
  return percent(level, Number.isInteger(Number((level * 100).toFixed(6))) ? 0 : 1);
}

/** `Exploratory, not in the plan: ` in front of what a registered study did not plan; else empty. */
export function planMark({ plan }: StudyReport, part: "all rows" | "domains" = "all rows"): string {
  if (plan === null) return "";
  const exploratory = plan.exploratory || (part === "domains" && !plan.domains);
  return exploratory ? "Exploratory, not in the plan: " : "";
}

type NamedTask = Pick<TaskEvaluation, "tower" | "label" | "within">;

/** The values of one task on all rows (`domain` −1) or in one domain. */
export interface TaskDomain<Task, Value> {
  readonly task: Task;
  readonly domain: number;
  readonly value: Value;
}

/** The value of all rows (`domain` −1) or of one domain. */
export function valueIn<Value>(
  values: { readonly overall: Value; readonly domains: readonly Value[] } | undefined,
  domain: number,
): Value | undefined {
  return domain < 0 ? values?.overall : values?.domains[domain];
}

export function byTaskAndDomain<Task, Value>(
  tasks: readonly (Task & { readonly overall: Value; readonly domains: readonly Value[] })[],
): TaskDomain<Task, Value>[] {
  return tasks.flatMap((task) =>
    [task.overall, ...task.domains].map((value, index) => ({ task, domain: index - 1, value })),
  );
}

/** In records the tower, label and rows of a task; in tables `cvr (within clk)`. */
export const taskColumns: readonly Column<{ readonly task: NamedTask }>[] = [
  col.text(["task", null], ({ task }) => task.tower),
  col.text(["label", null], ({ task }) => task.label),
  col.text(["within", null], ({ task }) => task.within ?? "all"),
  col.text([null, "task"], ({ task }) => taskName(task)),
];

/** In records the domain's number and name (−1 and `all`: all rows); in tables its name. */
export function domainColumns(
  names: readonly string[],
  heading = "domain",
): readonly Column<{ readonly domain: number }>[] {
  const name = (domain: number): string => names[domain] ?? `domain ${domain}`;
  return [
    col.count(["domain", null], ({ domain }) => domain),
    col.text(["domain_name", null], ({ domain }) => (domain < 0 ? "all" : name(domain))),
    col.text([null, heading], ({ domain }) => (domain < 0 ? ALL_ROWS : name(domain))),
  ];
}

export function placeColumns(
  names: readonly string[],
  heading?: string,
): readonly Column<{ readonly task: NamedTask; readonly domain: number }>[] {
  return [...taskColumns, ...domainColumns(names, heading)];
}

interface MeasuredRows {
  readonly rows: number;
  readonly positives: number;
  readonly auc: Interval;
  readonly logLoss: Interval;
  readonly note: string | null;
}

/** The rows of a cell, its AUC and log loss with their intervals, and why a value is missing. */
export const measuredColumns: readonly Column<MeasuredRows>[] = [
  col.count("rows", ({ rows }) => rows),
  col.count("positives", ({ positives }) => positives),
  col.number(["auc", "AUC"], ({ auc }) => auc.value, 4),
  ...col.ends<MeasuredRows>(({ auc }) => auc, 4, "auc"),
  col.number(["log_loss", "log loss"], ({ logLoss }) => logLoss.value, 4),
  ...col.ends<MeasuredRows>(
    ({ logLoss }) => logLoss,
    4,
    "log_loss",
    (end) => `${end} of loss`,
  ),
  col.text("note", ({ note }) => note),
];
