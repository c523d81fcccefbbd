/** A TorchEasyRec pipeline config: its model, paths, settings and edits. */
import type * as Config from "../core/config/index.js";
import type { JsonObject } from "../core/util/json.js";
import { modelFromSpec } from "./model/model.js";
import type { AnyModel } from "./model/types.js";

export type PipelineEdits = JsonObject;

const library = (): typeof Config => require("../core/config/index.js");

export class Pipeline {
  readonly file: string;
  readonly #config: Config.PipelineConfig;

  constructor(file: string, config: Config.PipelineConfig) {
    this.file = file;
    this.#config = config;
  }

  /** A text field at the top level of the pipeline, such as `model_dir`; `null` if it is absent or empty. */
  text(field: string): string | null {
    const value = this.#config.message[field];
    return typeof value === "string" && value !== "" ? value : null;
  }

  /** A number in `train_config`; `null` if it is absent or 0, which TorchEasyRec treats as unset. */
  trainNumber(field: string): number | null {
    const value = this.#part("train_config")[field];
    return typeof value === "number" && value > 0 ? value : null;
  }

  /** The model of the config. Throws a ConfigError if it describes a model other than PEPNet. */
  model(): AnyModel {
    return modelFromSpec(library().specFromConfig(this.#config));
  }

  print(): string {
    return library().printConfig(this.#config);
  }

  differencesTo(other: Pipeline): readonly Config.ConfigDifference[] {
    return library().diffConfigs(this.#config, other.#config);
  }

  /** Settings of TorchEasyRec's training that have no effect here. */
  trainingNotes(): readonly string[] {
    return Object.entries(withoutEffect).flatMap(([part, names]) => {
      return names.filter((name) => this.#part(part)[name]).map((name) => `${part}.${name} has no effect here`);
    });
  }

  #part(name: string): JsonObject {
    return (this.#config.message[name] ?? {}) as JsonObject;
  }
}

const withoutEffect: Readonly<Record<string, readonly string[]>> = {
  train_config: ["save_checkpoints_timestamp_interval", "save_checkpoints_timestamps"],
  eval_config: ["num_steps"],
};

export async function openPipeline(
  file: string,
  edits: PipelineEdits = {},
  purpose: "model" | "text" = "model",
): Promise<Pipeline> {
  const { editConfig, openConfig, readConfigText, specFromConfig } = library();
  const text = await readConfigText(file);
  const open = (): Config.PipelineConfig => {
    try {
      return openConfig(text, { path: file });
    } catch (error) {
      if (purpose === "model") specFromConfig(text, { path: file });
      throw error;
    }
  };
  const config = open();
  return new Pipeline(file, Object.keys(edits).length === 0 ? config : editConfig(config, edits));
}
