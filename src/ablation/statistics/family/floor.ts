/** Protects against variants that are noisier than the rest of their group, whose variance moderation understates. */
import { errors, floors, seedCounts, variantCounts } from "./floor-table.js";

/** The largest of the table's entries around the place; 1 with one variant, since there is nothing to moderate. */
export function floorOf(seeds: number, variants: number, error: number): number {
  if (variants < 2) return 1;
  const around = [seedCounts, variantCounts, errors].map((values, axis) =>
    neighbours(values, [seeds, variants, error][axis]!),
  );
  const [bySeeds, byVariants, byError] = around as [number[], number[], number[]];
  return Math.max(...bySeeds.flatMap((s) => byVariants.flatMap((v) => byError.map((e) => floors[s]![v]![e]!))));
}

/** The places of the nearest values on both sides, in an ascending list. */
function neighbours(values: readonly number[], value: number): number[] {
  const above = values.findIndex((each) => each >= value);
  if (above <= 0) return [above < 0 ? values.length - 1 : 0];
  return values[above] === value ? [above] : [above - 1, above];
}
