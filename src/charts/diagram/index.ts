/** The diagram of a model: boxes, arrows and words in pixels, a section a file. */

export { modelDiagramChart } from "./model-diagram.js";
