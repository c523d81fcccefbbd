/** The members' shares of a batch: a member's own share, and those that the other members publish in shared memory. */
import type { Batch } from "../../data/encoded/encoded.js";
import { matrixNames, type Plan } from "../../nn/plan/plan.js";
import { flatName } from "../../tfjs/program.js";
import type { TowerOutput } from "../engine.js";
import { type Crew, type Exchange, memberShare, type Share, type SharePiece, type ShownShare } from "./crew.js";
import { addGradient } from "./gradient-sums.js";
import { readLosses } from "./outputs.js";
import { splitPieces } from "./sequences.js";

export class OwnShare implements Share {
  readonly pieces: SharePiece[] = [];
  losses: readonly number[] = [];
  weights: readonly number[] | null = null;
  /** The outputs of towers with train metrics, by piece. */
  readonly predictions: TowerOutput[][] = [];
  readonly #dense = new Map<string, Float32Array>();

  constructor(
    private readonly plan: Plan,
    private readonly parameters: readonly string[],
  ) {}

  /** The names of the dense gradients: one for all parameters, or one per parameter of the program. */
  get names(): readonly string[] {
    return this.#dense.has(flatName) ? [flatName] : this.parameters;
  }

  dense(name: string): Float32Array | undefined {
    return this.#dense.get(name);
  }

  /** Takes the program's output for the share's next rows; of dense gradients, only their sum is kept. */
  add(rows: Int32Array, order: Int32Array, outputs: ReadonlyMap<string, Float32Array>): void {
    this.losses = readLosses(this.plan, outputs).map((loss, i) => (this.losses[i] ?? 0) + loss);
    for (const name of outputs.has(`grad:${flatName}`) ? [flatName] : this.parameters) {
      const gradient = outputs.get(`grad:${name}`);
      if (gradient !== undefined) addGradient(this.#dense, name, gradient);
    }
    const groups = matrixNames(this.plan).flatMap((name): [string, Float32Array][] => {
      const gradient = outputs.get(`grad:${name}`);
      return gradient === undefined ? [] : [[name, gradient]];
    });
    this.pieces.push({ rows, order, groups: new Map(groups) });
  }

  show(memory: ShownShare, owns: (name: string) => boolean): void {
    memory.losses.set(this.losses);
    for (const [name, { values, columns }] of memory.dense) {
      if (owns(name)) continue;
      const gradient = this.dense(name);
      columns[0] = gradient === undefined ? 0 : 1;
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

/**
 * The shares with rows, in the order of ranks.
 * @param most maximum rows of a piece
 * @param exchange `null`: a single member
 */
export function nonEmptyShares(
  batch: Batch,
  crew: Crew,
  most: number,
  ownShare: OwnShare,
  exchange: Exchange | null,
): Share[] {
  return Array.from({ length: crew.size }, (_, rank) => rank).flatMap((rank) => {
    const share = memberShare(batch, rank, crew.size);
    if (share.rows.length === 0) return [];
    return rank === crew.rank ? ownShare : shownShare(splitPieces(share, most), exchange!.shares[rank]!);
  });
}

function shownShare(pieces: readonly Batch[], memory: ShownShare): Share {
  let row = 0;
  return {
    pieces: pieces.map(({ rows }) => {
      const from = row;
      row += rows.length;
      const groups = [...memory.groups].flatMap(([name, { values, columns }]): [string, Float32Array][] => {
        const dim = columns[0]!;
        return dim > 0 ? [[name, values.subarray(from * dim, row * dim)]] : [];
      });
      return { rows, order: memory.order.subarray(from, row), groups: new Map(groups) };
    }),
    dense(name) {
      const gradient = memory.dense.get(name);
      return gradient?.columns[0] === 1 ? gradient.values : undefined;
    },
    losses: memory.losses,
  };
}
