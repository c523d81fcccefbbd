/** A chart that shows itself in a notebook, with the table of its numbers. */
import type { Chart, Figure, Table } from "../charts/index.js";
import { Displayable, type DisplayBundle } from "./display.js";

/** A chart: Plotly's JSON in `figure`, its numbers in `table`. */
export class ChartOutput extends Displayable implements Chart {
  readonly title: string;
  readonly figure: Figure;
  readonly table: Table;

  /** Made by methods such as `run.curves()`. */
  constructor(chart: Chart) {
    super();
    this.title = chart.title;
    this.figure = chart.figure;
    this.table = chart.table;
  }

  /** The figure, a picture for where figures are not drawn, and the table as text. */
  async bundle(): Promise<DisplayBundle> {
    const { chartBundle } = await import("../render/index.js");
    return chartBundle(this);
  }
}
