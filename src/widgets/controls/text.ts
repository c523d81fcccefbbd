/** A line of text. */
import type { WidgetState } from "../bytes.js";
import { type InputOptions, InputWidget } from "../input.js";
import type { WidgetModel } from "../model.js";
import { controlModel } from "./parts.js";

/** Options of {@link text}. */
export interface TextOptions extends InputOptions {
  /** The first text. Default: empty. */
  readonly value?: string;
  /** Shown while it is empty. Default: nothing. */
  readonly placeholder?: string;
}

/** A line of text. Made by {@link text}. */
export class TextInput extends InputWidget<string> {
  /** @internal */
  readonly model: WidgetModel;

  /** Use {@link text}. @internal */
  constructor({ value = "", label = "", placeholder = "" }: TextOptions) {
    super(label, value);
    const state = { description: label, value, placeholder, continuous_update: true };
    this.model = controlModel("Text", state, { style: "Text" }, this.listener);
  }

  /** @internal */
  protected problem(value: string): string | null {
    return typeof value === "string" ? null : "a text";
  }

  /** @internal */
  protected valueIn({ value }: WidgetState): string | undefined {
    return typeof value === "string" ? value : undefined;
  }

  /** @internal */
  protected textOf(value: string): string {
    return value;
  }
}

/**
 * A line of text.
 *
 * @example
 * const pattern = text({ label: "column", placeholder: "user_id" });
 */
export function text(options: TextOptions = {}): TextInput {
  return new TextInput(options);
}
