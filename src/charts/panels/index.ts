/** Panels: pairs of axes with their marks, laid out in rows as one figure. */

export { columnNames, rowNames, stepAxis, xAxis, yAxis } from "./axes.js";
export { chart, panelChart } from "./chart.js";
export { compose } from "./compose.js";
export { type DotLevel, type DotRow, dotRowsHeight, dotRowsPanel } from "./dot-rows.js";
export { emptyPanel } from "./empty.js";
export { type ForestEstimate, type ForestSeries, forestHeight, forestPanel } from "./forest.js";
export { heatPanel } from "./heat.js";
export type { Panel, PanelRow } from "./panel.js";
export { panelRows } from "./rows.js";
