/** Writes a folder that TorchEasyRec can train unchanged, atomically. */
import { copyFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type ConfigPaths, configText } from "../config/config-from-spec.js";
import { rowNotes } from "../data/check/encoded.js";
import { validParts } from "../data/encode/encode.js";
import { planEncoding, sourceColumns } from "../data/encode/plan.js";
import { resolveVocabularies } from "../data/encode/vocabulary.js";
import type { BagColumn, DenseColumn, EncodedData, FeatureColumn, IdColumn } from "../data/encoded/encoded.js";
import { rewriteParquet, writeParquet } from "../data/sources/parquet.js";
import { type ColumnInfo, numberColumn, type RawColumn } from "../data/table/column.js";
import type { Table } from "../data/table/table.js";
import { DataError, PepnetError } from "../errors/index.js";
import { type FeatureSpec, isSequence } from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { mostBatchRows, type TrainingSpec } from "../spec/training.js";
import { assertValid } from "../spec/validate/model.js";
import type { TrainingRecord } from "../train/training-record.js";
import { markdownCode, shellPath, shellWord } from "../util/code-text.js";
import { flushFile, flushFolder } from "../util/files/flush.js";
import { makeFolders } from "../util/files/make-folders.js";
import { assetText, packageRoot } from "../util/files/package-root.js";
import { Numbering } from "../util/growing.js";
import { throwIfInterrupted } from "../util/interrupt.js";
import { count } from "../util/text.js";
import { beginUnfinished, endUnfinished } from "../util/unfinished.js";
import { renameWhole } from "../util/write-whole.js";
import { MissingPositions, sequenceColumn, sequenceInfo } from "./exported-sequences.js";
import { exportedDomain, exportedSpec, exportNotes, isEncodedAnew } from "./exported-spec.js";
import { type ExportedTraining, exportedTraining, lengthSection, trainConfig } from "./exported-training.js";
import { maxComputeFile, maxComputeTables, type WrittenColumns } from "./maxcompute.js";
import { ownConfigName } from "./read-production.js";

/** Converts encoded rows to columns for TorchEasyRec's Parquet reader with `fg_mode: FG_NONE`. */

/** Python's converter between safetensors and TorchEasyRec's checkpoints, whose names need pickle. */
export const convertWeightsScript: string = path.join(packageRoot, "python", "convert_weights.py");

const separator = "\x03";

interface ExportedColumn {
  readonly info: ColumnInfo;
  values(part: EncodedData): RawColumn;
}

/**
 * Plans the columns: ids and classes as INT64, several ids as text, numbers, other labels and sample weights as FLOAT.
 */
function exportedColumns(table: Table, spec: ModelSpec) {
  const domain = exportedDomain(spec);
  const labels = new Set([...spec.labels, ...spec.towers.map((tower) => tower.label)]);
  const weighted = spec.features.filter((feature) => feature.kind === "id" && feature.weighted).map(({ name }) => name);
  const several = new Set(weighted);
  const missing = new MissingPositions();
  let rows = 0;
  const values = (feature: FeatureSpec, column: FeatureColumn): RawColumn => {
    if (isSequence(feature) && column.kind === "bag") {
      missing.note(feature, column, rows);
      return sequenceColumn(feature, column);
    }
    if (column.kind === "bag" && holdsSeveral(column)) several.add(feature.name);
    if (column.kind === "dense") return column.dim === 1 ? numberColumn("float", column.values) : listColumn(column);
    return column.kind === "ids" ? idColumn(column) : textColumn(column, weighted.includes(feature.name));
  };
  const columns: ExportedColumn[] = spec.features.map((feature) => ({
    info: featureInfo(feature, table, spec),
    values: (part) => values(feature, part.features.get(feature.name)!),
  }));
  if (domain !== undefined && !spec.features.some(({ name }) => name === domain))
    columns.push({ info: integers(domain), values: (part) => numberColumn("integer", part.domains!) });
  for (const name of labels) {
    if (name === spec.domains?.column) continue;
    const losses = spec.towers.flatMap((tower) => (tower.label === name ? tower.losses : []));
    columns.push(
      losses.some(({ kind }) => kind !== "l2_loss") // a class: TorchEasyRec's metrics need integers for them
        ? { info: integers(name), values: (part) => numberColumn("integer", Int32Array.from(part.labels.get(name)!)) }
        : { info: floats(name), values: (part) => numberColumn("float", part.labels.get(name)!) },
    );
  }
  for (const name of spec.sampleWeights)
    columns.push({ info: floats(name), values: (part) => numberColumn("float", part.sampleWeights.get(name)!) });
  return {
    columns: columns.map(({ info }) => info),
    convert(part: EncodedData): Map<string, RawColumn> {
      const converted = new Map(columns.map((column) => [column.info.name, column.values(part)]));
      rows += part.rows;
      return converted;
    },
    /**
     * Text columns that can become integers; call it after all chunks.
     * @throws DataError for sequences with missing ids
     */
    singleIds(): readonly string[] {
      const problems = missing.problems(table.source);
      if (problems.length > 0) throw new DataError(problems);
      return columns.flatMap(({ info: { name, type } }) => (type === "text" && !several.has(name) ? [name] : []));
    },
  };
}

const integers = (name: string): ColumnInfo => ({ name, type: "integer", sourceType: "BIGINT" });
const floats = (name: string): ColumnInfo => ({ name, type: "float", sourceType: "FLOAT" });

function featureInfo(feature: FeatureSpec, table: Table, spec: ModelSpec): ColumnInfo {
  const { name } = feature;
  if (isSequence(feature)) return sequenceInfo(feature);
  if (feature.kind === "raw" && feature.boundaries.length === 0) {
    return feature.valueDim === 1 ? floats(name) : { name, type: "list", sourceType: "FLOAT[]" };
  }
  const read = sourceColumns(table, feature, spec);
  const numbers = table.columns.filter((column) => read.includes(column.name));
  const single = feature.kind === "raw" ? feature.valueDim === 1 : feature.kind !== "id" || !feature.weighted;
  const onlyNumbers = numbers.every(({ type }) => type !== "text" && type !== "list");
  return single && onlyNumbers ? integers(name) : { name, type: "text", sourceType: "VARCHAR" };
}

function idColumn({ ids }: IdColumn): RawColumn {
  if (ids.every((id) => id >= 0)) return numberColumn("integer", ids);
  return numberColumn(
    "integer",
    ids.map((id) => Math.max(id, 0)),
    Uint8Array.from(ids, (id) => (id >= 0 ? 1 : 0)),
  );
}

function listColumn({ dim, values }: DenseColumn): RawColumn {
  const offsets = Int32Array.from({ length: values.length / dim + 1 }, (_, row) => row * dim);
  return { kind: "list", offsets, items: numberColumn("float", values), valid: null };
}

function holdsSeveral({ offsets }: BagColumn): boolean {
  for (let row = 1; row < offsets.length; row++) {
    if (offsets[row]! - offsets[row - 1]! > 1) return true;
  }
  return false;
}

/** Several ids as text, with `:weight` where the feature is weighted; a row without ids is null. */
function textColumn({ offsets, ids, weights }: BagColumn, weighted: boolean): RawColumn {
  const texts = new Numbering<string>();
  const codes = new Int32Array(offsets.length - 1);
  for (let row = 0; row < codes.length; row++) {
    const from = offsets[row]!;
    const rowIds = Array.from(ids.subarray(from, offsets[row + 1]));
    const words = weighted ? rowIds.map((id, at) => `${id}:${weights === null ? 1 : weights[from + at]}`) : rowIds;
    const text = words.join(separator);
    codes[row] = text === "" ? -1 : texts.of(text);
  }
  return { kind: "text", codes, words: texts.values };
}

export interface ExportRequest {
  readonly spec: ModelSpec;
  /** The model's training before its batch size and length followed from the rows. */
  readonly declared: TrainingSpec;
  /** Of the run whose model it is; `null`: no run. */
  readonly record: TrainingRecord | null;
  readonly train: Table;
  readonly validation: Table | null;
  readonly shuffle: boolean;
  readonly paths: ConfigPaths;
}

/** Returns notes. @throws ConfigError for features that TorchEasyRec lacks, SpecError, or DataError for rows or a folder with files */
export async function exportFolder(folder: string, request: ExportRequest): Promise<readonly string[]> {
  const { train, validation, shuffle, declared, record } = request;
  // A vocabulary is in the folder, not in a file of this machine.
  const described = resolveVocabularies(request.spec);
  const trained = exportedTraining(described, declared, record, { rows: train.rows, evaluated: validation !== null });
  const spec = withTraining(described, trained);
  const exported = exportedSpec(spec);
  // The rows beside it are encoded, so it names no files. Throws an error that names every switch that TorchEasyRec
  // lacks.
  const ownText = configText(spec, { trainInputPath: "", evalInputPath: "" });
  assertValid(spec);
  const modelDir = request.paths.modelDir ?? "model";
  const evalPath = validation === null ? "" : "eval.parquet";
  const paths = { trainInputPath: "train.parquet", evalInputPath: evalPath, ...request.paths, modelDir };
  const config = configText(exported, paths);
  await refuseOccupied(folder);
  const ownConfig = isEncodedAnew(spec, exported);
  const rows = { train: train.rows, validation: validation?.rows ?? null };
  const notes = [...trained.notes, ...exportNotes(spec)];
  const texts: ExportedTexts = { spec: exported, trained, modelDir, rows, notes, shuffled: shuffle, ownConfig };
  const fresh = beginUnfinished(path.resolve(folder));
  try {
    makeFolders(fresh);
    const file = (name: string): string => path.join(fresh, name);
    const written = [await writeRows(train, spec, file("train.parquet"), shuffle ? spec.training.seed : null)];
    if (validation !== null) written.push(await writeRows(validation, spec, file("eval.parquet"), null));
    await writeFile(file(maxComputeFile), maxComputeTables(written));
    await writeFile(file("pipeline.config"), config);
    if (ownConfig) await writeFile(file(ownConfigName), ownText);
    await writeFile(file("train.sh"), trainScript(texts), { mode: 0o755 });
    await writeFile(file("README.md"), exportReadme(texts));
    await copyFile(convertWeightsScript, file("convert_weights.py"));
    for (const name of await readdir(fresh)) await flushFile(file(name));
    await flushFolder(fresh);
    await renameWhole(fresh, folder);
    await flushFolder(path.dirname(path.resolve(folder)));
    return [...(trained.note === null ? [] : [trained.note]), ...notes, ...written.flatMap((one) => one.notes)];
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true });
    throwIfInterrupted();
    if (cause instanceof PepnetError) throw cause;
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new DataError({ path: folder, message: "cannot write the export", received, fix, cause });
  } finally {
    endUnfinished(fresh);
  }
}

function withTraining(spec: ModelSpec, { training, saves }: ExportedTraining): ModelSpec {
  if (Object.keys(saves).length === 0) return { ...spec, training };
  return { ...spec, training, extra: { ...spec.extra, train_config: { ...trainConfig(spec.extra), ...saves } } };
}

/** Two passes: the type of a column depends on all chunks, and rows may be reordered. */
async function writeRows(
  table: Table,
  spec: ModelSpec,
  file: string,
  shuffleSeed: number | null,
): Promise<WrittenColumns & { readonly notes: readonly string[] }> {
  const plan = planEncoding(table, spec);
  const { columns, convert, singleIds } = exportedColumns(table, spec);
  async function* converted() {
    for await (const { encoded } of validParts(plan)) yield convert(encoded);
  }
  const first = `${file}.first`;
  await writeParquet(columns, converted(), first);
  const single = singleIds();
  if (single.length === 0 && shuffleSeed === null) await rename(first, file);
  else {
    await rewriteParquet(first, file, { columns: columns.map(({ name }) => name), integers: single, shuffleSeed });
    await rm(first);
  }
  const written = columns.map((column) => (single.includes(column.name) ? integers(column.name) : column));
  const name = path.basename(file);
  const notes = rowNotes(name, { rows: table.rows, warnings: plan.report.warnings }, spec, spec);
  return { file: name, columns: written, notes };
}

async function refuseOccupied(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? [] : [error.code],
  );
  if (entries.length === 0) return;
  throw new DataError({
    path: folder,
    message: "the folder is not empty",
    received: entries.slice(0, 5).join(", "),
    expected: "a new or empty folder",
    fix: "use another folder, or remove this one: it may contain a trained model",
  });
}

export interface ExportedTexts {
  readonly spec: ModelSpec;
  readonly trained: ExportedTraining;
  readonly modelDir: string;
  readonly rows: { readonly train: number; readonly validation: number | null };
  readonly notes: readonly string[];
  readonly shuffled: boolean;
  /** Whether the folder also contains the original model's config. */
  readonly ownConfig: boolean;
}

export function trainScript({ spec, modelDir, rows }: ExportedTexts): string {
  const { batchSize, dropRemainder } = spec.training;
  const values = { model: shellPath(modelDir), batchSize, rows: rows.train, rounded: dropRemainder ? 0 : 1 };
  return assetText("core/bridge/assets/train.sh", values);
}

export function exportReadme(texts: ExportedTexts): string {
  const { spec, rows, notes, shuffled, ownConfig } = texts;
  const readers = Number((spec.extra["data_config"] as { num_workers?: number } | undefined)?.num_workers ?? 8);
  const evaluated =
    rows.validation === null ? "" : `\n- \`eval.parquet\`: ${count(rows.validation, "row")} to evaluate on`;
  const order = shuffled
    ? "in a random order, since TorchEasyRec shuffles whole batches of neighbouring rows only"
    : "in the order of the data";
  const configLine = ownConfig
    ? `\n- \`${ownConfigName}\`: the original model, which reads your unencoded columns; it names no rows, as those here are encoded`
    : "";
  const back = ownConfig
    ? `const files = { config: "${ownConfigName}", weights: "weights.safetensors" };   // reads your columns
const run = await pepnet.fromTorchEasyRec(files);`
    : `const run = await pepnet.fromTorchEasyRec(".");   // this folder`;
  return assetText("core/bridge/assets/README.md", {
    order,
    evaluated,
    configLine,
    readers,
    trainRows: count(rows.train, "row"),
    batchRows: count(mostBatchRows(spec.training), "row"),
    sequences: sequenceSentences(spec),
    notes: notes.map((note) => `\n${markdownCode(note)}\n`).join(""),
    sparseAdam: sparseAdam(spec),
    length: lengthSection(texts.trained, spec, texts.modelDir),
    modelDir: markdownCode(texts.modelDir),
    ...commandsThere(texts),
    convert: markdownCode(`python convert_weights.py ${shellPath(texts.modelDir)} weights.safetensors`),
    back: back.replaceAll("\n", "\n    "),
  });
}

/** TorchEasyRec's commands for a trained model, as its documentation writes them. */
function commandsThere({ spec, rows, modelDir }: ExportedTexts): Record<string, string> {
  const place = (name: string): string => shellPath(path.posix.join(modelDir, name));
  const config = `--pipeline_config_path ${place("pipeline.config")}`;
  const input = rows.validation === null ? "train.parquet" : "eval.parquet";
  const command = (name: string, options: string): string => `torchrun --nproc-per-node=1 -m tzrec.${name} ${options}`;
  const label = shellWord(spec.towers[0]!.label);
  return {
    trainedConfig: markdownCode(path.posix.join(modelDir, "pipeline.config")),
    evalCommand: command("eval", `${config} --eval_input_path ${input}`),
    exportCommand: command("export", `${config} --export_dir ${place("export")}`),
    predictCommand: command(
      "predict",
      `--scripted_model_path ${place("export")} --predict_input_path ${input} --predict_output_path predictions --reserved_columns ${label}`,
    ),
  };
}

function sequenceSentences(spec: ModelSpec): string {
  if (!spec.features.some(isSequence)) return "";
  return ` Sequences are lists of these, and lists of lists
if a position holds several values.

On a CPU, TorchEasyRec trains the tables of sequences with the dense optimizer, as pepnet does; on GPUs, with the sparse one.`;
}

function sparseAdam({ training }: ModelSpec): string {
  const { kind } = training.sparse;
  if (kind !== "adam" && kind !== "partial_rowwise_adam") return "";
  return `\nThe sparse optimizer is ${kind}, which TorchEasyRec refuses on the CPU: train on GPUs, or choose adagrad.`;
}
