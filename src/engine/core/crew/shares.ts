import type { Batch } from "../../../data/encoded/index.js";
import type { Plan } from "../../../nn/plan/index.js";
import { mostBatchRows } from "../../../spec/index.js";
import type { ModelInputs } from "../feeds/model-inputs.js";
import { splitPieces } from "../feeds/pieces.js";
import type { SequenceLayout } from "../feeds/sequences.js";
import { denseNames } from "../weights/model-arrays.js";
import type { EmbeddingTable } from "../weights/table.js";
import type { WeightStore } from "../weights/weight-store.js";
import { type Crew, divide, memberShare } from "./crew.js";
import type { Exchange, ShownShare } from "./exchange.js";
import type { OwnShare } from "./own-share.js";
import { type EmbeddedFeature, embeddedFeatures } from "./scatter.js";
import type { Share } from "./share.js";

/** In the order of ranks. @param most maximum rows of a piece @param exchange `null`: a single member */
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
      return gradient?.present[0] === 1 ? gradient.values : undefined;
    },
    losses: memory.losses,
  };
}

/** Balanced by the work of a step; clipping by norm needs all dense gradients, so the first member trains them. */
export function divideWeights(
  plan: Plan,
  store: WeightStore,
  { layouts, sequences }: Pick<ModelInputs, "layouts" | "sequences">,
  size: number,
): ReadonlyMap<string, number> {
  const { gradClipping } = plan.spec.training;
  const batchSize = mostBatchRows(plan.spec.training);
  const dense = new Set(denseNames(plan, store));
  const together = gradClipping?.type === "norm";
  const perRow = vectorsPerRow(embeddedFeatures(layouts), sequences);
  const pieces: { name: string; work: number }[] = [];
  const owners = new Map<string, number>();
  for (const { name, values } of store.parameters) {
    if (together) owners.set(name, 0);
    else pieces.push({ name, work: values.length });
  }
  for (const { name, dim, rows } of store.tables.values()) {
    const touched = (perRow.get(name) ?? 0) * batchSize * dim * touchedCost;
    if (together && dense.has(name)) owners.set(name, 0);
    else pieces.push({ name, work: touched + (dense.has(name) ? rows * dim : 0) });
  }
  return new Map([...owners, ...divide(pieces, size)]);
}

/** The time of a scattered number divided by that of a dense parameter's update: 8 ns and 1.4 ns in bench's *tasks*. */
const touchedCost = 6;

/** The positions that count for a sequence without a limit. */
const usualLength = 20;

function vectorsPerRow(
  embedded: readonly EmbeddedFeature[],
  sequences: readonly SequenceLayout[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (table: EmbeddingTable | null, vectors: number) => {
    if (table !== null) counts.set(table.name, (counts.get(table.name) ?? 0) + vectors);
  };
  for (const { table } of embedded) add(table, 1);
  for (const { view, slots } of sequences) for (const { table } of slots) add(table, view.maxLength || usualLength);
  return counts;
}
