/** `global_embedding_constraints`: which optimiser trains the embedding tables. */
import type { TablePlacement } from "../../spec/training.js";
import type { JsonObject } from "../../util/json.js";

const canonical: Readonly<Record<TablePlacement, JsonObject | null>> = {
  sparse: { sharding_types: ["table_wise"], compute_kernels: ["fused"] },
  planner: null,
  dense: { sharding_types: ["data_parallel"], compute_kernels: ["dense"] },
};

/**
 * The placement that constraints leave: only `dense` kernels or only `data_parallel` sharding train densely; kernels
 * that are all fused, sharded otherwise, train under the sparse optimiser; everything else is the planner's choice.
 */
export function placementOf(constraints: JsonObject | undefined): TablePlacement {
  const kernels = (constraints?.["compute_kernels"] ?? []) as readonly string[];
  const shardings = (constraints?.["sharding_types"] ?? []) as readonly string[];
  const onlyDataParallel = shardings.length > 0 && shardings.every((sharding) => sharding === "data_parallel");
  if (onlyDataParallel || (kernels.length > 0 && kernels.every((kernel) => kernel === "dense"))) return "dense";
  const fused = kernels.length > 0 && kernels.every((kernel) => kernel.startsWith("fused"));
  return fused && shardings.length > 0 && !shardings.includes("data_parallel") ? "sparse" : "planner";
}

/** Whether these are the constraints that an export writes for their placement. */
export function isCanonicalPlacement(constraints: JsonObject): boolean {
  return JSON.stringify(constraints) === JSON.stringify(canonical[placementOf(constraints)]);
}

/** The constraints for a placement: those an opened config had, where they still say so. */
export function placementConstraints(placement: TablePlacement, opened: JsonObject | undefined): JsonObject | null {
  return opened !== undefined && placementOf(opened) === placement ? opened : canonical[placement];
}
