import type { EncodedData } from "../../data/encoded/index.js";
import { groupFeatures, type ModelSpec } from "../../spec/index.js";
import type { ColdGates } from "../types.js";
import type { CollectedSite } from "./collected-site.js";

const fewerThan = 5;

/** One entry per single-id feature of the `uia` group. @param sample rows of `data` with these values */
export function coldGates(
  spec: ModelSpec,
  { site, values }: CollectedSite,
  data: EncodedData,
  sample: Int32Array,
  training: EncodedData,
): ColdGates[] {
  return (groupFeatures(spec, "uia") ?? []).flatMap((field) => {
    const [sampleIds, trainingIds] = [data.features.get(field), training.features.get(field)];
    if (sampleIds?.kind !== "ids" || trainingIds?.kind !== "ids") return [];
    const counts = new Map<number, number>();
    for (const id of trainingIds.ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    // A row without an id belongs to neither group.
    const places = Array.from(sample, (_, place) => place).filter(
      (place) => (sampleIds.ids[sample[place]!] ?? -1) >= 0,
    );
    const isCold = (place: number): boolean => (counts.get(sampleIds.ids[sample[place]!]!) ?? 0) < fewerThan;
    const cold = places.filter(isCold);
    const warm = places.filter((place) => !isCold(place));
    const [coldly, warmly] = [cold, warm].map((rows) => moments(values, site.units, rows)) as [Moments, Moments];
    return {
      module: site.module,
      tower: site.tower,
      layer: site.layer,
      field,
      fewerThan,
      coldRows: cold.length,
      warmRows: warm.length,
      coldMean: coldly.mean,
      warmMean: warmly.mean,
      coldStd: coldly.std,
      warmStd: warmly.std,
    };
  });
}

interface Moments {
  readonly mean: number | null;
  readonly std: number | null;
}

function moments(values: Float32Array, units: number, rows: readonly number[]): Moments {
  if (rows.length === 0) return { mean: null, std: null };
  const sums = new Float64Array(units);
  for (const row of rows) {
    for (let unit = 0; unit < units; unit++) sums[unit] = sums[unit]! + values[row * units + unit]!;
  }
  const squares = new Float64Array(units);
  for (const row of rows) {
    for (let unit = 0; unit < units; unit++) {
      const off = values[row * units + unit]! - sums[unit]! / rows.length;
      squares[unit] = squares[unit]! + off * off;
    }
  }
  const mean = sums.reduce((total, sum) => total + sum, 0) / (rows.length * units);
  const std = squares.reduce((total, square) => total + Math.sqrt(square / rows.length), 0) / units;
  return Number.isFinite(mean) ? { mean, std } : { mean: null, std: null };
}
