/** A chart of panels: its figure, and the table of every number in it. */
import { type Sheet, sheetTable } from "../../tables/index.js";
import type { Chart } from "../figure.js";
import { type Composition, compose } from "./compose.js";
import type { Panel } from "./panel.js";

/** Composes the figure and the table of the sheet. */
export function chart({ sheet, ...composition }: Composition & { readonly sheet: Sheet }): Chart {
  return { title: composition.title, figure: compose(composition), table: sheetTable(sheet) };
}

/** A chart of one panel, whose axes are `height` pixels high. */
export function panelChart(title: string, panel: Panel, height: number, sheet: Sheet): Chart {
  return chart({ title, rows: [{ height, panels: [panel] }], sheet });
}
