/** Fits features to rows: vocabularies, normalizers and boundaries. */
export { fitFeatures } from "./fit-features.js";
