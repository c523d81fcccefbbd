/** `--config` and `--edit`: opening a pipeline config on the command line. */
import { InvalidArgumentError, Option } from "commander";
import type { Pipeline, PipelineEdits } from "../../api/pipeline/index.js";
import { parseJson } from "../../util/text/parse-json.js";

/** `--edit`, repeatable. */
export function editOption(): Option {
  return new Option(
    "--edit <json>",
    "set fields by path, such as '{\"model_config.pepnet.epnet_gamma\": 1}'; repeatable",
  ).argParser(parseEdits);
}

function parseEdits(text: string, before: PipelineEdits = {}): PipelineEdits {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new InvalidArgumentError(`Not valid JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError("Expected a JSON object of paths and values.");
  }
  return { ...before, ...(value as PipelineEdits) };
}

/** Opens a config and applies the edits; see `openPipeline`. */
export async function readConfig(
  file: string,
  edits?: PipelineEdits,
  purpose: "model" | "text" = "model",
): Promise<Pipeline> {
  const { openPipeline } = await import("../../api/pipeline/index.js");
  return openPipeline(file, edits, purpose);
}
