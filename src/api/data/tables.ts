/** The tables that values of the API show themselves as: plain data for `src/render`. */
import type { Cell, Table } from "../../charts/index.js";
import type { HashSharing, Row, TableSummary } from "../../data/index.js";
import { domainName, type ModelSpec, modelSize, specWarnings } from "../../spec/index.js";
import { count, percent } from "../../util/format.js";

/** Rows as a table; long text is cut. */
export function rowsTable(rows: readonly Row[], columns: readonly string[], caption: string): Table {
  return {
    caption,
    columns: columns.map((name) => ({ name })),
    rows: rows.map((row) => columns.map((name) => cell(row[name]))),
  };
}

/** One line a column: type, missing, distinct, range, most frequent values. */
export function columnsTable(summary: TableSummary, caption: string): Table {
  const compared = summary.columns.some((column) => column.unseen !== null);
  return {
    caption,
    columns: [
      { name: "column" },
      { name: "type" },
      { name: "missing", digits: 0 },
      { name: "distinct", digits: 0 },
      ...(compared ? [{ name: "not in training", percent: true, digits: 2 }] : []),
      { name: "min" },
      { name: "mean" },
      { name: "max" },
      { name: "most frequent" },
    ],
    rows: summary.columns.map((column) => [
      column.name,
      column.type,
      column.missing,
      column.distinct,
      ...(compared ? [column.unseen === null || summary.rows === 0 ? null : column.unseen / summary.rows] : []),
      column.min,
      column.mean,
      column.max,
      column.top
        .slice(0, 3)
        .map(({ value, rows }) => `${shown(value)} (${percent(rows / summary.rows, 1)})`)
        .join(", "),
    ]),
  };
}

/** One line a hashed feature: how many of its values share a row of the embedding table. */
export function hashedTable(features: readonly HashSharing[]): Table {
  const estimated = features.some(({ exact }) => !exact);
  return {
    caption: `Hashed features${estimated ? " (estimates where there are more values than are counted)" : ""}`,
    columns: [
      { name: "feature" },
      { name: "size", digits: 0 },
      { name: "values", digits: 0 },
      { name: "rows taken", digits: 0 },
      { name: "values that share a row", digits: 0 },
      { name: "share", percent: true, digits: 1 },
      { name: "size that helps", digits: 0 },
    ],
    rows: features.map(({ feature, size, values, rows, sharing, exact, larger }) => [
      exact ? feature : `${feature} (estimate)`,
      size,
      values,
      rows,
      sharing,
      values === 0 ? null : sharing / values,
      larger?.size ?? null,
    ]),
  };
}

/** Share of positive rows by domain and label. */
export function ratesTable(summary: TableSummary, domainNames: readonly string[]): Table {
  const labels = Object.keys(summary.positiveRates);
  const rates = (of: Readonly<Record<string, number | null>>): Cell[] => labels.map((label) => of[label] ?? null);
  return {
    caption: "Positive rows by domain",
    columns: [
      { name: "domain" },
      { name: "rows", digits: 0 },
      ...labels.map((name) => ({ name, percent: true, digits: 2 })),
    ],
    rows: [
      ["all rows", summary.rows, ...rates(summary.positiveRates)],
      ...summary.domains.map((domain, index): Cell[] => [
        domainNames[index] ?? String(domain.domain),
        domain.rows,
        ...rates(domain.positiveRates),
      ]),
    ],
  };
}

/** Modules with their parameters and FLOPs a row. */
export function modelTable(spec: ModelSpec): Table {
  const size = modelSize(spec);
  const parameters = size.embeddingParameters + size.denseParameters;
  return {
    caption: modelCaption(spec),
    columns: [
      { name: "module" },
      { name: "output", digits: 0 },
      { name: "parameters", digits: 0 },
      { name: "FLOPs a row", digits: 0 },
      { name: "FLOPs a row, training", digits: 0 },
    ],
    rows: [
      ...size.modules.map((module): Cell[] => [
        module.module,
        module.output,
        module.parameters,
        module.flopsPerRow,
        module.trainingFlopsPerRow,
      ]),
      ["total", null, parameters, size.flopsPerRow, size.trainingFlopsPerRow],
    ],
  };
}

/** What a model is made of, as lines of text below its table. */
export function modelNotes(spec: ModelSpec): readonly string[] {
  const { groupDims } = modelSize(spec);
  const groups = Object.entries(groupDims).filter(([, dim]) => dim !== null);
  const { domains } = spec;
  const names = domains ? Array.from({ length: domains.count }, (_, index) => domainName(spec, index)).join(", ") : "";
  return [
    `groups: ${groups.map(([name, dim]) => `${name} [rows, ${dim}]`).join(", ")}`,
    ...(domains ? [`domains: ${domains.column} picks one of ${domains.count} towers per task (${names})`] : []),
    ...spec.towers.map((tower) => {
      const space = tower.taskSpace;
      const where = space
        ? `, in the space of ${space.indicatorLabel} (${space.inWeight} in, ${space.outWeight} out)`
        : "";
      return `task ${tower.name}: label ${tower.label}, ${tower.losses.map((loss) => loss.kind).join(" + ")}${where}`;
    }),
    ...specWarnings(spec).map(
      (warning) => `note: ${warning.path}: ${warning.message} (${warning.expected ?? warning.fix ?? ""})`,
    ),
  ];
}

function modelCaption(spec: ModelSpec): string {
  const domains = spec.domains ? `, ${count(spec.domains.count, "domain")}` : "";
  return `PEPNet: ${count(spec.features.length, "feature")}, ${count(spec.towers.length, "task")}${domains}`;
}

/** Numbers with a fraction to four significant digits; the float32 nearest to .1 has nine. */
function shown(value: string | number | boolean): string {
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** A row's values as cells, by column. */
export function rowCells(row: Row): Record<string, Cell> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)]));
}

function cell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  const text =
    value instanceof Date ? value.toISOString() : Array.isArray(value) ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
