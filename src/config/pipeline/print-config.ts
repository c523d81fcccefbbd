/**
 * Prints a pipeline as text that TorchEasyRec reads.
 */

import { messageType } from "../schema/schema.js";
import { printText } from "../text/print-text.js";
import { jsonDocument } from "./json-document.js";
import { printNotes } from "./notes.js";
import type { PipelineConfig } from "./open-config.js";

/**
 * Prints a pipeline: protobuf text, or proto JSON if `path` ends in `.json`. Opening the text again returns the same
 * message. Comments of the opened text are lost, except the `# pepnet:` line, which JSON cannot contain.
 * @example await writeFile("pipeline.config", printConfig(config))
 */
export function printConfig(config: PipelineConfig, options: { readonly path?: string } = {}): string {
  const type = messageType("EasyRecConfig");
  if (options.path?.toLowerCase().endsWith(".json")) {
    return `${JSON.stringify(jsonDocument(config.message, type), null, 2)}\n`;
  }
  return printNotes(config.notes) + printText(config.message, type);
}
