/**
 * Converts `global_embedding_constraints`: which optimiser trains the embedding tables.
 */

import type { TablePlacement } from "../../../spec/index.js";
import { constrainedPlacement } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";

const canonical: Readonly<Record<TablePlacement, JsonObject | null>> = {
  sparse: { sharding_types: ["table_wise"], compute_kernels: ["fused"] },
  planner: null,
  dense: { sharding_types: ["data_parallel"], compute_kernels: ["dense"] },
};

/** The placement that constraints allow; impossible constraints are rejected when a model is built from them. */
export function readPlacement(constraints: JsonObject | undefined): TablePlacement {
  return constrainedPlacement(constraints ?? {}) ?? "planner";
}

/** Whether these are the constraints that an export writes for their placement. */
export function isCanonicalPlacement(constraints: JsonObject): boolean {
  return JSON.stringify(constraints) === JSON.stringify(canonical[readPlacement(constraints)]);
}

/** Returns the constraints for a placement: those of the opened config if they still match. */
export function placementConstraints(placement: TablePlacement, opened: JsonObject | undefined): JsonObject | null {
  return opened !== undefined && readPlacement(opened) === placement ? opened : canonical[placement];
}
