/**
 * The memory in which the threads of a crew exchange the gradients of their shares in a step.
 */
import { denseParameters, groupsOf, type Plan } from "../../../nn/plan/index.js";
import type { GroupName } from "../../../spec/index.js";
import { sharedFloats, sharedInts } from "../../../util/threads/shared-arrays.js";

/** A published gradient. */
export interface ShownGradient {
  readonly values: Float32Array;
  /** [1]: 0 if the program has no such gradient. */
  readonly there: Int32Array;
}

/** The gradient of a group's matrix: [rows, dim], rows as arranged. */
export interface ShownGroup extends ShownGradient {
  readonly dim: number;
}

/** One member's share, in shared memory. */
export interface ShownShare {
  /** [losses of the model] */
  readonly losses: Float64Array;
  /** For each arranged row, its index in its piece of the share. [rows] */
  readonly order: Int32Array;
  /** By dense parameter; excludes those that the member trains itself. */
  readonly dense: ReadonlyMap<string, ShownGradient>;
  readonly groups: ReadonlyMap<GroupName, ShownGroup>;
}

/** All members' shares. */
export interface Exchange {
  /** Maximum number of rows of a share. */
  readonly rows: number;
  readonly shares: readonly ShownShare[];
}

/** Creates memory for this number of members and rows per share. */
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
