/** Writes a folder that TorchEasyRec trains as it is: all of it, or nothing. */
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type ConfigPaths, configText } from "../config/index.js";
import { type DataWarning, encodedParts, resolveVocabularies, type Table } from "../data/index.js";
import { rewriteParquet, writeParquet } from "../data/sources/parquet/index.js";
import { DataError, PepnetError } from "../errors/index.js";
import { assertValid, type ModelSpec } from "../spec/index.js";
import { flushFile, flushFolder } from "../util/atomic/flush.js";
import { beginUnfinished, endUnfinished } from "../util/atomic/unfinished.js";
import { convertWeightsScript } from "./converter.js";
import { type ExportedTexts, exportReadme, trainScript } from "./export-texts.js";
import { exportedColumns } from "./exported-columns.js";
import { exportedSpec, isEncodedAnew } from "./exported-spec.js";

/** What is exported, and how. */
export interface ExportRequest {
  readonly spec: ModelSpec;
  readonly train: Table;
  readonly validation: Table | null;
  /** Training rows in a random order, decided by the spec's seed. */
  readonly shuffle: boolean;
  /** Where things will be when it trains, where that is not the folder. */
  readonly paths: ConfigPaths;
}

/** What was counted in the rows, by the file that they went to. */
export interface ExportWarning extends DataWarning {
  readonly file: string;
}

/**
 * Writes the folder.
 *
 * @throws ConfigError for what TorchEasyRec lacks, by name; SpecError where the model is not complete; DataError for
 * rows that do not fit it, with file, row and column, and where the folder holds something already.
 */
export async function exportFolder(folder: string, request: ExportRequest): Promise<readonly ExportWarning[]> {
  const { train, validation, shuffle } = request;
  const spec = resolveVocabularies(request.spec);
  const exported = exportedSpec(spec);
  const ownText = configText(request.spec); // names every switch that TorchEasyRec lacks
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
    await rename(fresh, folder);
    await flushFolder(path.dirname(path.resolve(folder)));
    return warnings;
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true });
    if (cause instanceof PepnetError) throw cause;
    const received = (cause as Error).message;
    const fix = "check the folder's rights and the free space";
    throw new DataError({ path: folder, message: "cannot write the export", received, fix }, { cause });
  } finally {
    endUnfinished(fresh);
  }
}

/** Two passes: what the parts hold in all decides a column's type, and rows can be put in another order. */
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
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? [] : [error.code],
  );
  if (there.length === 0) return;
  throw new DataError({
    path: folder,
    message: "there is something here already",
    received: there.slice(0, 5).join(", "),
    expected: "a folder that is new or empty",
    fix: "name another one, or remove this one: it may hold a trained model",
  });
}
