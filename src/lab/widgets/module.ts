/** Widgets from an ES module in the format of anywidget. */
import { Listeners, Widget } from "./input.js";
import { layoutModel, WidgetModel, type WidgetState } from "./model.js";

/** Options of {@link anywidget}. */
export interface ModuleOptions<State extends WidgetState> {
  /** An ES module: `export default { render({ model, el }) { … } }`, as text. */
  readonly module: string;
  /** Style rules. Default: none. */
  readonly css?: string;
  readonly state: State;
}

/** A widget of your own. Made by {@link anywidget}. `State`: the type of what it shares. */
export class ModuleWidget<State extends WidgetState> extends Widget {
  /** @internal */
  readonly model: WidgetModel;
  readonly #names: readonly string[];
  readonly #changes = new Listeners<[State]>();
  readonly #messages = new Listeners<[content: unknown, buffers: readonly Uint8Array[]]>();

  /** Use {@link anywidget}. @internal */
  constructor({ module, css, state }: ModuleOptions<State>) {
    super();
    this.#names = Object.keys(state);
    const layout = layoutModel();
    this.model = new WidgetModel(
      { module: "anywidget", version: "*", model: "AnyModel", view: "AnyView" },
      { ...state, _esm: module, ...(css === undefined ? {} : { _css: css }), layout: layout.reference },
      [layout],
      {
        changed: () => this.#changes.call(this.state),
        message: (content, buffers) => this.#messages.call(content, buffers),
      },
    );
  }

  get state(): State {
    const { state } = this.model;
    return Object.fromEntries(this.#names.map((name) => [name, state[name]])) as State;
  }

  /** Changes parts of the state, here and in the module. */
  set(changes: Partial<State>): void {
    this.model.set(changes as WidgetState);
  }

  /** Calls `listener` when the module saves changes. Returns a function that ends this. */
  onChange(listener: (state: State) => unknown): () => void {
    return this.#changes.add(listener);
  }

  /** Calls `listener` with what the module sends by `model.send`. Returns a function that ends this. */
  onMessage(listener: (content: unknown, buffers: readonly Uint8Array[]) => unknown): () => void {
    return this.#messages.add(listener);
  }

  /** Sends a message, which the module receives by `model.on("msg:custom", …)`. */
  send(content: unknown, buffers: readonly Uint8Array[] = []): void {
    this.model.send(content, buffers);
  }

  /** @internal */
  lines(): readonly string[] {
    return Object.entries(this.state).map(
      ([name, value]) => `${name}: ${ArrayBuffer.isView(value) ? "bytes" : JSON.stringify(value)}`,
    );
  }
}

/**
 * A widget of your own, from an ES module in the format of anywidget (anywidget.dev). Its front end is the Python
 * package `anywidget`, which `npm run lab` installs.
 * @example
 * const counter = anywidget({
 *   module: `export default { render({ model, el }) {
 *     el.innerHTML = "<button>count</button>";
 *     el.firstChild.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
 *   } }`,
 *   state: { count: 0 },
 * });
 * counter.onChange(({ count }) => console.log(count));
 */
export function anywidget<State extends WidgetState>(options: ModuleOptions<State>): ModuleWidget<State> {
  return new ModuleWidget(options);
}
