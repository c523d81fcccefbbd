/** Reads a model trained by TorchEasyRec: its config and weights, from a folder or from two files. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { openConfig, type PipelineConfig, readConfigText } from "../config/pipeline/open-config.js";
import { specFromConfig } from "../config/spec-from-config.js";
import type { Weight, Weights } from "../engine/engine.js";
import { CheckpointError, type Problem } from "../errors/index.js";
import { columnContents } from "../spec/feature/column-contents.js";
import { growingRows, needsFit } from "../spec/feature/feature.js";
import { type ModelSpec, towersPerTask, usedFeatures } from "../spec/model.js";
import { showsAverages } from "../spec/validate/unsupported.js";
import { averageSuffix, readSafetensors } from "../train/saved/weights.js";
import { stringLiteral } from "../util/code-text.js";

/** The modules at the start of a PEPNet's parameter names, after wrapper prefixes. */
const modules = /^(.*?)(?:embedding_group|epnet|ppnet|_task_tower)\./;
const modelPrefix = "model.";

/** Renames weights as in a checkpoint (`model.epnet.…`). Throws a CheckpointError if two names become equal. */
function underOwnNames(weights: Weights, place: string): Weights {
  const renamed = new Map<string, Weight>();
  for (const [name, weight] of weights) {
    const prefix = modules.exec(name)?.[1];
    const fresh = prefix === undefined ? name : modelPrefix + name.slice(prefix.length);
    if (renamed.has(fresh)) {
      const message = `two parameters are named ${JSON.stringify(fresh)} after removing their prefixes`;
      const fix = "remove one of the two models from the file";
      throw new CheckpointError({ path: `${place}: ${name}`, message, fix });
    }
    renamed.set(fresh, weight);
  }
  return renamed;
}

/** The two files of a trained model. */
export interface TorchEasyRecFiles {
  /** Its pipeline config; TorchEasyRec keeps a copy in its `model_dir`. */
  readonly config: string;
  /** A safetensors file, converted from its checkpoint by `convert_weights.py`. */
  readonly weights: string;
}

export interface BroughtBack {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  /** The config's evaluation rows if they are in its folder; else `null`. */
  readonly evaluationRows: string | null;
  /** Says which weights these are if the config averages weights. */
  readonly notes: readonly string[];
}

const configName = "pipeline.config";
/** The model as it reads unencoded columns, beside the config of an export. */
export const ownConfigName = "model.config";
const rowFiles = "train.parquet, eval.parquet";
const weightNames = ["weights.safetensors", "final.safetensors"];
const converted = "python convert_weights.py model weights.safetensors   # where torch is; docs/torcheasyrec.md";

/**
 * Reads a config and weights; from a folder, `final.safetensors` or its only weights.
 * @param trained whether to leave out the moving averages
 * @throws ConfigError, or CheckpointError if a file or the averages are missing
 */
export async function readProduction(source: string | TorchEasyRecFiles, trained: boolean): Promise<BroughtBack> {
  const files = typeof source === "string" ? await filesIn(source) : source;
  const text = await readConfigText(files.config, "check the path; TorchEasyRec keeps a copy in its model_dir");
  const config = openConfig(text, { path: files.config });
  await refuseOtherFormats(files.weights);
  const spec = specFromConfig(config);
  const unreadable = unlistedIds(spec, files.config);
  if (unreadable.length > 0) throw new CheckpointError(unreadable);
  const all = withoutWindows(underOwnNames(await readSafetensors(files.weights), files.weights), spec, files.weights);
  const weights = trained ? new Map([...all].filter(([name]) => !name.endsWith(averageSuffix))) : all;
  const notes = [
    ...averageNotes(spec, weights, trained, files.weights),
    ...lastDomainNote(spec, weights),
    ...encodedNote(spec, files),
  ];
  return { spec, weights, evaluationRows: rowsBeside(files.config, config), notes };
}

/** Tables without a list of their ids: no rows could be found in them. */
function unlistedIds(spec: ModelSpec, file: string): Problem[] {
  const used = usedFeatures(spec);
  return spec.features.flatMap((feature): Problem[] => {
    const field = growingRows(feature);
    if (field === null || !needsFit(feature) || !used.has(feature.name)) return [];
    const fix = `for weights of a folder that pepnet exported, open its ${ownConfigName}, which lists the ids (older versions did not: export the same rows again). Which rows TorchEasyRec itself gave out by ${field} cannot be read here: train the config here, or remove the feature from the groups`;
    return [
      {
        path: `features.${feature.name}.${field}`,
        message: "the config does not say which ids have which rows of this table, so new rows cannot be looked up",
        received: `${field} without a list of ids in ${file}`,
        expected: 'the ids in the order of their rows, in the line # pepnet: {"vocabularies":…}',
        fix,
      },
    ];
  });
}

/** A config of encoded rows reads ids of a user's own columns as rows of tables. */
function encodedNote(spec: ModelSpec, { config, weights }: TorchEasyRecFiles): readonly string[] {
  const other = path.join(path.dirname(config), ownConfigName);
  if (path.basename(config) === ownConfigName || columnContents(spec) !== "rows" || !existsSync(other)) return [];
  const files = `{ config: ${stringLiteral(other)}, weights: ${stringLiteral(weights)} }`;
  return [
    `this config reads rows as encoded in the folder (${rowFiles}); to read your columns: fromTorchEasyRec(${files})`,
  ];
}

/** TorchEasyRec evaluates and exports moving averages, which it keeps apart from the trained weights. */
function averageNotes(spec: ModelSpec, weights: Weights, trained: boolean, place: string): readonly string[] {
  const { emaDecay } = spec.training;
  if (emaDecay === null) return [];
  if (!showsAverages(spec)) return ["trained weights, not their moving averages: the config says use_dense_ema: false"];
  if (trained) return [`trained weights: TorchEasyRec evaluates and exports their moving averages (ema ${emaDecay})`];
  if ([...weights.keys()].some((name) => name.endsWith(averageSuffix)))
    return [`moving averages (ema ${emaDecay}), as TorchEasyRec evaluates; { weights: "trained" } opens the others`];
  throw new CheckpointError({
    path: place,
    message: "the weights lack the moving averages with which TorchEasyRec evaluates, predicts and exports",
    received: `trained weights only, and a config with ema { decay: ${emaDecay} }`,
    expected: `the averages (model.ckpt-N/dense_ema), named as the weights and ${averageSuffix}`,
    fix: `convert the checkpoint again with this version's convert_weights.py, or open the trained weights: fromTorchEasyRec(source, { weights: "trained" })`,
  });
}

/** Versions that kept the last domain's outputs alone trained its towers alone (issue 524 of TorchEasyRec). */
function lastDomainNote(spec: ModelSpec, weights: Weights): readonly string[] {
  const domains = towersPerTask(spec);
  const trained = new Set<number>();
  for (const [name, { shape, data }] of weights) {
    const tower = /^model\._task_tower\.(\d+)\..*weight$/.exec(name)?.[1];
    if (tower === undefined || shape.length !== 2) continue;
    const most = 1.0001 / Math.sqrt(shape[1]!); // PyTorch begins within it
    if (data.some((value) => Math.abs(value) > most)) trained.add(Number(tower) % domains);
  }
  if (domains < 2 || trained.size !== 1 || !trained.has(domains - 1)) return [];
  return [
    `only the last domain's towers were trained, those of all others are as they began: TorchEasyRec before 1.2.13 lost the outputs of all but the last domain (its issue 524); train again with a newer version`,
  ];
}

/** The windows of encoders, which TorchEasyRec saves like parameters, although they are settings. */
const windows = /^model\.embedding_group\._group_name_to_seq_encoders\.(.+)\.(\d+)\.(cumsum_)?windows_len$/;

function withoutWindows(weights: Weights, { groups }: ModelSpec, place: string): Weights {
  const problems: Problem[] = [];
  const parameters = new Map<string, Weight>();
  for (const [name, weight] of weights) {
    const [, group, index, sums] = windows.exec(name) ?? [];
    if (group === undefined) parameters.set(name, weight);
    const encoder = groups.find((each) => each.name === group)?.sequences?.encoders[Number(index)];
    if (encoder?.kind !== "multi_window_din") continue;
    const starts = encoder.windows.map((_, at) => encoder.windows.slice(0, at).reduce((sum, size) => sum + size, 0));
    const expected = `[${(sums === undefined ? encoder.windows : starts).join(", ")}]`;
    const received = `[${weight.data.join(", ")}]`;
    const message = "the weights are of an encoder with other windows than the config's";
    if (received !== expected) problems.push({ path: `${place}: ${name}`, message, received, expected });
  }
  if (problems.length > 0) throw new CheckpointError(problems);
  return parameters;
}

async function filesIn(folder: string): Promise<TorchEasyRecFiles> {
  const names = await readdir(folder).catch((cause: Error) => {
    const fix = "use a folder with pipeline.config and weights.safetensors, or { config, weights }";
    const problem = { path: folder, message: "cannot read the folder", received: cause.message, fix };
    throw new CheckpointError(problem, { cause });
  });
  const weightFiles = names.filter((name) => name.endsWith(".safetensors")).sort();
  const weights =
    weightNames.find((name) => weightFiles.includes(name)) ?? (weightFiles.length === 1 ? weightFiles[0] : undefined);
  const config = path.join(folder, configName);
  if (weights !== undefined) return { config, weights: path.join(folder, weights) };
  throw new CheckpointError({
    path: folder,
    message: weightFiles.length === 0 ? "no weights found" : "several files could be the weights",
    received: weightFiles.length === 0 ? `files ${names.sort().join(", ") || "none"}` : weightFiles.join(", "),
    expected: "weights.safetensors",
    fix: weightFiles.length === 0 ? converted : `name them: { config: ${JSON.stringify(config)}, weights: "…" }`,
  });
}

async function refuseOtherFormats(file: string): Promise<void> {
  const isFolder = await stat(file).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  const expected = "a safetensors file";
  if (isFolder || file.endsWith(".distcp")) {
    const message = "this is a torch.distributed checkpoint, which only Python can read";
    const received = isFolder ? "a folder" : "a .distcp file";
    throw new CheckpointError({ path: file, message, received, expected, fix: converted });
  }
  if (!file.endsWith(".pt") && !file.endsWith(".pth")) return;
  const message = "this is a model that TorchEasyRec exported for serving (TorchScript), with quantized tables";
  const fix = `convert the checkpoint that it was exported from: ${converted}`;
  throw new CheckpointError({ path: file, message, received: path.basename(file), expected, fix });
}

/** Paths in a config are relative to TorchEasyRec's working directory, usually the config's folder. */
function rowsBeside(file: string, config: PipelineConfig): string | null {
  const named = config.message["eval_input_path"];
  if (typeof named !== "string" || named === "") return null;
  const rows = path.resolve(path.dirname(file), named);
  return existsSync(rows) ? rows : null;
}
