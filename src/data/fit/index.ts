/** Fits features to rows: vocabularies, normalizers and boundaries. */
export { fitFeatures } from "./fit-features.js";
export { type VectorColumns, vectorRows } from "./vector-rows.js";
