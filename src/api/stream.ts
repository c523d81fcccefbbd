/** Predicts rows chunk by chunk, in memory that does not grow with them. */
import path from "node:path";
import { rowNotes } from "../core/data/check/encoded.js";
import { validParts } from "../core/data/encode/encode.js";
import { type EncodingPlan, planEncoding } from "../core/data/encode/plan.js";
import type { EncodedData } from "../core/data/encoded/encoded.js";
import { assertLocal } from "../core/data/sources/paths.js";
import type { ColumnInfo, RawColumn } from "../core/data/table/column.js";
import { openTable } from "../core/data/table/open.js";
import { writeParquet } from "../core/data/table/table.js";
import type { Engine } from "../core/engine/engine.js";
import { DataError, PepnetError } from "../core/errors/index.js";
import type { ServedOutput } from "../core/serve/encoder-types.js";
import type { OpenModel } from "../core/serve/served-model.js";
import type { ModelSpec } from "../core/spec/model.js";
import { type Predictions, predict } from "../core/train/evaluate.js";
import { sharedInts } from "../core/util/called-thread.js";
import { makeFolders } from "../core/util/files/make-folders.js";
import { type SignalOptions, throwIfInterrupted } from "../core/util/interrupt.js";
import { firstRepeated } from "../core/util/names.js";
import type { Dataset } from "./data/dataset.js";

type PredictionColumn = Float32Array | readonly Float32Array[];

/**
 * Outputs of each row's tower, or of one domain's tower for every row, with `_{domain}` after the tower's name:
 * `logits_{tower}` and `probs_{tower}`, [rows], a list of classes per row if there are several, with `probs1_{tower}`
 * for the second of two; `y_{tower}` for an L2 loss.
 */
export function predictionColumns(
  spec: ModelSpec,
  predictions: readonly Predictions[],
  domain: number | null = null,
): Record<string, PredictionColumn> {
  const columns: Record<string, PredictionColumn> = {};
  spec.towers.forEach((tower, index) => {
    const output = predictions[index]!;
    const name = domain === null ? tower.name : `${tower.name}_${domain}`;
    if (tower.losses.some((loss) => loss.kind === "l2_loss")) columns[`y_${name}`] = output.logits;
    if (tower.losses.every((loss) => loss.kind === "l2_loss")) return;
    columns[`logits_${name}`] = classLists(output.logits, tower.numClass);
    columns[`probs_${name}`] = classLists(output.probabilities, tower.numClass);
    if (tower.numClass === 2) columns[`probs1_${name}`] = output.probabilities.filter((_, at) => at % 2 === 1);
  });
  return columns;
}

function classLists(values: Float32Array, classes: number): PredictionColumn {
  if (classes === 1) return values;
  return Array.from({ length: values.length / classes }, (_, row) =>
    values.subarray(row * classes, (row + 1) * classes),
  );
}

/** Options for writing predictions. `C`: columns. */
export interface WritePredictionsOptions<C extends string = string> extends SignalOptions {
  readonly path: string;
  /** Columns of the rows to copy first. Default: none. */
  readonly reserve?: readonly C[];
  /** `true`: every domain's outputs for every row, with `_{domain}` after the tower's name. Default: `false`. */
  readonly everyDomain?: boolean;
}

/** A file of predictions. */
export interface WrittenPredictions {
  readonly path: string;
  readonly rowCount: number;
  readonly notes: readonly string[];
}

export type Predictor = (rows: EncodedData) => Promise<Record<string, PredictionColumn>>;

/** Choosing a domain changes only which towers are used; gates depend on the features. */
export function enginePredictor(engine: Engine, everyDomain: boolean): Predictor {
  const { spec } = engine;
  const count = everyDomain ? (spec.domains?.count ?? null) : null;
  return async (rows) => {
    if (count === null) return predictionColumns(spec, await predict(engine, rows));
    const columns: Record<string, PredictionColumn> = {};
    for (let domain = 0; domain < count; domain++) {
      const domains = sharedInts(rows.rows).fill(domain);
      Object.assign(columns, predictionColumns(spec, await predict(engine, { ...rows, domains }), domain));
    }
    return columns;
  };
}

export function servedPredictor(model: OpenModel, everyDomain: boolean): Predictor {
  const { outputs, domains } = model.encoders;
  return async (data) => {
    const values = await model.predict(data);
    if (everyDomain || domains === null || data.domains === null) {
      return Object.fromEntries(outputs.map(({ name, classes }) => [name, classLists(values.get(name)!, classes)]));
    }
    const towers = outputs.filter(({ domain }) => domain === 0);
    return Object.fromEntries(
      towers.map((output) => [
        `${output.kind}_${output.tower}`,
        classLists(valuesOfDomains(output, outputs, values, data), output.classes),
      ]),
    );
  };
}

function valuesOfDomains(
  { tower, kind, classes }: ServedOutput,
  outputs: readonly ServedOutput[],
  values: ReadonlyMap<string, Float32Array>,
  { rows, domains }: EncodedData,
): Float32Array {
  const byDomain = outputs
    .filter((output) => output.tower === tower && output.kind === kind)
    .map((output) => values.get(output.name)!);
  const results = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const from = byDomain[domains![row]!]!;
    for (let at = row * classes; at < (row + 1) * classes; at++) results[at] = from[at]!;
  }
  return results;
}

export interface PredictedPart {
  readonly columns: readonly ColumnInfo[];
  readonly values: ReadonlyMap<string, RawColumn>;
}

/** @param reserve columns to copy first @throws DataError if rows do not fit, or first, if a column is missing */
async function* predictedParts(predictor: Predictor, plan: EncodingPlan, reserve: readonly string[]) {
  const reserved = plan.table.select(...reserve).columns;
  for await (const { encoded, columns } of validParts(plan, reserve)) {
    const predicted = await openTable(await predictor(encoded));
    const copies = reserve.map((name) => [name, columns.get(name)!] as const);
    yield { columns: [...reserved, ...predicted.columns], values: new Map([...copies, ...(await predicted.read())]) };
  }
}

export async function writePredictions(
  predictor: Predictor,
  spec: ModelSpec,
  { table }: Dataset,
  { path: file, reserve = [] }: WritePredictionsOptions,
): Promise<WrittenPredictions> {
  const plan = planEncoding(table, spec, { labels: false });
  await writeColumns(file, predictedParts(predictor, plan, reserve));
  const notes = rowNotes("predicted data", { rows: table.rows, warnings: plan.report.warnings }, spec);
  return { path: file, rowCount: table.rows, notes };
}

/** Throws a DataError for a repeated name or an unwritable file, and rethrows errors of the chunks. */
async function writeColumns(file: string, parts: AsyncGenerator<PredictedPart>): Promise<void> {
  assertLocal(file);
  try {
    const first = await parts.next();
    if (first.done === true) throw new Error("there are no parts");
    const { columns } = first.value;
    const repeated = firstRepeated(columns.map((column) => column.name));
    if (repeated !== undefined) {
      const fix = "remove it from `reserve` (--reserve)";
      throw new DataError({ path: `column "${repeated}"`, message: "duplicate column in the output", fix });
    }
    makeFolders(path.dirname(path.resolve(file)));
    await writeParquet(columns, allValues(first.value, parts), file);
  } catch (cause) {
    await parts.return(undefined);
    throwIfInterrupted();
    if (cause instanceof PepnetError) throw cause;
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new DataError({ path: file, message: "cannot write the predictions", received, fix }, { cause });
  }
}

async function* allValues(first: PredictedPart, others: AsyncIterable<PredictedPart>) {
  yield first.values;
  for await (const { values } of others) yield values;
}
