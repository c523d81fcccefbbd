/** Writes a folder that TorchEasyRec can train unchanged, atomically. */
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type ConfigPaths, configText } from "../config/index.js";
import { type DataWarning, encodedParts, resolveVocabularies, type Table } from "../data/index.js";
import { rewriteParquet, writeParquet } from "../data/sources/parquet/index.js";
import { DataError, PepnetError } from "../errors/index.js";
import { assertValid, type ModelSpec } from "../spec/index.js";
import { flushFile, flushFolder } from "../util/atomic/flush.js";
import { renameWhole } from "../util/atomic/rename.js";
import { beginUnfinished, endUnfinished } from "../util/atomic/unfinished.js";
import { convertWeightsScript } from "./converter.js";
import { type ExportedTexts, exportReadme, trainScript } from "./export-texts.js";
import { exportedColumns } from "./exported-columns.js";
import { exportedSpec, isEncodedAnew } from "./exported-spec.js";

/** Options of the export. */
export interface ExportRequest {
  readonly spec: ModelSpec;
  readonly train: Table;
  readonly validation: Table | null;
  /** Write training rows in a random order, by the spec's seed. */
  readonly shuffle: boolean;
  /** Paths for training, if not in the folder. */
  readonly paths: ConfigPaths;
}

/** Counts of problems in the rows, by output file. */
export interface ExportWarning extends DataWarning {
  readonly file: string;
}

/**
 * Writes the folder.
 * @throws ConfigError for features that TorchEasyRec lacks, by name; SpecError if the model is incomplete; DataError
 * for rows that do not fit it, with file, row and column, or if the folder is not empty.
 */
export async function exportFolder(folder: string, request: ExportRequest): Promise<readonly ExportWarning[]> {
  const { train, validation, shuffle } = request;
  const spec = resolveVocabularies(request.spec);
  const exported = exportedSpec(spec);
  // The rows beside it are encoded, so it names none. Throws and names every switch that TorchEasyRec lacks.
  const ownText = configText(request.spec, { trainInputPath: "", evalInputPath: "" });
  assertValid(spec);
  const modelDir = request.paths.modelDir ?? "model";
  const evalPath = validation === null ? "" : "eval.parquet";
  const paths = { trainInputPath: "train.parquet", evalInputPath: evalPath, ...request.paths, modelDir };
  const config = configText(exported, paths);
  await refuseOccupied(folder);
  const ownConfig = isEncodedAnew(spec);
  const rows = { train: train.rows, validation: validation?.rows ?? null };
  const texts: ExportedTexts = { spec: exported, modelDir, rows, shuffled: shuffle, ownConfig };
  const fresh = beginUnfinished(path.resolve(folder));
  try {
    await mkdir(fresh, { recursive: true });
    const file = (name: string): string => path.join(fresh, name);
    const seed = shuffle ? spec.training.seed : null;
    const warnings = await writeRows(train, spec, file("train.parquet"), seed);
    if (validation !== null) warnings.push(...(await writeRows(validation, spec, file("eval.parquet"), null)));
    await writeFile(file("pipeline.config"), config);
    if (ownConfig) await writeFile(file("model.config"), ownText);
    await writeFile(file("train.sh"), trainScript(texts), { mode: 0o755 });
    await writeFile(file("README.md"), exportReadme(texts));
    await copyFile(convertWeightsScript, file("convert_weights.py"));
    for (const name of await readdir(fresh)) await flushFile(file(name));
    await flushFolder(fresh);
    await renameWhole(fresh, folder);
    await flushFolder(path.dirname(path.resolve(folder)));
    return warnings;
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true });
    if (cause instanceof PepnetError) throw cause;
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new DataError({ path: folder, message: "cannot write the export", received, fix }, { cause });
  } finally {
    endUnfinished(fresh);
  }
}

/** Two passes: the type of a column depends on all chunks, and rows may be reordered. */
async function writeRows(
  table: Table,
  spec: ModelSpec,
  file: string,
  shuffleSeed: number | null,
): Promise<ExportWarning[]> {
  const rows = encodedParts(table, spec);
  const { columns, convert, singleIds } = exportedColumns(table, spec);
  async function* converted() {
    for await (const { encoded } of rows.parts([])) yield convert(encoded);
  }
  const first = `${file}.first`;
  await writeParquet(columns, converted(), first);
  const integers = singleIds();
  if (integers.length === 0 && shuffleSeed === null) await rename(first, file);
  else {
    await rewriteParquet(first, file, { columns: columns.map(({ name }) => name), integers, shuffleSeed });
    await rm(first);
  }
  return rows.warnings.map((warning) => ({ ...warning, file: path.basename(file) }));
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
