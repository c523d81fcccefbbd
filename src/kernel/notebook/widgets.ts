/**
 * The states of widgets in a notebook's metadata, as JupyterLab and nbconvert save them, so that it shows them without
 * a kernel.
 */

import { escapeHtml } from "../../core/util/escape.js";
import { assetText } from "../../core/util/files/package-root.js";
import { isObject } from "../../core/util/json.js";
import type { Message } from "../wire.js";

const stateType = "application/vnd.jupyter.widget-state+json";

/**
 * The type of outputs that show a widget. Its value names a model of the running kernel, by an id that is new in each
 * run.
 */
export const widgetViewType = "application/vnd.jupyter.widget-view+json";

export class WidgetStates {
  readonly #models = new Map<string, { readonly state: Record<string, unknown> }>();

  hear({ header, content, buffers = [] }: Message): void {
    if (header.msg_type === "comm_open" && content.target_name === "jupyter.widget" && buffers.length === 0) {
      const { state } = content.data;
      const names = ["model_name", "model_module", "model_module_version"];
      const model = Object.fromEntries(names.map((name) => [name, state[`_${name}`]]));
      this.#models.set(content.comm_id, { ...model, state: { ...state } });
    }
    if (header.msg_type === "comm_msg" && content.data?.method === "update") {
      Object.assign(this.#models.get(content.comm_id)?.state ?? {}, content.data.state);
    }
    if (header.msg_type === "comm_close") this.#models.delete(content.comm_id);
  }

  metadata({ metadata }: Pick<Notebook, "metadata">): Notebook["metadata"] {
    const { widgets, ...rest } = metadata;
    const { [stateType]: _, ...others } = isObject(widgets) ? widgets : {};
    const saved =
      this.#models.size === 0
        ? {}
        : { [stateType]: { version_major: 2, version_minor: 0, state: Object.fromEntries(this.#models) } };
    const all = { ...others, ...saved };
    return Object.keys(all).length === 0 ? rest : { ...rest, widgets: all };
  }
}

/** The saved states of a notebook by model. The file is untrusted, so anything may be missing. */
export function savedWidgets({ metadata }: Pick<Notebook, "metadata">): Readonly<Record<string, unknown>> {
  const { widgets } = metadata;
  const saved = isObject(widgets) ? widgets[stateType] : null;
  const states = isObject(saved) ? saved["state"] : null;
  return isObject(states) ? states : {};
}

/** A view's model and those that it refers to, in order, named by position instead of id. Null if not saved. */
export function modelsOfView(view: unknown, states: Readonly<Record<string, unknown>>): unknown[] | null {
  const id = isObject(view) ? view["model_id"] : null;
  if (typeof id !== "string" || !Object.hasOwn(states, id)) return null;
  const ids = [id];
  const positions = new Map([[id, 0]]);
  const models: unknown[] = [];
  for (let index = 0; index < ids.length; index++) {
    const saved = Object.hasOwn(states, ids[index]!) ? states[ids[index]!] : null;
    const text = JSON.stringify(saved, (_, value: unknown) => {
      const reference = typeof value === "string" ? /^IPY_MODEL_(.+)$/.exec(value)?.[1] : undefined;
      if (reference === undefined) return value;
      if (!positions.has(reference)) positions.set(reference, ids.push(reference) - 1);
      return `model ${positions.get(reference)}`;
    });
    models.push(JSON.parse(text));
  }
  return models;
}

/** Text as notebooks store it: one string, or its lines. */
export type Multiline = string | readonly string[];

export type Output =
  | { readonly output_type: "stream"; readonly name: string; text: Multiline }
  | { readonly output_type: "display_data"; data: Record<string, unknown>; metadata: object }
  | {
      readonly output_type: "execute_result";
      readonly execution_count: number;
      data: Record<string, unknown>;
      metadata: object;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

export interface NotebookCell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  metadata: { tags?: readonly string[]; [key: string]: unknown };
  source: Multiline;
  /** Pictures of a markdown cell by name, each by MIME type. */
  attachments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  outputs?: Output[];
  execution_count?: number | null;
}

export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export function joinLines(text: Multiline | undefined): string {
  return typeof text === "string" ? text : (text ?? []).join("");
}

/** The first meaningful line of a cell: a comment only if there is nothing else. */
export function firstLine(cell: NotebookCell): string {
  const lines = joinLines(cell.source)
    .split("\n")
    .map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("//")) ?? lines.find((line) => line !== "") ?? "";
}

export function splitLines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** An output's metadata without seeds and files, which belong to the environment that the notebook records once. */
export function ownMetadata({ metadata }: { readonly metadata?: object }): object {
  const { pepnet: _, ...rest } = (metadata ?? {}) as { readonly pepnet?: unknown };
  return rest;
}

export function hasTag(cell: NotebookCell, tag: string): boolean {
  return Array.isArray(cell.metadata.tags) && cell.metadata.tags.includes(tag);
}

/** The page's CSS: one column, wide outputs scroll, colours follow the reader's light or dark setting. */
export const pageStyle: string = assetText("kernel/notebook/assets/page.css");

const keywords =
  "abstract|as|async|await|break|case|catch|class|const|continue|default|delete|do|else|enum|export|extends|false|" +
  "finally|for|from|function|if|implements|import|in|instanceof|interface|let|new|null|of|readonly|return|satisfies|" +
  "static|super|switch|this|throw|true|try|type|typeof|undefined|var|void|while|yield";

const token = new RegExp(
  [
    // Unterminated tokens extend to the end: searching for an end from each start would take quadratic time.
    String.raw`(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)`,
    "(?<template>`(?:[^`\\\\]|\\\\[^])*`?)",
    String.raw`(?<number>\b(?:0x[\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?)\b)`,
    `(?<keyword>(?<![\\w$.])(?:${keywords})(?![\\w$]))`,
  ].join("|"),
  "g",
);

/** Longer code was not written by hand and is not highlighted. */
const longest = 200_000;

export function highlight(code: string): string {
  if (code.length > longest) return escapeHtml(code);
  let html = "";
  let end = 0;
  for (const match of code.matchAll(token)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    html += `${escapeHtml(code.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(end));
}
