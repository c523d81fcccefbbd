/** Figures for phones. */
export { NARROW_WIDTH, narrowFigure } from "./narrow.js";
export { narrowChanges } from "./narrow-changes.js";
