/** `--config` and `--edit`: opening a pipeline config on the command line. */
import { InvalidArgumentError, Option } from "commander";
import type { PipelineConfig } from "../config/index.js";
import { ConfigError } from "../errors/index.js";
import type { JsonObject } from "../util/json.js";
import { parseJson } from "../util/parse-json.js";
import { fileProblem, readText } from "../util/read-whole.js";

/** Changes to a config by path; the later ones win. */
export type Edits = JsonObject;

/** `--edit`, repeatable. */
export function editOption(): Option {
  return new Option(
    "--edit <json>",
    "set fields by path, such as '{\"model_config.pepnet.epnet_gamma\": 1}'; repeatable",
  ).argParser(parseEdits);
}

function parseEdits(text: string, before: Edits = {}): Edits {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError("It must be a JSON object of paths and values.");
  }
  return { ...before, ...(value as Edits) };
}

/**
 * Opens a config and carries out the edits. Throws a ConfigError where it cannot be read or is wrong.
 * @param purpose `model`: what else keeps a model from being built of a wrong config is told too
 */
export async function readConfig(
  file: string,
  edits: Edits = {},
  purpose: "model" | "text" = "model",
): Promise<PipelineConfig> {
  const text = await readText(file, "config").catch((cause: unknown) => {
    const fix = "check the path, which is relative to where you are";
    throw new ConfigError({ path: file, fix, ...fileProblem(cause, "cannot read the config") }, { cause });
  });
  const { openConfig, editConfig, specFromConfig } = await import("../config/index.js");
  const open = () => {
    try {
      return openConfig(text, { path: file });
    } catch (error) {
      if (purpose === "model") specFromConfig(text, { path: file });
      throw error;
    }
  };
  const config = open();
  return Object.keys(edits).length === 0 ? config : editConfig(config, edits);
}

/** A text field of the pipeline itself, such as `model_dir`; `null` where it is absent or empty. */
export function pipelineText(config: PipelineConfig, field: string): string | null {
  const value = config.message[field];
  return typeof value === "string" && value !== "" ? value : null;
}

/** A number in `train_config`; `null` where it is absent or 0, which TorchEasyRec takes as unset. */
export function trainNumber(config: PipelineConfig, field: string): number | null {
  const train = config.message["train_config"] as JsonObject | undefined;
  const value = train?.[field];
  return typeof value === "number" && value > 0 ? value : null;
}
