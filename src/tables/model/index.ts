/** Columns of a model's blocks. */

export { blocksSheet, shapeText } from "./blocks.js";
