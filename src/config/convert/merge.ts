/**
 * Merges fields that the spec does not model back into a message made from a spec.
 */
import type { Json, JsonObject } from "../../util/json.js";
import { fieldMessage, type MessageType, oneofSiblings } from "../schema/schema.js";

/**
 * Returns `base` plus the fields of `extra` that it lacks, recursively. The base wins; a oneof member of `extra` is
 * dropped if the base has another member (it belongs to an optimiser that is no longer used).
 */
export function mergeExtra(base: JsonObject, extra: JsonObject, type: MessageType): JsonObject {
  const merged = new Map<string, Json>(Object.entries(base) as [string, Json][]);
  for (const [name, value] of Object.entries(extra) as [string, Json][]) {
    const field = type.fields[name];
    const mine = merged.get(name);
    if (field !== undefined && oneofSiblings(field).some((sibling) => merged.has(sibling))) continue;
    const child = field === undefined ? null : fieldMessage(field);
    if (mine === undefined) merged.set(name, value);
    else if (child !== null && field?.repeated) merged.set(name, mergeItems(mine, value, child));
    else if (child !== null) merged.set(name, mergeExtra(mine as JsonObject, value as JsonObject, child));
  }
  return Object.fromEntries(merged);
}

/** Part optimisers are matched by pattern; groups unknown to the spec are appended. */
function mergeItems(mine: Json, extra: Json, type: MessageType): readonly Json[] {
  const items = mine as readonly JsonObject[];
  const rests = extra as readonly JsonObject[];
  if (type.name !== "PartOptimizer") return [...items, ...rests];
  return items.map((item) => {
    const rest = rests.find((candidate) => candidate["regex_pattern"] === item["regex_pattern"]);
    return rest === undefined ? item : mergeExtra(item, rest, type);
  });
}
