/**
 * Several threads that train one model: each takes a share of every batch's rows through the program, then updates its
 * own part of the weights by the gradients of all. One thread that multiplies for itself does more than two that share
 * each product: small products wait for each other, and a thread's activations stay in its own cache.
 */
import type { Batch } from "../../../data/encoded/index.js";

/** One thread's place among those that train a model. */
export interface Crew {
  /** From 0. */
  readonly rank: number;
  readonly size: number;
  /** Returns when every member has called it. @throws CrewEnded where one failed, or the process is ending. */
  meet(): void;
}

/** A member waits in vain: another one failed, or the process ends. */
export class CrewEnded extends Error {
  override readonly name = "CrewEnded";
}

/** Nobody else. */
export const alone: Crew = { rank: 0, size: 1, meet() {} };

/** Batches with fewer rows a member go to the first member alone. */
const fewestRows = 16;

/** A member's part of a batch: the rows of all members, one after the other, are the batch's. */
export function shareOf(batch: Batch, rank: number, size: number): Batch {
  const count = batch.rows.length;
  if (size === 1) return batch;
  if (count < fewestRows * size) return { data: batch.data, rows: rank === 0 ? batch.rows : batch.rows.subarray(0, 0) };
  const bound = (member: number) => Math.floor((count * member) / size);
  return { data: batch.data, rows: batch.rows.subarray(bound(rank), bound(rank + 1)) };
}

/** Most rows of a share of so many. */
export function largestShare(rows: number, size: number): number {
  return rows < fewestRows * size ? rows : Math.ceil(rows / size);
}

/** Divides work among members: the largest piece first, each to whoever has least. The same on every thread. */
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
