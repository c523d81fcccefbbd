export { type ExportTorchEasyRecOptions, exportTorchEasyRec, TorchEasyRecExport } from "./export.js";
export { type FromTorchEasyRecOptions, runFromTorchEasyRec, type TorchEasyRecFiles } from "./import.js";
