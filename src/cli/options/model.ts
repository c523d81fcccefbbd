/** `--run`, or `--config` with `--weights`: the trained model of `pepnet eval`, `predict` and `export`. */
import type { Command } from "commander";
import type { Run } from "../../api/index.js";
import type { Pipeline, PipelineEdits } from "../../api/pipeline/index.js";
import { editOption, readConfig } from "./config.js";
import { type EngineChoice, engineChoice, withEngineOptions } from "./engine.js";

/** The values of these options. */
export interface ModelChoice extends EngineChoice {
  readonly run?: string;
  readonly config?: string;
  readonly edit?: PipelineEdits;
  readonly weights?: string;
}

/** A loaded model, and its config if there is one. */
export interface OpenedModel {
  readonly run: Run;
  readonly config: Pipeline | null;
}

/** Adds the options to a command. */
export function withModelOptions(command: Command): Command {
  return withEngineOptions(
    command
      .option("--run <folder>", "folder of a run from `pepnet train` or run.save() (default: the config's model_dir)")
      .option("--config <file>", "pipeline.config, or a .json of it")
      .addOption(editOption())
      .option(
        "--weights <file>",
        "with --config: load these weights (safetensors, TorchEasyRec's names) instead of a run's",
      ),
  );
}

/** Opens the model. Throws a ConfigError or CheckpointError; exits as misused if no option names a model. */
export async function openModel(options: ModelChoice, command: Command): Promise<OpenedModel> {
  const { run, weights } = options;
  if (run === undefined && options.config === undefined)
    command.error("error: a model is missing: set --run or --config");
  if (run !== undefined && weights !== undefined) command.error("error: --run and --weights exclude each other");
  if (weights !== undefined && options.config === undefined) command.error("error: --weights needs --config");
  const config = options.config === undefined ? null : await readConfig(options.config, options.edit);
  const choice = engineChoice(options);
  if (config !== null && weights !== undefined) return { run: await weightsRun(config, weights, choice), config };
  const folder = run ?? config?.text("model_dir");
  if (!folder) command.error("error: the config has no model_dir: add --run");
  const { loadRun } = await import("../../api/index.js");
  return { run: await loadRun(folder, choice), config };
}

async function weightsRun(config: Pipeline, weights: string, choice: EngineChoice): Promise<Run> {
  const [{ pipelineModel }, { runFromWeights }, { modelFromSpec }] = await Promise.all([
    import("../../api/pipeline/index.js"),
    import("../../api/run/index.js"),
    import("../../api/index.js"),
  ]);
  const { spec } = await pipelineModel(config);
  return runFromWeights(spec, modelFromSpec, weights, choice);
}
