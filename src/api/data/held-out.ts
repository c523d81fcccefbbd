/** The rows that a model trains on and is evaluated on: both given, one given, or the choice left to us. */
import type { ModelSpec } from "../../spec/index.js";
import { grouped } from "../../util/text/format.js";
import { type Dataset, type DatasetSource, dataset } from "./dataset.js";

const HOLD_OUT_SHARE = 0.1;
/** Up to this many rows the default hold-out is checked for labels that leak from the future. */
const LEAK_ROWS = 200_000;

/** Training and validation rows, with what a reader has to know about the choice. */
export interface HeldOut {
  readonly train: Dataset;
  /** `null`: nothing is evaluated. */
  readonly validation: Dataset | null;
  readonly notes: readonly string[];
}

/** Both; if no validation rows are given, a random tenth, which the notes say. `validation: null`: none. */
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
      // Looking for leaks would read a large file once more.
      leaks: data.rows > LEAK_ROWS ? null : undefined,
    },
  );
  if (split.validation.rows > 0) {
    const rows = grouped(split.validation.rows);
    const note = `no validation data given: a random tenth of the rows (${rows}, seed ${seed}) was held out`;
    return { ...split, notes: [note] };
  }
  const note = `no validation data given, and ${data.rows} rows are too few to hold any out: nothing is evaluated`;
  return { train: data, validation: null, notes: [note] };
}
