/** The members' shares of a step as each of them reads them: its own as the program left it, the others' as shown. */
import type { Batch } from "../../data/encoded.js";
import { groupsOf, type Plan } from "../../nn/plan.js";
import type { GroupName } from "../../spec/index.js";
import type { Arrangement } from "./arrange.js";
import { type Crew, divide, shareOf } from "./crew.js";
import type { Exchange, ShownShare } from "./exchange.js";
import { denseNames } from "./model-arrays.js";
import { lossesOf } from "./outputs.js";
import type { EmbeddedFeature } from "./scatter.js";
import type { WeightStore } from "./weight-store.js";

/** What a member computed itself; `outputs` is `null` where its share has no rows. */
export interface OwnShare {
  readonly arrangement: Arrangement;
  readonly outputs: ReadonlyMap<string, Float32Array> | null;
  /** `null`: there are no others. */
  readonly exchange: Exchange | null;
}

/** One member's share. */
export interface Share {
  /** Rows of the data, in the batch's order. */
  readonly rows: Int32Array;
  readonly order: Int32Array;
  readonly groups: ReadonlyMap<GroupName, Float32Array>;
  /** A dense parameter's gradient; it may be overwritten by the member that trains the parameter. */
  dense(name: string): Float32Array | undefined;
  readonly losses: ArrayLike<number>;
}

/** The shares that have rows, in the order of their ranks. */
export function sharesOf(plan: Plan, batch: Batch, crew: Crew, own: OwnShare): Share[] {
  return Array.from({ length: crew.size }, (_, rank) => rank).flatMap((rank) => {
    const { rows } = shareOf(batch, rank, crew.size);
    if (rows.length === 0) return [];
    return rank === crew.rank ? ownShare(plan, rows, own) : shownShare(rows, own.exchange?.shares[rank] as ShownShare);
  });
}

function ownShare(plan: Plan, rows: Int32Array, { arrangement, outputs }: OwnShare): Share {
  const results = outputs as ReadonlyMap<string, Float32Array>;
  const groups = groupsOf(plan).flatMap((name): [GroupName, Float32Array][] => {
    const gradient = results.get(`grad:${name}`);
    return gradient === undefined ? [] : [[name, gradient]];
  });
  return {
    rows,
    order: arrangement.order,
    groups: new Map(groups),
    dense: (name) => results.get(`grad:${name}`),
    losses: lossesOf(plan, results),
  };
}

function shownShare(rows: Int32Array, shown: ShownShare): Share {
  const groups = [...shown.groups].flatMap(([name, { values, there }]): [GroupName, Float32Array][] =>
    there[0] === 1 ? [[name, values]] : [],
  );
  return {
    rows,
    order: shown.order.subarray(0, rows.length),
    groups: new Map(groups),
    dense(name) {
      const gradient = shown.dense.get(name);
      return gradient?.there[0] === 1 ? gradient.values : undefined;
    },
    losses: shown.losses,
  };
}

/**
 * Which member trains which weight: as many numbers each, a table's counted by the rows that a batch touches. Clipping by
 * norm needs all dense gradients at once: then the first member trains all of them.
 */
export function divideWeights(
  plan: Plan,
  store: WeightStore,
  embedded: readonly EmbeddedFeature[],
  size: number,
): ReadonlyMap<string, number> {
  const { gradClipping, batchSize } = plan.spec.training;
  const dense = new Set(denseNames(plan, store));
  const together = gradClipping?.type === "norm";
  const pieces: { name: string; work: number }[] = [];
  const owners = new Map<string, number>();
  for (const { name, values } of store.parameters) {
    if (together) owners.set(name, 0);
    else pieces.push({ name, work: values.length });
  }
  for (const { name, dim, rows } of store.tables.values()) {
    const features = embedded.filter(({ table }) => table.name === name).length;
    if (together && dense.has(name)) owners.set(name, 0);
    else pieces.push({ name, work: dense.has(name) ? rows * dim : features * batchSize * dim });
  }
  return new Map([...owners, ...divide(pieces, size)]);
}
