/**
 * The marks of charts: dots, lines, rules, bands, bars, boxes, cells and words. Only marks write Plotly's traces; they
 * handle the theme, names, legends, hover texts and gaps.
 */

export { type BarsOptions, bars, sideBySide } from "./bars.js";
export { boxes } from "./boxes.js";
export { cells, cellTexts } from "./cells.js";
export { type DotsOptions, dotKey, dots } from "./dots.js";
export { type EndLabel, endLabels, labelledEnd } from "./end-labels.js";
export { area, band, type LineLook, type LineOptions, line, lineKey, rule } from "./line.js";
export type { Coordinates, Hover, MarkOptions } from "./mark.js";
export { MOST_COLOURED, type OverlaidCurve, type OverlayOptions, overlay } from "./overlay.js";
export type { Whiskers } from "./whiskers.js";
export { dashes, words } from "./words.js";
