import { type BagColumn, type EncodedData, sharedInts } from "../data/encoded/index.js";
import type { ReadingEngine, TowerOutput } from "../engine/index.js";
import { allEncoders, type FeatureSpec, holdsSeveral, isSequence, type ModelSpec } from "../spec/index.js";
import { taskChanges } from "./counterfactual/effects.js";
import { takeEncoded, takeItems } from "./rows/take-encoded.js";

/** The weight of a position in an encoder's sum. */
export interface PositionWeight {
  readonly encoder: string;
  /** `null`: the encoder does not read this position. */
  readonly weight: number | null;
}

/** A position of one of the row's sequences, such as a click. */
export interface ExplainedPosition {
  readonly sequence: string;
  /** Its features, whose values at this position the row has. */
  readonly features: readonly string[];
  /** From 0. */
  readonly position: number;
  /** The weights of encoders such as DIN. */
  readonly weights: readonly PositionWeight[];
  /** Change of each task's logit if the sequence lacked this position; `null`: not finite. */
  readonly without: readonly (number | null)[];
}

interface Sequence {
  readonly name: string;
  readonly features: readonly FeatureSpec[];
  readonly encoders: readonly string[];
}

export async function explainPositions(
  engine: ReadingEngine,
  data: EncodedData,
  row: number,
  before: readonly TowerOutput[],
): Promise<readonly ExplainedPosition[]> {
  const { spec } = engine;
  const places = sequencesOf(spec).flatMap((sequence) =>
    Array.from({ length: longest(sequence, data, row) }, (_, position) => ({ sequence, position })),
  );
  if (places.length === 0) return [];
  const alone = { data, rows: Int32Array.of(row) };
  const attention = await engine.attention(alone);
  const copies = takeEncoded(data, new Int32Array(places.length).fill(row));
  const after = await engine.predict({ data: without(copies, places), rows: Int32Array.from(places.keys()) });
  return places.map(({ sequence, position }, at) => ({
    sequence: sequence.name,
    features: sequence.features.map(({ name }) => name),
    position,
    weights: attention
      .filter(({ encoder }) => sequence.encoders.includes(encoder))
      .map(({ encoder, positions, values }) => ({ encoder, weight: position < positions ? values[position]! : null })),
    without: taskChanges(spec, before, after, at),
  }));
}

function sequencesOf(spec: ModelSpec): readonly Sequence[] {
  const encoders = allEncoders(spec);
  const groups: FeatureSpec[][] = [];
  const add = (features: readonly FeatureSpec[]): void => {
    const sets = groups.filter((group) => group.some((feature) => features.includes(feature)));
    for (const set of sets) groups.splice(groups.indexOf(set), 1);
    groups.push([...new Set([...sets.flat(), ...features])]);
  };
  for (const feature of spec.features.filter(isSequence)) {
    const { of } = feature.sequence!;
    add(of === null ? [feature] : spec.features.filter(({ sequence }) => sequence?.of === of));
  }
  for (const { input } of encoders) add(input.sequence);
  const read = encoders.flatMap(({ input }) => input.sequence);
  return groups
    .filter((features) => features.some((feature) => read.includes(feature)))
    .map((features) => ({
      name: [...new Set(features.map(({ name, sequence }) => sequence?.of ?? name))].join(", "),
      features: spec.features.filter((feature) => features.includes(feature)),
      encoders: encoders
        .filter(({ input }) => input.sequence.some((feature) => features.includes(feature)))
        .map(({ name }) => name),
    }));
}

function nextPosition(feature: FeatureSpec, { ids }: BagColumn, start: number): number {
  if (feature.kind === "raw" && feature.boundaries.length === 0) return start + feature.valueDim;
  return holdsSeveral(feature) ? ids.indexOf(-1, start) + 1 : start + 1;
}

function starts(feature: FeatureSpec, column: BagColumn, row: number): number[] {
  const places = [column.offsets[row]!];
  while (places.at(-1)! < column.offsets[row + 1]!) places.push(nextPosition(feature, column, places.at(-1)!));
  return places;
}

function bag(data: EncodedData, { name }: FeatureSpec): BagColumn | null {
  const column = data.features.get(name);
  return column?.kind === "bag" ? column : null;
}

function longest({ features }: Sequence, data: EncodedData, row: number): number {
  const lengths = features.flatMap((feature) => {
    const column = bag(data, feature);
    return column === null ? [] : [starts(feature, column, row).length - 1];
  });
  return Math.max(0, ...lengths);
}

function without(
  data: EncodedData,
  places: readonly { readonly sequence: Sequence; readonly position: number }[],
): EncodedData {
  const features = new Map(data.features);
  for (const feature of new Set(places.flatMap(({ sequence }) => sequence.features))) {
    const column = bag(data, feature);
    if (column === null) continue;
    const remaining = places.map(({ sequence, position }, row) => {
      const items = Array.from(
        { length: column.offsets[row + 1]! - column.offsets[row]! },
        (_, at) => column.offsets[row]! + at,
      );
      const cuts = starts(feature, column, row);
      if (!sequence.features.includes(feature) || position + 1 >= cuts.length) return items;
      return items.filter((item) => item < cuts[position]! || item >= cuts[position + 1]!);
    });
    features.set(feature.name, takeItems(column, offsetsBy(remaining), Int32Array.from(remaining.flat())));
  }
  return { ...data, features };
}

function offsetsBy(rows: readonly (readonly number[])[]): Int32Array {
  const offsets = sharedInts(rows.length + 1);
  for (const [at, { length }] of rows.entries()) offsets[at + 1] = offsets[at]! + length;
  return offsets;
}
