import { denseParameters, groupNames, type Plan, readViews } from "../../../nn/plan/index.js";
import { sharedFloats, sharedInts } from "../../../util/threads/shared-arrays.js";

export interface ShownGradient {
  readonly values: Float32Array;
  /** [1]: 0 if the program has no such gradient. */
  readonly present: Int32Array;
}

/** The gradient of a matrix: [rows, dim], rows as arranged. */
export interface ShownMatrix {
  readonly values: Float32Array;
  /** [1]: its number of columns, which sequences change from batch to batch; 0 if the program has no such gradient. */
  readonly columns: Int32Array;
}

export interface ShownShare {
  /** [losses of the model] */
  readonly losses: Float64Array;
  /** For each arranged row, its index in its piece of the share. [rows] */
  readonly order: Int32Array;
  /** By dense parameter; excludes those that the member trains itself. */
  readonly dense: ReadonlyMap<string, ShownGradient>;
  readonly groups: ReadonlyMap<string, ShownMatrix>;
}

export interface Exchange {
  readonly shares: readonly ShownShare[];
}

export interface Room {
  readonly rows: number;
  readonly longest: ReadonlyMap<string, number>;
}

export function createExchange(plan: Plan, size: number, room: Room): Exchange {
  return { shares: Array.from({ length: size }, () => createShare(plan, room)) };
}

function createShare(plan: Plan, { rows, longest }: Room): ShownShare {
  const losses = plan.tasks.reduce((count, { tower }) => count + tower.losses.length, 0);
  const matrix = (name: string, dim: number): [string, ShownMatrix] => [
    name,
    { values: sharedFloats(rows * dim), columns: sharedInts(1) },
  ];
  return {
    losses: new Float64Array(new SharedArrayBuffer(8 * losses)),
    order: sharedInts(rows),
    dense: new Map(denseParameters(plan).map(({ name, shape }) => [name, gradient(shape.reduce((a, b) => a * b, 1))])),
    groups: new Map([
      ...groupNames(plan).map((group) => matrix(group, plan.inputDims[group] ?? 0)),
      ...readViews(plan).flatMap(({ name, width, queryWidth }) => [
        matrix(`query.${name}`, queryWidth),
        matrix(`sequence.${name}`, width * (longest.get(name) ?? 1)),
      ]),
    ]),
  };
}

function gradient(length: number): ShownGradient {
  return { values: sharedFloats(length), present: sharedInts(1) };
}
