/** A model of ipywidgets' protocol (version 2.1). It opens a comm when it is first shown. */
import { randomUUID } from "node:crypto";
import { type Comm, type CommMessage, type NotebookComms, notebookDisplay } from "../../core/port/notebook.js";
import { isObject } from "../../core/util/json.js";

const target = "jupyter.widget";
const controlTarget = "jupyter.widget.control";
const metadata = { version: "2.1.0" };
export const baseModule = "@jupyter-widgets/base";
export const modulesVersion = "2.0.0";

let ids = 0;

/**
 * An id of an output. Ids are counted if no page outlives the cell, so that two executions of a notebook write the same
 * file.
 */
export function outputId(): string {
  const isCounted = notebookDisplay()?.acceptsLateUpdates?.() === false;
  return isCounted ? (++ids).toString(16).padStart(32, "0") : randomUUID().replaceAll("-", "");
}

export function layoutModel(state: WidgetState = {}): WidgetModel {
  return new WidgetModel(
    { module: baseModule, version: modulesVersion, model: "LayoutModel", view: "LayoutView" },
    state,
  );
}

export interface ModelClass {
  readonly module: string;
  readonly version: string;
  readonly model: string;
  /** `null`: without a view. */
  readonly view: string | null;
  /** Default: the model's. */
  readonly viewModule?: string;
}

export interface ModelListener {
  changed?(changes: WidgetState): void | Promise<void>;
  message?(content: unknown, buffers: readonly Uint8Array[]): void | Promise<void>;
}

const openModels = new Map<string, WidgetModel>();

export class WidgetModel {
  readonly id: string = outputId();
  #state: WidgetState;
  #comm: Comm | null = null;

  constructor(
    { module, version, model, view, viewModule = module }: ModelClass,
    state: WidgetState,
    private readonly parts: readonly WidgetModel[] = [],
    private readonly listener: ModelListener = {},
  ) {
    this.#state = {
      _model_module: module,
      _model_module_version: version,
      _model_name: model,
      _view_module: viewModule,
      _view_module_version: version,
      _view_name: view,
      ...state,
    };
  }

  get reference(): string {
    return `IPY_MODEL_${this.id}`;
  }

  get state(): WidgetState {
    return this.#state;
  }

  open(): void {
    const comms = notebookDisplay()?.comms;
    if (!comms || this.#comm) return;
    acceptControl(comms);
    for (const part of this.parts) part.open();
    const { buffers, ...data } = splitBytes(this.#state);
    openModels.set(this.id, this);
    this.#comm = comms.open({ id: this.id, target, data: { ...data }, metadata, buffers }, (message) =>
      this.#receive(message),
    );
  }

  set(changes: WidgetState): void {
    this.#state = { ...this.#state, ...changes };
    this.#sendState("update", changes);
  }

  send(content: unknown, buffers: readonly Uint8Array[] = []): void {
    this.#comm?.send({ data: { method: "custom", content }, buffers });
  }

  async #receive({ data, buffers = [] }: CommMessage): Promise<void> {
    const { method, state } = data;
    if (method === "request_state") this.#sendState("update", this.#state);
    else if (method === "custom") await this.listener.message?.(data["content"], buffers);
    else if (method === "update") {
      const changes = joinBytes(isObject(state) ? state : {}, data["buffer_paths"], buffers);
      this.#state = { ...this.#state, ...changes };
      this.#sendState("echo_update", changes); // for the views in other windows
      await this.listener.changed?.(changes);
    }
  }

  #sendState(method: "update" | "echo_update", state: WidgetState): void {
    const { buffers, ...rest } = splitBytes(state);
    this.#comm?.send({ data: { method, ...rest }, buffers });
  }
}

/** A front end that opens or reloads a notebook asks for all states at once. */
function acceptControl(comms: NotebookComms): void {
  comms.accept(controlTarget, (comm) => ({ data }) => {
    if (data["method"] !== "request_states") return;
    const models = [...openModels].map(([id, { state }]) => {
      const { _model_module: model_module, _model_module_version: model_module_version, _model_name } = state;
      return [id, { model_name: _model_name, model_module, model_module_version, state }];
    });
    const { state: states, buffer_paths, buffers } = splitBytes(Object.fromEntries(models));
    comm.send({ data: { method: "update_states", states, buffer_paths }, buffers });
  });
}

/** JSON, or bytes. */
export type StateValue = unknown;

/** A widget's state by name. */
export type WidgetState = Readonly<Record<string, StateValue>>;

type Key = string | number;

export function splitBytes(state: WidgetState): {
  readonly state: Record<string, unknown>;
  readonly buffer_paths: readonly (readonly Key[])[];
  readonly buffers: readonly Uint8Array[];
} {
  const paths: Key[][] = [];
  const buffers: Uint8Array[] = [];
  const strip = (value: unknown, path: readonly Key[]): unknown => {
    if (ArrayBuffer.isView(value)) {
      paths.push([...path]);
      buffers.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      return null;
    }
    if (Array.isArray(value)) return value.map((each, index) => strip(each, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, strip(each, [...path, name])]));
  };
  return { state: strip(state, []) as Record<string, unknown>, buffer_paths: paths, buffers };
}

/** Puts bytes back. Paths that lead nowhere are ignored: the front end sent them. */
function joinBytes(state: WidgetState, paths: unknown, buffers: readonly Uint8Array[]): WidgetState {
  const whole = structuredClone(state) as Record<Key, unknown>;
  for (const [index, path] of (Array.isArray(paths) ? paths : []).entries()) {
    const keys: Key[] = Array.isArray(path) ? path : [];
    let place: unknown = whole;
    for (const [depth, key] of keys.entries()) {
      if (!isOpen(place, key)) break;
      if (depth < keys.length - 1) place = place[key];
      else place[key] = buffers[index];
    }
  }
  return whole;
}

/** Whether a path may enter a place; only own members count, so that it never reaches a prototype. */
function isOpen(place: unknown, key: Key): place is Record<Key, unknown> {
  const isPlace = typeof place === "object" && place !== null && key !== "__proto__";
  return isPlace && ["string", "number"].includes(typeof key) && (Object.hasOwn(place, key) || Array.isArray(place));
}
