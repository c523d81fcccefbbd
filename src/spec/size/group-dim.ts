/**
 * Computes the width of a group's input.
 */
import type { GroupName, ModelSpec } from "../model.js";
import { groupParts } from "./group-parts.js";

/** The width of a group's input: the sum of its parts' widths; `null` if the group is missing. */
export function groupDim(spec: ModelSpec, name: GroupName): number | null {
  return groupParts(spec, name)?.reduce((sum, { width }) => sum + width, 0) ?? null;
}
