/** A button. */
import { Listeners } from "../listeners.js";
import type { WidgetModel } from "../model.js";
import { Widget } from "../widget.js";
import { controlModel } from "./parts.js";

/** Options of {@link button}. */
export interface ButtonOptions {
  /** The text on it. */
  readonly label: string;
}

/** A button. Made by {@link button}. */
export class Button extends Widget {
  /** The text on it. */
  readonly label: string;
  /** @internal */
  readonly model: WidgetModel;
  readonly #listeners = new Listeners<[]>();

  /** Use {@link button}. @internal */
  constructor({ label }: ButtonOptions) {
    super();
    this.label = label;
    this.model = controlModel(
      "Button",
      { description: label },
      { style: "Button" },
      {
        message: (content) => (isClick(content) ? this.click() : undefined),
      },
    );
  }

  /** Calls `listener` at every click. Its output appears below the button's cell. Returns a function that ends this. */
  onClick(listener: () => unknown): () => void {
    return this.#listeners.add(listener);
  }

  /** Does what a click does, and waits for it. */
  async click(): Promise<void> {
    await this.#listeners.call();
  }

  /** @internal */
  lines(): readonly string[] {
    return [`[${this.label}]`];
  }
}

/**
 * A button.
 *
 * @example
 * const again = button({ label: "Train again" });
 * again.onClick(() => console.log("clicked"));
 */
export function button(options: ButtonOptions): Button {
  return new Button(options);
}

function isClick(content: unknown): boolean {
  return typeof content === "object" && content !== null && (content as { event?: unknown }).event === "click";
}
