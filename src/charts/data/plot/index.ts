/** Quick plots of rows. */
export { plotChart } from "./plot.js";
export type { PlotColumns, PlotKind, PlotValue } from "./plot-data.js";
