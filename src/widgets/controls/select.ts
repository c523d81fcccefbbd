/** A list of which the user picks one. */
import { NotebookError } from "../../errors/index.js";
import type { WidgetState } from "../bytes.js";
import { type InputOptions, InputWidget } from "../input.js";
import type { WidgetModel } from "../model.js";
import { controlModel } from "./parts.js";

/** Options of {@link select}. */
export interface SelectOptions<T> extends InputOptions {
  /** The values to pick from, each once. */
  readonly options: readonly T[];
  // The type is T, but T is not inferred from it (TypeScript 5.0 has no NoInfer).
  /** The first value. Default: the first of `options`. */
  readonly value?: [T][T extends unknown ? 0 : never];
}

/** A list. Made by {@link select}. */
export class Select<T extends string | number | boolean | null> extends InputWidget<T> {
  /** The values to pick from. */
  readonly options: readonly T[];
  /** @internal */
  readonly model: WidgetModel;

  /** Use {@link select}. @internal */
  constructor({ options, value = options[0], label = "" }: SelectOptions<T>) {
    const index = options.indexOf(value as T);
    if (index < 0 || new Set(options).size < options.length) {
      throw new NotebookError({
        path: index < 0 && options.length > 0 ? "select.value" : "select.options",
        message: index < 0 && options.length > 0 ? "not one of the options" : "must have values, each once",
        received: index < 0 && options.length > 0 ? JSON.stringify(value) : JSON.stringify(options),
        expected: index < 0 && options.length > 0 ? options.map(String).join(", ") : undefined,
      });
    }
    super(label, options[index]!);
    this.options = options;
    const state = { description: label, _options_labels: options.map(String), index };
    this.model = controlModel("Dropdown", state, { style: "Description" }, this.listener);
  }

  /** @internal */
  protected problem(value: T): string | null {
    return this.options.includes(value) ? null : `one of ${this.options.map(String).join(", ")}`;
  }

  /** @internal */
  protected override stateOf(value: T): WidgetState {
    return { index: this.options.indexOf(value) };
  }

  /** @internal */
  protected valueIn({ index }: WidgetState): T | undefined {
    return typeof index === "number" ? this.options[index] : undefined;
  }

  /** @internal */
  protected textOf(value: T): string {
    return String(value);
  }
}

/**
 * A list of which the user picks one value. Throws a NotebookError if the list is empty or repeats a value.
 *
 * @example
 * const task = select({ options: ["ctr", "cvr"], label: "task" });
 * task.value; // "ctr", of type "ctr" | "cvr"
 */
export function select<const T extends string | number | boolean | null>(options: SelectOptions<T>): Select<T> {
  return new Select(options);
}
