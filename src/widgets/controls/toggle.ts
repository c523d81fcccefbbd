/** A check box. */
import type { WidgetState } from "../bytes.js";
import { type InputOptions, InputWidget } from "../input.js";
import type { WidgetModel } from "../model.js";
import { controlModel } from "./parts.js";

/** Options of {@link toggle}. */
export interface ToggleOptions extends InputOptions {
  /** Whether it is on at first. Default: false. */
  readonly value?: boolean;
}

/** A check box. Made by {@link toggle}. */
export class Toggle extends InputWidget<boolean> {
  /** @internal */
  readonly model: WidgetModel;

  /** Use {@link toggle}. @internal */
  constructor({ value = false, label = "" }: ToggleOptions) {
    super(label, value);
    const state = { description: label, value, indent: false };
    this.model = controlModel("Checkbox", state, { style: "Checkbox" }, this.listener);
  }

  /** @internal */
  protected problem(value: boolean): string | null {
    return typeof value === "boolean" ? null : "true or false";
  }

  /** @internal */
  protected valueIn({ value }: WidgetState): boolean | undefined {
    return typeof value === "boolean" ? value : undefined;
  }

  /** @internal */
  protected textOf(value: boolean): string {
    return value ? "on" : "off";
  }
}

/**
 * A check box.
 *
 * @example
 * const log = toggle({ label: "log scale" });
 */
export function toggle(options: ToggleOptions = {}): Toggle {
  return new Toggle(options);
}
