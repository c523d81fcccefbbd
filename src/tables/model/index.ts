/** Columns of what models are made of. */

export { blocksSheet, shapeText } from "./blocks.js";
