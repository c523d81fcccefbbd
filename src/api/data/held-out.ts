/** The rows that a model trains on and is evaluated on, where the user names both, one or leaves the choice. */
import type { ModelSpec } from "../../spec/index.js";
import { grouped } from "../../util/format.js";
import { type Dataset, type DatasetSource, dataset } from "./dataset.js";

const holdOutShare = 0.1;
/** Up to so many rows the default hold-out is looked at for labels that leak from the future. */
const leakRows = 200_000;

/** Both; where no validation rows are given, a random tenth, which the notes tell. `validation: null`: none. */
export async function heldOut(
  spec: ModelSpec,
  data: Dataset,
  validation: DatasetSource | null | undefined,
  notes: string[],
): Promise<{ train: Dataset; validation: Dataset | null }> {
  if (validation === null) return { train: data, validation: null };
  if (validation !== undefined) return { train: data, validation: await dataset(validation) };
  const parts = { train: 1 - holdOutShare, validation: holdOutShare };
  // On large files looking for leaks would read them once more.
  const leaks = data.rows > leakRows ? { leaks: null } : {};
  const labels = [...new Set(spec.towers.map((tower) => tower.label))];
  const split = await data.split(parts, { seed: spec.training.seed, labels, ...leaks });
  if (split.validation.rows === 0) {
    notes.push(`no validation data given, and ${data.rows} rows are too few to hold any out: nothing is evaluated`);
    return { train: data, validation: null };
  }
  const rows = grouped(split.validation.rows);
  notes.push(`no validation data given: a random tenth of the rows (${rows}, seed ${spec.training.seed}) was held out`);
  return split;
}
