import type { EncodedRows } from "../../data/encoded/streamed.js";
import { needsFit } from "../../spec/feature/fit.js";
import type { ModelSpec } from "../../spec/model.js";
import { grouped } from "../../util/text.js";
import { type Dataset, type DatasetSource, dataset } from "./dataset.js";

/** The spec with fitted features. Throws a DataError with every column that is missing, constant or without values. */
export async function fittedSpec(spec: ModelSpec, rows: DatasetSource): Promise<ModelSpec> {
  if (!spec.features.some(needsFit)) return spec;
  const { table } = await dataset(rows);
  const { fitFeatures } = await import("../../data/fit-features.js");
  return fitFeatures(spec, table);
}

const HOLD_OUT_SHARE = 0.1;
/** Largest number of rows for which the default hold-out is checked for labels that leak from the future. */
const LEAK_ROWS = 200_000;

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

/** Notes on some rows. @param name of the rows, such as `training data` */
export function dataNotes(name: string, rows: EncodedRows | null): string[] {
  if (rows === null) return [];
  const warnings = rows.warnings.map(
    ({ column, message, rows: count }) => `${name}, column "${column}": ${message} (${count} rows)`,
  );
  return [...(rows.notes ?? []).map((note) => `${name}: ${note}`), ...warnings];
}
