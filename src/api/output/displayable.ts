/** How a value shows itself in a notebook: a method under a global symbol that returns one output in several forms. */
import type { MimeBundle } from "../../port/index.js";
import { visible } from "../../util/text/visible.js";

/** One output in several forms, by MIME type. */
export type DisplayBundle = MimeBundle;

/**
 * A value that shows itself at the end of a cell. Your own classes can do the same without this class:
 *
 * @example
 * class Note { [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>hello</b>" }; } }
 */
export abstract class Displayable {
  /** What a notebook shows of this value. */
  abstract bundle(): Promise<DisplayBundle>;
}

// Not a member of the class: declarations without inference cannot name a method after a global symbol.
Object.defineProperty(Displayable.prototype, Symbol.for("Jupyter.display"), {
  async value(this: Displayable): Promise<DisplayBundle> {
    const bundle = await this.bundle();
    const text = bundle["text/plain"]; // front ends obey the escapes of a terminal in it
    return typeof text === "string" ? { ...bundle, "text/plain": visible(text) } : bundle;
  },
});
