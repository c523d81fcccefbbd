/** Separate threads are faster than threads that share each small product: activations stay in a thread's cache. */
import type { Batch } from "../../../data/encoded/index.js";

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
