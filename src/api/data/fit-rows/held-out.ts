/** Chooses training and validation rows: those that the caller passes, or a default hold-out. */
import type { ModelSpec } from "../../../spec/index.js";
import { grouped } from "../../../util/text/format.js";
import type { Dataset, DatasetSource } from "../dataset.js";
import { dataset } from "../open.js";

const HOLD_OUT_SHARE = 0.1;
/** Largest number of rows for which the default hold-out is checked for labels that leak from the future. */
const LEAK_ROWS = 200_000;

/** Training and validation rows, with notes on the choice. */
export interface HeldOut {
  readonly train: Dataset;
  /** `null`: no evaluation. */
  readonly validation: Dataset | null;
  readonly notes: readonly string[];
}

/** Returns both parts. Without validation rows, holds out a random 10% and adds a note. `validation: null`: none. */
export async function heldOut(
  spec: ModelSpec,
  data: Dataset,
  validation: DatasetSource | null | undefined,
): Promise<HeldOut> {
  if (validation === null) return { train: data, validation: null, notes: [] };
  if (validation !== undefined) return { train: data, validation: await dataset(validation), notes: [] };
  const { seed } = spec.training;
  const split = await data.split(
    { train: 1 - HOLD_OUT_SHARE, validation: HOLD_OUT_SHARE },
    {
      seed,
      labels: [...new Set(spec.towers.map(({ label }) => label))],
      // Checking for leaks would read a large file again.
      leaks: data.rows > LEAK_ROWS ? null : undefined,
    },
  );
  if (split.validation.rows > 0) {
    const rows = grouped(split.validation.rows);
    const note = `no validation data given: a random 10% of the rows (${rows}, seed ${seed}) was held out`;
    return { ...split, notes: [note] };
  }
  const note = `no validation data given, and ${data.rows} rows are too few to hold any out: no evaluation`;
  return { train: data, validation: null, notes: [note] };
}
