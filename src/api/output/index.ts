/** The base of results: notebook display, and numbers as a table, rows, a frame, a chart, Markdown and JSON. */

export { Displayable, type DisplayBundle } from "./displayable.js";
export { loadFrameClass, recordsFrame } from "./frame.js";
export { printNotes } from "./notes.js";
export { ChartOutput, Result, type ResultJson, ResultWithChart, TableOutput } from "./result.js";
export { type TableRows, table } from "./table.js";
export { tables } from "./tables.js";
