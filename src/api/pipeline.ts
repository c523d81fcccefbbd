import type { PipelineConfig } from "../config/pipeline/open-config.js";
import { ConfigError } from "../errors/index.js";
import { fileProblem, readText } from "../util/files/read-whole.js";
import type { Json, JsonObject } from "../util/random.js";
import { modelFromSpec } from "./model/model.js";
import type { AnyModel } from "./model/types.js";

export type PipelineEdits = JsonObject;

export interface Pipeline {
  readonly file: string;
  readonly config: PipelineConfig;
  /** A text field at the top level of the pipeline, such as `model_dir`; `null` if it is absent or empty. */
  text(field: string): string | null;
  /** A number in `train_config`; `null` if it is absent or 0, which TorchEasyRec treats as unset. */
  trainNumber(field: string): number | null;
}

export async function openPipeline(
  file: string,
  edits: PipelineEdits = {},
  purpose: "model" | "text" = "model",
): Promise<Pipeline> {
  const text = await readText(file, "config").catch((cause: unknown) => {
    const fix = "check the path, which is relative to the current folder";
    throw new ConfigError({ path: file, fix, ...fileProblem(cause, "cannot read the config") }, { cause });
  });
  const { editConfig } = await import("../config/pipeline/edit-config.js");
  const { openConfig } = await import("../config/pipeline/open-config.js");
  const { specFromConfig } = await import("../config/spec-from-config.js");
  const open = (): PipelineConfig => {
    try {
      return openConfig(text, { path: file });
    } catch (error) {
      if (purpose === "model") specFromConfig(text, { path: file });
      throw error;
    }
  };
  const config = open();
  return pipeline(file, Object.keys(edits).length === 0 ? config : editConfig(config, edits));
}

function pipeline(file: string, config: PipelineConfig): Pipeline {
  return {
    file,
    config,
    text(field) {
      const value = config.message[field];
      return typeof value === "string" && value !== "" ? value : null;
    },
    trainNumber(field) {
      const train = config.message["train_config"] as JsonObject | undefined;
      const value = train?.[field];
      return typeof value === "number" && value > 0 ? value : null;
    },
  };
}

/** The model of a config. Throws a ConfigError if it describes another model than PEPNet. */
export async function pipelineModel({ config }: Pipeline): Promise<AnyModel> {
  const { specFromConfig } = await import("../config/spec-from-config.js");
  return modelFromSpec(specFromConfig(config));
}

export async function printPipeline({ config }: Pipeline): Promise<string> {
  const { printConfig } = await import("../config/pipeline/print-config.js");
  return printConfig(config);
}

export interface PipelineDifference {
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export async function diffPipelines(before: Pipeline, after: Pipeline): Promise<readonly PipelineDifference[]> {
  const { diffConfigs } = await import("../config/pipeline/diff-configs.js");
  return diffConfigs(before.config, after.config);
}

const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  train_config: ["save_checkpoints_timestamp_interval", "save_checkpoints_timestamps"],
  eval_config: ["num_steps"],
};

export function trainingNotes({ config }: Pipeline): readonly string[] {
  return Object.entries(WITHOUT_EFFECT).flatMap(([part, names]) => {
    const message = (config.message[part] ?? {}) as JsonObject;
    return names.filter((name) => message[name]).map((name) => `${part}.${name} has no effect here`);
  });
}
