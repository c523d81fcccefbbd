/**
 * Collects the kernel's messages as a notebook's outputs: joins prints, and keeps the last state of an updated display.
 */
import type { Message } from "../../kernel/index.js";
import { joinLines, type NotebookCell, type Output, splitLines } from "../format.js";
import type { WidgetStates } from "../widgets.js";

type Display = Extract<Output, { output_type: "display_data" | "execute_result" }>;

/** The outputs of a notebook's cells while it runs. */
export class OutputCollector {
  readonly #displays = new Map<string, Display[]>();

  /** @param widgets collects the states of widgets */
  constructor(private readonly widgets: WidgetStates) {}

  /** Handles a message about a cell. */
  hear(cell: NotebookCell, message: Message): void {
    const { header, content } = message;
    this.widgets.hear(message);
    cell.outputs ??= [];
    switch (header.msg_type) {
      case "execute_input":
        cell.execution_count = content.execution_count;
        return;
      case "stream":
        appendStream(cell, content.name, content.text);
        return;
      case "display_data":
      case "execute_result":
        this.#add(cell, header.msg_type, content);
        return;
      case "update_display_data":
        this.#update(content);
        return;
      case "error":
        cell.outputs.push({
          output_type: "error",
          ename: content.ename,
          evalue: content.evalue,
          traceback: content.traceback,
        });
        return;
      case "clear_output":
        cell.outputs = [];
    }
  }

  #add(cell: NotebookCell, type: Display["output_type"], content: Message["content"]): void {
    const display = { data: storedBundle(content.data), metadata: ownMetadata(content) };
    const output: Display =
      type === "display_data"
        ? { output_type: type, ...display }
        : { output_type: type, execution_count: content.execution_count, ...display };
    cell.outputs?.push(output);
    const id: string | undefined = content.transient?.display_id;
    if (id !== undefined) this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
  }

  #update(content: Message["content"]): void {
    for (const output of this.#displays.get(content.transient?.display_id) ?? []) {
      output.data = storedBundle(content.data);
      output.metadata = ownMetadata(content);
    }
  }
}

/** Removes seeds and files from output metadata: the executor writes them once, for the whole notebook. */
function ownMetadata({ metadata = {} }: Message["content"]): object {
  const { pepnet: _, ...rest } = metadata;
  return rest;
}

function appendStream(cell: NotebookCell, name: string, text: string): void {
  const last = cell.outputs?.at(-1);
  if (last?.output_type === "stream" && last.name === name) last.text = splitLines(joinLines(last.text) + text);
  else cell.outputs?.push({ output_type: "stream", name, text: splitLines(text) });
}

/** Text is stored as lines; pictures and JSON are stored unchanged. */
function storedBundle(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([type, value]) => {
      const isText = typeof value === "string" && !(type.startsWith("image/") && type !== "image/svg+xml");
      return [type, isText ? splitLines(value) : value];
    }),
  );
}
