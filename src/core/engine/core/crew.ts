/**
 * The threads of a step, each with a share of the rows: faster than sharing each small product, since activations stay
 * in a cache.
 */
import type { Batch } from "../../data/encoded/encoded.js";
import { programParameters } from "../../nn/plan/parameters.js";
import { groupNames, type Plan, readViews } from "../../nn/plan/plan.js";
import { sharedFloats, sharedInts } from "../../util/called-thread.js";

export interface Crew {
  readonly rank: number;
  readonly size: number;
  /** A barrier: returns when every member has called it. @throws CrewEnded if one failed, or the process is exiting */
  meet(): void;
}

/** The error of a waiting member: another one failed, or the process is exiting. */
export class CrewEnded extends Error {
  override readonly name = "CrewEnded";
}

export const alone: Crew = { rank: 0, size: 1, meet() {} };

/** Batches with fewer rows per member are processed by the first member alone. */
const fewestRows = 16;

/** A member's part of a batch; the concatenated parts of all members are the batch's rows. */
export function memberShare(batch: Batch, rank: number, size: number): Batch {
  const count = batch.rows.length;
  if (size === 1) return batch;
  if (count < fewestRows * size) return { data: batch.data, rows: rank === 0 ? batch.rows : batch.rows.subarray(0, 0) };
  const bound = (member: number) => Math.floor((count * member) / size);
  return { data: batch.data, rows: batch.rows.subarray(bound(rank), bound(rank + 1)) };
}

export function largestShare(rows: number, size: number): number {
  return rows < fewestRows * size ? rows : Math.ceil(rows / size);
}

/** Each piece, largest first, goes to the least loaded member. Equal on every thread. */
export function divide(
  pieces: readonly { readonly name: string; readonly work: number }[],
  size: number,
): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  const load = new Array<number>(size).fill(0);
  const sorted = [...pieces].sort((a, b) => b.work - a.work || (a.name < b.name ? -1 : 1));
  for (const { name, work } of sorted) {
    const least = load.indexOf(Math.min(...load));
    load[least] = load[least]! + work;
    owners.set(name, least);
  }
  return owners;
}

/** The gradient of a parameter of the program, or of a matrix: [rows, dim], rows as arranged. */
export interface ShownGradient {
  readonly values: Float32Array;
  /** [1]: a matrix's columns, which sequences change from batch to batch; 0 if the program has no such gradient. */
  readonly columns: Int32Array;
}

export interface ShownShare {
  readonly losses: Float64Array;
  /** For each arranged row, its index in its piece of the share. [rows] */
  readonly order: Int32Array;
  /** By parameter of the program; excludes those that the member trains itself. */
  readonly dense: ReadonlyMap<string, ShownGradient>;
  readonly groups: ReadonlyMap<string, ShownGradient>;
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
  const gradient = (name: string, size: number): [string, ShownGradient] => {
    return [name, { values: sharedFloats(size), columns: sharedInts(1) }];
  };
  const matrix = (name: string, dim: number) => gradient(name, rows * dim);
  return {
    losses: new Float64Array(new SharedArrayBuffer(8 * losses)),
    order: sharedInts(rows),
    dense: new Map(
      programParameters(plan).map(({ name, shape }) =>
        gradient(
          name,
          shape.reduce((a, b) => a * b, 1),
        ),
      ),
    ),
    groups: new Map([
      ...groupNames(plan).map((group) => matrix(group, plan.inputDims[group] ?? 0)),
      ...readViews(plan).flatMap(({ name, width, queryWidth }) => [
        matrix(`query.${name}`, queryWidth),
        matrix(`sequence.${name}`, width * (longest.get(name) ?? 1)),
      ]),
    ]),
  };
}

export interface SharePiece {
  readonly rows: Int32Array;
  /** For each arranged row, its index in the piece. */
  readonly order: Int32Array;
  /** By matrix (groups, queries, sequences): [rows, dim], rows as arranged. */
  readonly groups: ReadonlyMap<string, Float32Array>;
}

export interface Share {
  readonly pieces: readonly SharePiece[];
  /** A dense parameter's gradient; the member that trains the parameter may overwrite it. */
  dense(name: string): Float32Array | undefined;
  readonly losses: ArrayLike<number>;
}
