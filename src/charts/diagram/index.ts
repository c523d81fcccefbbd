/** The diagram of a model: boxes, arrows and text, with one file per section. */

export { modelDiagramChart } from "./model-diagram.js";
