/**
 * The states of widgets in a notebook's metadata, as JupyterLab and nbconvert save them, so that it shows them without
 * a kernel.
 */

import { isObject } from "../../core/util/json.js";
import type { Message } from "../wire.js";
import type { Notebook } from "./format.js";

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
