/** What the threads of a crew show each other in a step: each the gradients of its share of the batch. */
import { denseParameters, groupsOf, type Plan } from "../../../nn/plan/index.js";
import type { GroupName } from "../../../spec/index.js";
import { sharedFloats, sharedInts } from "../../../util/threads/shared-arrays.js";

/** A gradient that is shown. */
export interface ShownGradient {
  readonly values: Float32Array;
  /** [1]: 0 where the program has no such gradient. */
  readonly there: Int32Array;
}

/** The gradient of a group's matrix: [rows, dim], rows as arranged. */
export interface ShownGroup extends ShownGradient {
  readonly dim: number;
}

/** One member's share. Shared memory. */
export interface ShownShare {
  /** [losses of the model] */
  readonly losses: Float64Array;
  /** For each row as arranged, its place in its piece of the share. [rows] */
  readonly order: Int32Array;
  /** By dense parameter; those that the member trains itself are not shown. */
  readonly dense: ReadonlyMap<string, ShownGradient>;
  readonly groups: ReadonlyMap<GroupName, ShownGroup>;
}

/** All members' shares. */
export interface Exchange {
  /** Most rows of a share. */
  readonly rows: number;
  readonly shares: readonly ShownShare[];
}

/** Room for the shares of so many members, of so many rows at most. */
export function createExchange(plan: Plan, size: number, rows: number): Exchange {
  return { rows, shares: Array.from({ length: size }, () => createShare(plan, rows)) };
}

function createShare(plan: Plan, rows: number): ShownShare {
  const losses = plan.tasks.reduce((count, { tower }) => count + tower.losses.length, 0);
  return {
    losses: new Float64Array(new SharedArrayBuffer(8 * losses)),
    order: sharedInts(rows),
    dense: new Map(denseParameters(plan).map(({ name, shape }) => [name, gradient(shape.reduce((a, b) => a * b, 1))])),
    groups: new Map(
      groupsOf(plan).map((group) => {
        const dim = plan.dims[group] ?? 0;
        return [group, { ...gradient(rows * dim), dim }];
      }),
    ),
  };
}

function gradient(length: number): ShownGradient {
  return { values: sharedFloats(length), there: sharedInts(1) };
}
