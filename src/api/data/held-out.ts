/** The rows that a training holds out where it is given none to evaluate on. */
import type { DataWarning } from "../../data/encoded/encoded.js";
import type { EncodedRows } from "../../data/encoded/streamed.js";
import { DataError } from "../../errors/index.js";
import { expressionColumn, type FeatureSpec, markedColumns, needsFit } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { getOrMake } from "../../util/growing.js";
import { count, grouped, percent } from "../../util/text.js";
import { Dataset, type DatasetSource, dataset } from "./dataset.js";

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
  const split = await data.split(
    { train: 1 - HOLD_OUT_SHARE, validation: HOLD_OUT_SHARE },
    {
      by: time === undefined ? "random" : "time",
      seed,
      labels: [...new Set(spec.towers.map(({ label }) => label))],
      // Checking for leaks would read a large file again.
      leaks: data.rows > LEAK_ROWS ? null : undefined,
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
export function evaluatedRows({ training }: ModelSpec, { table, rows, notes }: Dataset): Dataset {
  const { like, dropRemainder, evalBatchSize, batchSize } = training;
  const each = evalBatchSize ?? batchSize;
  if (like !== "torcheasyrec" || !dropRemainder || each === null || rows % each === 0) return new Dataset(table, notes);
  const left = rows % each;
  if (left < rows) {
    const note = `the last ${count(left, "row")} are in no whole batch of ${grouped(each)}, and so not evaluated, as in TorchEasyRec`;
    return new Dataset(table.slice(0, rows - left), [...notes, note]);
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
export function asEvaluated(spec: ModelSpec, sets: HeldOut): HeldOut {
  if (sets.validation === null) return sets;
  const validation = evaluatedRows(spec, sets.validation);
  const isCut = validation.rows < sets.validation.rows;
  return { ...sets, validation, notes: isCut ? [...sets.notes, validation.notes.at(-1)!] : sets.notes };
}

/** `the newest 10% of the rows (1,000, by column "ts") were`, or `a random 10% of the rows (1,000, seed 1) was`. */
export function heldOutWords({ table, rows }: Dataset, seed: number): string {
  const { time } = table.roles;
  if (time !== undefined) return `the newest 10% of the rows (${grouped(rows)}, by column "${time}") were`;
  return `a random 10% of the rows (${grouped(rows)}, seed ${seed}) was`;
}

/**
 * Notes on some rows, one line for each kind of problem. Missing numbers that an indicator marks are no problem.
 * @param name of the rows, such as `training data`
 * @param declared the spec before its features were fitted, if the features were fitted on these rows
 */
export function dataNotes(name: string, rows: EncodedRows | null, spec: ModelSpec, declared?: ModelSpec): string[] {
  if (rows === null) return [];
  const marked = markedColumns(spec);
  const kinds = new Map<string, DataWarning[]>();
  for (const warning of rows.warnings) {
    if (marked.has(warning.column) && warning.message.startsWith("no value")) continue;
    getOrMake(kinds, warning.message.replace(/\d+/g, ""), () => []).push(warning);
  }
  const rare = new Set(declared?.features.flatMap(limitedColumn));
  const warnings = [...kinds.values()].map((kind) => {
    const [{ column, message, rows: count }] = kind as [DataWarning, ...DataWarning[]];
    const isIntended = message.includes("vocabulary") && kind.every((warning) => rare.has(warning.column));
    const intent = isIntended ? ", as minCount intends" : "";
    if (kind.length === 1) return `${name}, column "${column}": ${message} (${count} rows)${intent}`;
    const shares = kind.map((warning) => warning.rows / rows.rows);
    const range = [...new Set([Math.min(...shares), Math.max(...shares)].map((share) => percent(share)))].join("–");
    const most = kind.reduce((first, second) => (second.rows > first.rows ? second : first)).column;
    const problem = kind.every((warning) => warning.message === message) ? message : message.split(", mapped")[0];
    return `${name}: ${kind.length} columns: ${problem}, in ${range} of the rows, most in "${most}"${intent}`;
  });
  return [...(rows.notes ?? []).map((note) => `${name}: ${note}`), ...warnings];
}

/** The column of a feature whose vocabulary leaves out rare values. */
function limitedColumn(feature: FeatureSpec): string[] {
  if (feature.kind !== "id" || feature.encoding.kind !== "vocabFit") return [];
  const { minCount, most } = feature.encoding;
  return minCount > 1 || most !== null ? [expressionColumn(feature.expression)] : [];
}
