import type { GateSite } from "../../engine/index.js";

export interface CollectedSite {
  readonly site: GateSite;
  /** [sample rows, units] */
  readonly values: Float32Array;
}
