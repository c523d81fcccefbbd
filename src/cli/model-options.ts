/** `--run`, or `--config` with `--weights`: the trained model of `pepnet eval` and `pepnet predict`. */
import type { Command } from "commander";
import type { PipelineConfig } from "../config/index.js";
import type { Engine } from "../engine/engine.js";
import { type Edits, editOption, pipelineText, readConfig } from "./config-options.js";
import { type EngineChoice, engineChoice, withEngineOptions } from "./engine-options.js";

/** What they say. */
export interface ModelChoice extends EngineChoice {
  readonly run?: string;
  readonly config?: string;
  readonly edit?: Edits;
  readonly weights?: string;
}

/** A model that is ready to use, and its config where one was given. */
export interface OpenedModel {
  readonly engine: Engine;
  readonly config: PipelineConfig | null;
}

/** Adds the options to a command. */
export function withModelOptions(command: Command): Command {
  return withEngineOptions(
    command
      .option("--run <folder>", "a run that `pepnet train` or run.save() wrote (default: the config's model_dir)")
      .option("--config <file>", "pipeline.config, or a .json of it")
      .addOption(editOption())
      .option(
        "--weights <file>",
        "with --config: these weights (safetensors, TorchEasyRec's names) instead of a run's",
      ),
  );
}

/** Opens the model. Throws a ConfigError or CheckpointError; ends as misused where nothing names a model. */
export async function openModel(options: ModelChoice, command: Command): Promise<OpenedModel> {
  const { run, weights } = options;
  if (run === undefined && options.config === undefined) command.error("error: name a model by --run or --config");
  if (run !== undefined && weights !== undefined) command.error("error: --run and --weights exclude each other");
  if (weights !== undefined && options.config === undefined) command.error("error: --weights needs --config");
  const [{ openEngine }, { loadWeights, readRunIn }] = await Promise.all([
    import("../api/training/engine.js"),
    import("../train/index.js"),
  ]);
  const config = options.config === undefined ? null : await readConfig(options.config, options.edit);
  if (config !== null && weights !== undefined) {
    const { specFromConfig } = await import("../config/index.js");
    const engine = await openEngine(specFromConfig(config), engineChoice(options));
    try {
      await loadWeights(engine, weights);
    } catch (error) {
      await engine.dispose();
      throw error;
    }
    return { engine, config };
  }
  const folder = run ?? (config && pipelineText(config, "model_dir"));
  if (!folder) command.error("error: the config names no model_dir: give --run");
  const saved = await readRunIn(folder as string);
  return { engine: await openEngine(saved.spec, { ...engineChoice(options), weights: saved.weights }), config };
}
