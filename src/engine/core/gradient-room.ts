/**
 * Arrays that a program writes its gradients into, kept between steps. Were they made anew in each run, the garbage
 * collector would stop one thread or another every few steps, and the others would wait for it.
 */
import { denseParameters, type Parameter } from "../../nn/parameters.js";
import { groupsOf, type Plan } from "../../nn/plan.js";
import type { Feed } from "./runner.js";

/** A piece of a share, in rows of the share. */
export interface PiecePlace {
  readonly from: number;
  readonly rows: number;
  /** Of the whole share. */
  readonly of: number;
}

/** The arrays of one host. */
export class GradientRoom {
  readonly #plan: Plan;
  readonly #dense: readonly Parameter[];
  readonly #kept = new Map<string, Float32Array>();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#dense = denseParameters(plan);
  }

  /**
   * The arrays of a piece by output. Later pieces share the dense gradients' arrays, which are added to the first
   * piece's before the next is computed; the groups' have room for all pieces.
   */
  of({ from, rows, of }: PiecePlace): Map<string, Feed> {
    const room = new Map<string, Feed>();
    for (const { name, shape } of this.#dense) {
      const size = shape.reduce((product, dim) => product * dim, 1);
      const data = this.#array(from === 0 ? name : `more ${name}`, size);
      room.set(`grad:${name}`, { dtype: "float32", shape, data });
    }
    for (const name of groupsOf(this.#plan)) {
      const dim = this.#plan.dims[name] ?? 0;
      const data = this.#array(name, of * dim).subarray(from * dim, (from + rows) * dim);
      room.set(`grad:${name}`, { dtype: "float32", shape: [rows, dim], data });
    }
    return room;
  }

  #array(key: string, size: number): Float32Array {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.length >= size) return kept;
    const array = new Float32Array(size);
    this.#kept.set(key, array);
    return array;
  }
}
