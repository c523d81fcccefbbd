/** Intervals of metrics by bootstrap. */
export { cellIntervals, drawnInterval, fewestForInterval, type IntervalWidth } from "./cell-intervals.js";
export { type CellDraws, drawCells } from "./draw-cells.js";
export { binaryCell, type CellRows, type DrawnCell, type DrawnName, meansCell } from "./drawn-cell.js";
export { criticalZ, differenceP, smallSampleWidening, twoSidedP } from "./normal.js";
export { simultaneous } from "./simultaneous.js";
export { type ObservedShare, wilson } from "./wilson.js";
