/** Reads a model trained by TorchEasyRec: its config and weights, from a folder or from two files. */

import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { openConfig, type PipelineConfig } from "../config/pipeline/open-config.js";
import type { Weight, Weights } from "../engine/engine.js";
import { CheckpointError, ConfigError } from "../errors/index.js";
import { readSafetensors } from "../train/saved/weights.js";
import { fileProblem, readText } from "../util/files/read-whole.js";

/** The modules at the start of a PEPNet's parameter names, after wrapper prefixes. */
const modules = /^(.*?)(?:embedding_group|epnet|ppnet|_task_tower)\./;
const modelPrefix = "model.";

/** Weights with a checkpoint's names (`model.epnet.…`). Throws a CheckpointError if two names become equal. */
export function underOwnNames(weights: Weights, place: string): Weights {
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

export interface ProductionFiles {
  readonly config: string;
  readonly weights: string;
}

export interface BroughtBack {
  readonly config: PipelineConfig;
  readonly weights: Weights;
  /** The config's evaluation rows if they are in its folder; else `null`. */
  readonly evaluationRows: string | null;
}

const configName = "pipeline.config";
const weightNames = ["weights.safetensors", "final.safetensors"];
const converted = "python convert_weights.py model weights.safetensors   # where torch is; docs/torcheasyrec.md";

/** Of a folder, `final.safetensors` or its only weights. @throws ConfigError or CheckpointError if one is missing */
export async function readProduction(source: string | ProductionFiles): Promise<BroughtBack> {
  const files = typeof source === "string" ? await filesIn(source) : source;
  const config = await readConfigFile(files.config);
  await refuseCheckpoints(files.weights);
  const weights = underOwnNames(await readSafetensors(files.weights), files.weights);
  return { config, weights, evaluationRows: rowsBeside(files.config, config) };
}

async function readConfigFile(file: string): Promise<PipelineConfig> {
  const text = await readText(file, "config").catch((cause: unknown) => {
    const fix = "check the path; TorchEasyRec keeps a copy in its model_dir";
    throw new ConfigError({ path: file, fix, ...fileProblem(cause, "cannot read the config"), cause });
  });
  return openConfig(text, { path: file });
}

async function filesIn(folder: string): Promise<ProductionFiles> {
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

async function refuseCheckpoints(file: string): Promise<void> {
  const isFolder = await stat(file).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder && !file.endsWith(".distcp")) return;
  throw new CheckpointError({
    path: file,
    message: "this is a torch.distributed checkpoint, which only Python can read",
    received: isFolder ? "a folder" : "a .distcp file",
    expected: "a safetensors file",
    fix: converted,
  });
}

/** Paths in a config are relative to TorchEasyRec's working directory, usually the config's folder. */
function rowsBeside(file: string, config: PipelineConfig): string | null {
  const named = config.message["eval_input_path"];
  if (typeof named !== "string" || named === "") return null;
  const rows = path.resolve(path.dirname(file), named);
  return existsSync(rows) ? rows : null;
}
