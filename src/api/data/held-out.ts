/** The rows that a training holds out if no rows for evaluation are passed. */
import type { Finding } from "../../core/errors/finding.js";
import { DataError } from "../../core/errors/index.js";
import { needsFit } from "../../core/spec/feature/feature.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { resolveTraining } from "../../core/spec/training.js";
import { count, grouped } from "../../core/util/text.js";
import { Dataset, type DatasetSource, dataset } from "./dataset.js";

/** The spec with fitted features. Throws a DataError with every column that is missing, constant or without values. */
export async function fittedSpec(spec: ModelSpec, rows: DatasetSource): Promise<ModelSpec> {
  if (!spec.features.some(needsFit)) return spec;
  const { table } = await dataset(rows);
  const { fitFeatures } = await import("../../core/data/fit-features.js");
  return fitFeatures(spec, table);
}

const HOLD_OUT_SHARE = 0.1;

export interface HeldOut {
  readonly train: Dataset;
  /** `null`: no evaluation. */
  readonly validation: Dataset | null;
  readonly notes: readonly string[];
}

/**
 * Returns both parts. Without validation rows, holds out the newest 10% if a column has the role of the time, else a
 * random 10%, and adds a note. `validation: null`: none.
 */
export async function heldOut(
  spec: ModelSpec,
  data: Dataset,
  validation: DatasetSource | null | undefined,
): Promise<HeldOut> {
  if (validation === null) return { train: data, validation: null, notes: [] };
  if (validation !== undefined) return { train: data, validation: await dataset(validation), notes: [] };
  const { seed } = spec.training;
  const { time } = data.table.roles;
  const { mostLeakRows } = await import("../../core/data/summary/label-counts.js");
  const split = await data.split(
    { train: 1 - HOLD_OUT_SHARE, validation: HOLD_OUT_SHARE },
    {
      by: time === undefined ? "random" : "time",
      seed,
      labels: [...new Set(spec.towers.map(({ label }) => label))],
      // Checking for leaks would read a large file again.
      leaks: data.rows > mostLeakRows ? null : undefined,
    },
  );
  if (split.validation.rows > 0) {
    return { ...split, notes: [`no validation data given: ${heldOutWords(split.validation, seed)} held out`] };
  }
  const note = `no validation data given, and ${data.rows} rows are too few to hold any out: no evaluation`;
  return { train: data, validation: null, notes: [note] };
}

/**
 * The rows that an evaluation covers: with `dropRemainder` and `like: "torcheasyrec"` those of whole batches, as there.
 * @throws DataError if there is none
 */
export function evaluatedRows({ training }: ModelSpec, all: Dataset): Dataset {
  const { like, dropRemainder, evalBatchSize, batchSize } = training;
  const { table, rows, carriedNotes } = all;
  const each = evalBatchSize ?? batchSize;
  if (like !== "torcheasyrec" || !dropRemainder || each === null || rows % each === 0) return all;
  const left = rows % each;
  if (left < rows) {
    const note = `the last ${count(left, "row")} are in no whole batch of ${grouped(each)}, and so not evaluated, as in TorchEasyRec`;
    return new Dataset(table.slice(0, rows - left), [...carriedNotes, note]);
  }
  throw new DataError({
    path: "training.dropRemainder",
    message: "no whole batch to evaluate: TorchEasyRec leaves out the last one, and so all rows",
    received: `${count(rows, "row")}, batches of ${grouped(each)}`,
    expected: `at least ${grouped(each)} rows`,
    fix: `.train({ evalBatchSize: ${rows} }), or dropRemainder: false`,
  });
}

/** With the validation rows that an evaluation covers, and a note if these are not all. */
export function asEvaluated<Sets extends HeldOut>(spec: ModelSpec, sets: Sets): Sets {
  if (sets.validation === null) return sets;
  const training = resolveTraining(spec.training, sets.train.rows);
  const validation = evaluatedRows({ ...spec, training }, sets.validation);
  const isCut = validation.rows < sets.validation.rows;
  return { ...sets, validation, notes: isCut ? [...sets.notes, validation.notes.at(-1)!] : sets.notes };
}

/** `the newest 10% of the rows (1,000, by column "ts") were`, or `a random 10% of the rows (1,000, seed 1) was`. */
export function heldOutWords({ table, rows }: Dataset, seed: number): string {
  const { time } = table.roles;
  if (time !== undefined) return `the newest 10% of the rows (${grouped(rows)}, by column "${time}") were`;
  return `a random 10% of the rows (${grouped(rows)}, seed ${seed}) was`;
}

/** What the rows of a training show about the model before training. @param declared the spec before its features were fitted */
export async function rowFindings(
  spec: ModelSpec,
  declared: ModelSpec,
  { train, validation }: Pick<HeldOut, "train" | "validation">,
): Promise<Finding[]> {
  const { trainingFindings } = await import("../../core/data/check/encoded.js");
  const encoded = async (set: Dataset) => ({ table: set.table, rows: await set.encode(spec) });
  return trainingFindings(spec, declared, await encoded(train), validation && (await encoded(validation)));
}
