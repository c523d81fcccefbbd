/** Which member of the crew trains which weight, so that all take about as long. */
import type { Plan } from "../../nn/plan/plan.js";
import { mostBatchRows } from "../../spec/training.js";
import { divide } from "./crew.js";
import type { ModelInputs } from "./inference.js";
import { type EmbeddedFeature, embeddedFeatures } from "./scatter.js";
import type { SequenceLayout } from "./sequences.js";
import { denseNames, type EmbeddingTable, type WeightStore } from "./weight-store.js";

/** The rank that trains each weight. Clipping by norm needs all dense gradients, so the first member trains those. */
export function divideWeights(
  plan: Plan,
  store: WeightStore,
  { layouts, sequences }: Pick<ModelInputs, "layouts" | "sequences">,
  size: number,
): ReadonlyMap<string, number> {
  const batchSize = mostBatchRows(plan.spec.training);
  const dense = new Set(denseNames(plan, store));
  const together = plan.spec.training.gradClipping?.type === "norm";
  const perRow = vectorsPerRow(embeddedFeatures(layouts, plan.spec), sequences);
  const pieces: { name: string; work: number }[] = [];
  const owners = new Map<string, number>();
  for (const { name, values } of store.blocks) {
    if (together) owners.set(name, 0);
    else pieces.push({ name, work: values.length });
  }
  for (const { name, dim, rows } of store.tables.values()) {
    const touched = (perRow.get(name) ?? 0) * batchSize * dim * touchedCost;
    if (together && dense.has(name)) owners.set(name, 0);
    else pieces.push({ name, work: touched + (dense.has(name) ? rows * dim : 0) });
  }
  const all = new Map([...owners, ...divide(pieces, size)]);
  for (const { name, parts } of store.blocks) for (const part of parts) all.set(part, all.get(name)!);
  return all;
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
