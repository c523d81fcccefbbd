/** What all widgets share: a model in the front end, a value, and listeners. */
import { NotebookError } from "../../core/errors/index.js";
import { type MimeBundle, showBy } from "../../core/port/notebook.js";
import { escapeHtml } from "../../core/util/escape.js";
import type { ModelListener, WidgetModel, WidgetState } from "./model.js";

const viewType = "application/vnd.jupyter.widget-view+json";

/** A control or an arrangement of controls, shown at the end of a cell. */
export abstract class Widget {
  /** The widget's part in the front end. @internal */
  abstract readonly model: WidgetModel;

  /** The state as lines of text, for viewers that do not draw widgets. @internal */
  abstract lines(): readonly string[];

  /** The view, and the state as text where the notebook has no widgets. @internal */
  bundle(): MimeBundle {
    this.model.open();
    const lines = this.lines();
    return {
      [viewType]: { version_major: 2, version_minor: 0, model_id: this.model.id },
      "text/html": lines.map((line) => `<div>${escapeHtml(line)}</div>`).join(""),
      "text/plain": lines.join("\n"),
    };
  }
}

showBy(Widget, function () {
  return this.bundle();
});

export class Listeners<Args extends readonly unknown[]> {
  readonly #all = new Set<(...args: Args) => unknown>();

  add(listener: (...args: Args) => unknown): () => void {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  async call(...args: Args): Promise<void> {
    await Promise.all([...this.#all].map(async (listener) => listener(...args)));
  }
}

/** Receives a new value; a promise may be returned. */
export type ChangeListener<T> = (value: T) => unknown;

/** Options of every input. */
export interface InputOptions {
  /** The text beside it. Default: none. */
  readonly label?: string;
}

/** What an input accepts and how the front end holds it. */
export interface InputKind<T> {
  /** What a value must be; `null` if this one fits. */
  problem(value: T): string | null;
  /** The front end's state of a value. Default: `{ value }`. */
  stateOf?(value: T): WidgetState;
  /** The value in changes that the front end sent; `undefined` if they do not concern it. */
  valueIn(changes: WidgetState): T | undefined;
  textOf(value: T): string;
  model(listener: ModelListener): WidgetModel;
}

/** A widget with a value. `T`: the type of the value. */
export class InputWidget<T> extends Widget {
  readonly label: string;
  /** @internal */
  readonly model: WidgetModel;
  readonly #kind: InputKind<T>;
  readonly #listeners = new Listeners<[T]>();
  #value: T;

  /** Use `slider`, `select`, `toggle` or `text`. @internal */
  constructor(label: string, value: T, kind: InputKind<T>) {
    super();
    this.label = label;
    this.#value = value;
    this.#kind = kind;
    this.model = kind.model({ changed: (changes) => this.#takeOver(kind.valueIn(changes)) });
  }

  /** The current value. Setting it throws a NotebookError if the value does not fit. */
  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    const problem = this.#kind.problem(value);
    if (problem !== null) {
      throw new NotebookError({
        path: this.label === "" ? "value" : this.label,
        message: "not a value of this control",
        received: JSON.stringify(value) ?? String(value),
        expected: problem,
      });
    }
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.model.set(this.#kind.stateOf?.(value) ?? { value });
    void this.#listeners.call(value);
  }

  /**
   * Calls `listener` with every new value, changed by the user or by code. Returns a function that ends this.
   * @example
   * const gamma = slider({ min: 0, max: 4, label: "gamma" });
   * gamma.onChange((value) => console.log(value));
   */
  onChange(listener: ChangeListener<T>): () => void {
    return this.#listeners.add(listener);
  }

  /** @internal */
  lines(): readonly string[] {
    const text = this.#kind.textOf(this.#value);
    return [this.label === "" ? text : `${this.label}: ${text}`];
  }

  /** What the user changed; `undefined`: nothing. */
  async #takeOver(value: T | undefined): Promise<void> {
    if (value === undefined || this.#kind.problem(value) !== null || Object.is(value, this.#value)) return;
    this.#value = value;
    await this.#listeners.call(value);
  }
}
