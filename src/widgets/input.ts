import { NotebookError } from "../errors/index.js";
import type { MimeBundle } from "../port/notebook.js";
import { escapeHtml } from "../util/escape.js";
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

// Not a member of the class: declarations without inference cannot name a method after a global symbol.
Object.defineProperty(Widget.prototype, Symbol.for("Jupyter.display"), {
  value(this: Widget): MimeBundle {
    return this.bundle();
  },
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

/** A widget with a value. `T`: the type of the value. */
export abstract class InputWidget<T> extends Widget {
  readonly label: string;
  readonly #listeners = new Listeners<[T]>();
  #value: T;

  /** Use `slider`, `select`, `toggle` or `text`. @internal */
  constructor(label: string, value: T) {
    super();
    this.label = label;
    this.#value = value;
  }

  /** The current value. Setting it throws a NotebookError if the value does not fit. */
  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    const problem = this.problem(value);
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
    this.model.set(this.stateOf(value));
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
    const text = this.textOf(this.#value);
    return [this.label === "" ? text : `${this.label}: ${text}`];
  }

  /** What a value must be; `null` if this one fits. @internal */
  protected abstract problem(value: T): string | null;

  /** The front end's state of a value. @internal */
  protected stateOf(value: T): WidgetState {
    return { value };
  }

  /** The value in changes that the front end sent; `undefined` if they do not concern it. @internal */
  protected abstract valueIn(changes: WidgetState): T | undefined;

  /** @internal */
  protected abstract textOf(value: T): string;

  /** Takes over what the user changed. @internal */
  protected readonly listener: ModelListener = {
    changed: async (changes) => {
      const value = this.valueIn(changes);
      if (value === undefined || this.problem(value) !== null || Object.is(value, this.#value)) return;
      this.#value = value;
      await this.#listeners.call(value);
    },
  };
}
