/** Printing a pipeline as text that TorchEasyRec reads. */

import { messageType } from "../schema/schema.js";
import { printText } from "../text/print-text.js";
import { jsonDocument } from "./json-document.js";
import { printNotes } from "./notes.js";
import type { PipelineConfig } from "./open-config.js";

/**
 * Prints a pipeline: protobuf text, or proto JSON where `path` ends in `.json`. Opening the text again gives the same
 * message. Comments of the text that it was opened from are gone, except the `# pepnet:` line, which JSON cannot hold.
 *
 * @example await writeFile("pipeline.config", printConfig(config))
 */
export function printConfig(config: PipelineConfig, options: { readonly path?: string } = {}): string {
  const type = messageType("EasyRecConfig");
  if (options.path?.toLowerCase().endsWith(".json")) {
    return `${JSON.stringify(jsonDocument(config.message, type), null, 2)}\n`;
  }
  return printNotes(config.notes) + printText(config.message, type);
}
