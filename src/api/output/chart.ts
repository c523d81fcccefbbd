/** A chart that shows itself in a notebook, with the table of its numbers. */
import type { Chart, Figure, Table } from "../../charts/index.js";
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import { Displayable, type DisplayBundle } from "./displayable.js";

/** A chart: Plotly's JSON in `figure`, its numbers in `table`. */
export class ChartOutput extends Displayable implements Chart {
  readonly title: string;
  /** Plotly's JSON: what a reader of notebooks draws. */
  readonly figure: Figure;
  readonly table: Table;

  /** Made by methods such as `run.curves()`. @internal */
  constructor(chart: Chart) {
    super();
    this.title = chart.title;
    this.figure = chart.figure;
    this.table = chart.table;
  }

  /** The chart's numbers as a danfo frame; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("./frames.js");
    const names = this.table.columns.map((column) => column.name);
    const rows = this.table.rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])));
    return recordsFrame(rows, frameClass);
  }

  /**
   * The figure as a page of its own, which opens from disk: 5 MB, since plotly.js is inside. `figure` is what a page that
   * has plotly.js already draws.
   *
   * @example
   * const run = await loadRun("runs/first");
   * const page = await (await run.curves()).html();
   */
  async html(): Promise<string> {
    const { figureHtml } = await import("../../render/index.js");
    return figureHtml(this.figure);
  }

  /** The figure, a picture for where figures are not drawn, and the table as text. */
  async bundle(): Promise<DisplayBundle> {
    const { chartBundle } = await import("../../render/index.js");
    return chartBundle(this);
  }
}
