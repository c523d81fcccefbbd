/** Charts of columns, drawn from the rows of a data set. */
import { DataError } from "../../core/errors/index.js";
import { assertCount, checkOptions } from "../../core/spec/validate/checks.js";
import type { PlotKind, PlotValue } from "../../lab/views/data/plot.js";
import { ChartOutput } from "../result.js";
import type { ColumnsOf, DatasetSource } from "./dataset.js";
import { type OtherRows, rowsTable } from "./verbs.js";

/** What {@link plot} draws. `C`: columns. */
export interface PlotOptions<C extends string = string> {
  readonly x: C;
  /** The column along the y axis. Default: rows are counted. */
  readonly y?: C;
  /** The column whose values colour the marks; the seven most frequent are drawn. */
  readonly color?: C;
  /**
   * Default: `bar` for text and booleans (the mean of y, if names have several rows); `histogram` for numbers and dates
   * without `y`; `line` if each x has one row; else `dots`. `boxes` draw the quantiles of y for each x.
   */
  readonly kind?: PlotKind;
  /** Axes with a logarithmic scale: bins of a histogram then have equal ratios. Rows of 0 or less are not drawn. */
  readonly log?: "x" | "y" | "both";
  /** Number of bins of a histogram over all rows. Default: about 30, without long tails. */
  readonly bins?: number;
}

/**
 * Draws rows for a quick look: a data set, an array of row objects, or any other source of rows. The title names what
 * is not drawn, such as missing values. Throws a DataError for an unknown column.
 * @example
 * await plot(data, { x: "price" });
 * await plot(data.groupBy("scene").summarise({ ctr: "avg(clk)" }), { x: "scene", y: "ctr" });
 * await plot([{ step: 1, loss: 0.7 }, { step: 2, loss: 0.5 }], { x: "step", y: "loss" });
 */
export async function plot<Source extends DatasetSource | readonly object[]>(
  rows: Source,
  options: PlotOptions<ColumnsOf<Source>>,
): Promise<ChartOutput> {
  const { x, y, color, kind, log, bins } = options;
  checkOptions("plot", options, ["x", "y", "color", "kind", "log", "bins"], DataError);
  const table = await rowsTable(rows as OtherRows);
  const axes = [x, y, color].filter((name) => name !== undefined);
  const { assertColumns } = await import("../../core/data/query/frame.js");
  assertColumns(table, axes, "plot");
  const { columnRows, valueAt } = await import("../../core/data/table/column.js");
  const { textAsTimes } = await import("../../core/data/table/table.js");
  const { plotChart } = await import("../../lab/views/data/plot.js");
  const read = await table.read([...new Set(axes)]);
  const readValues = (name: string) => {
    const written = read.get(name)!;
    if (written.kind === "list") {
      throw new DataError({ path: `plot: column "${name}"`, message: "is a list column", expected: "one value a row" });
    }
    // Times of a CSV file are text.
    const isTime = table.columns.some((column) => column.name === name && column.type === "timestamp");
    const column = (isTime ? textAsTimes(written) : null) ?? written;
    return { name, values: Array.from({ length: columnRows(column) }, (_, row) => valueAt(column, row) as PlotValue) };
  };
  const ys = y === undefined ? null : readValues(y);
  if (ys?.values.some((value) => typeof value === "string")) {
    throw new DataError({
      path: `plot: column "${y}"`,
      message: "is text, and heights are numbers",
      fix: "draw a column of numbers along y, or leave y out to count rows",
    });
  }
  if (bins !== undefined) assertCount("plot: bins", bins, DataError, 10_000);
  if (kind === "boxes" && ys === null) {
    const fix = `plot(rows, { x: ${JSON.stringify(x)}, y: "…", kind: "boxes" })`;
    throw new DataError({ path: "plot: boxes", message: "boxes are of the values of y", expected: "a column y", fix });
  }
  const colors = color === undefined ? null : readValues(color);
  return new ChartOutput(plotChart({ x: readValues(x), y: ys, color: colors, kind: kind ?? null, log, bins }));
}
