/**
 * The state of widgets in a notebook's metadata, where JupyterLab and nbconvert keep it: a saved notebook shows the last
 * state without a kernel.
 */
import type { Message } from "../kernel/index.js";
import { isObject } from "../util/json.js";
import type { Notebook } from "./format.js";

const stateType = "application/vnd.jupyter.widget-state+json";

/** The type of outputs that show a widget. Its value names a model of the running kernel, new in each run. */
export const widgetViewType = "application/vnd.jupyter.widget-view+json";

interface SavedModel {
  readonly model_name: unknown;
  readonly model_module: unknown;
  readonly model_module_version: unknown;
  readonly state: Record<string, unknown>;
}

/** Collects the states of widgets from a kernel's messages. States with bytes are left out. */
export class WidgetStates {
  readonly #models = new Map<string, SavedModel>();

  /** Handles a message; ignores those that are not about widgets. */
  hear({ header, content, buffers = [] }: Message): void {
    if (header.msg_type === "comm_open" && content.target_name === "jupyter.widget" && buffers.length === 0) {
      const { state } = content.data;
      const { _model_name, _model_module, _model_module_version, ...rest } = state;
      const names = { _model_name, _model_module, _model_module_version };
      this.#models.set(content.comm_id, {
        model_name: _model_name,
        model_module: _model_module,
        model_module_version: _model_module_version,
        state: { ...names, ...rest },
      });
    }
    if (header.msg_type === "comm_msg" && content.data?.method === "update") {
      Object.assign(this.#models.get(content.comm_id)?.state ?? {}, content.data.state);
    }
    if (header.msg_type === "comm_close") this.#models.delete(content.comm_id);
  }

  /** The notebook's metadata with these states instead of earlier ones. */
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

/** The saved states of a notebook by model; of an untrusted file, so anything may be missing. */
export function savedWidgets({ metadata }: Pick<Notebook, "metadata">): Readonly<Record<string, unknown>> {
  const { widgets } = metadata;
  const saved = isObject(widgets) ? widgets[stateType] : null;
  const states = isObject(saved) ? saved["state"] : null;
  return isObject(states) ? states : {};
}

/**
 * The model that a view shows and the models that its state refers to, in order, named by their position rather than
 * their id. Null if its state is not saved.
 */
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
