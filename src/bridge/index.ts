/** Export to and import from TorchEasyRec. */
export { convertWeightsScript } from "./converter.js";
export { type ExportRequest, type ExportWarning, exportFolder } from "./export.js";
export { sequenceNotes } from "./exported-sequences.js";
export { type BroughtBack, type ProductionFiles, readProduction } from "./read-production.js";
