import type { GateSite } from "../../engine/index.js";

/** A gate's values on the sample. */
export interface CollectedSite {
  readonly site: GateSite;
  /** [sample rows, units] */
  readonly values: Float32Array;
}
