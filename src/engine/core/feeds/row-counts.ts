import type { ProgramInput } from "../../../nn/plan/index.js";
import type { Feed } from "../runner.js";

export function rowCounts(
  inputs: readonly ProgramInput[],
  feeds: ReadonlyMap<string, Feed>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, shape } of inputs) {
    const feed = feeds.get(name);
    if (feed === undefined) continue;
    for (const [axis, dim] of shape.entries()) if (typeof dim === "string") counts.set(dim, feed.shape[axis]!);
  }
  return counts;
}
