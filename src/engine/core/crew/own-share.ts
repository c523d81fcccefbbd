import { matrixNames, type Plan } from "../../../nn/plan/index.js";
import { readLosses } from "../outputs.js";
import { addInto } from "../simd/add-into.js";
import type { ShownShare } from "./exchange.js";
import type { Share, SharePiece } from "./share.js";

export class OwnShare implements Share {
  readonly pieces: SharePiece[] = [];
  losses: readonly number[] = [];
  readonly #plan: Plan;
  readonly #names: readonly string[];
  readonly #dense = new Map<string, Float32Array>();

  constructor(plan: Plan, names: readonly string[]) {
    this.#plan = plan;
    this.#names = names;
  }

  dense(name: string): Float32Array | undefined {
    return this.#dense.get(name);
  }

  /** Takes the program's output for the share's next rows; of dense gradients, only their sum is kept. */
  add(rows: Int32Array, order: Int32Array, outputs: ReadonlyMap<string, Float32Array>): void {
    this.losses = readLosses(this.#plan, outputs).map((loss, i) => (this.losses[i] ?? 0) + loss);
    for (const name of this.#names) {
      const gradient = outputs.get(`grad:${name}`);
      if (gradient === undefined) continue;
      const sum = this.#dense.get(name);
      if (sum === undefined) this.#dense.set(name, gradient);
      else addInto(sum, gradient);
    }
    const groups = matrixNames(this.#plan).flatMap((name): [string, Float32Array][] => {
      const gradient = outputs.get(`grad:${name}`);
      return gradient === undefined ? [] : [[name, gradient]];
    });
    this.pieces.push({ rows, order, groups: new Map(groups) });
  }

  show(memory: ShownShare, owns: (name: string) => boolean): void {
    memory.losses.set(this.losses);
    for (const [name, { values, present }] of memory.dense) {
      if (owns(name)) continue;
      const gradient = this.dense(name);
      present[0] = gradient === undefined ? 0 : 1;
      if (gradient !== undefined) values.set(gradient);
    }
    for (const { columns } of memory.groups.values()) columns[0] = 0;
    let row = 0;
    for (const { rows, order, groups } of this.pieces) {
      memory.order.set(order, row);
      for (const [name, gradient] of groups) {
        const { values, columns } = memory.groups.get(name)!;
        const dim = gradient.length / rows.length;
        values.set(gradient, row * dim);
        columns[0] = dim;
      }
      row += rows.length;
    }
  }
}
