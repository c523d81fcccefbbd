/** The notebook display of values: a method under a global symbol that returns a MIME bundle. */
import { type MimeBundle, notebookDisplay } from "../port/notebook.js";
import { visible } from "../util/text.js";

/** One output in several formats, by MIME type. */
export type DisplayBundle = MimeBundle;

/**
 * A value with a notebook display, for the end of a cell. Other classes can do the same without this base class:
 * @example
 * class Note { [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>hello</b>" }; } }
 */
export abstract class Displayable {
  /** The MIME bundle that a notebook shows. */
  abstract bundle(): Promise<DisplayBundle>;

  /** The outputs of a notebook, one below the other, each drawn by the page. Default: the bundle. @internal */
  async outputs(): Promise<readonly DisplayBundle[]> {
    return [await this.bundle()];
  }
}

// Not a member of the class: declarations without inference cannot name a method after a global symbol.
Object.defineProperty(Displayable.prototype, Symbol.for("Jupyter.display"), {
  async value(this: Displayable): Promise<DisplayBundle> {
    const outputs = (await this.outputs()).map(withVisibleText);
    for (const bundle of outputs.slice(0, -1)) notebookDisplay()?.display(bundle);
    return outputs.at(-1)!;
  },
});

/** Front ends execute terminal escapes in a text. */
function withVisibleText(bundle: DisplayBundle): DisplayBundle {
  const text = bundle["text/plain"];
  return typeof text === "string" ? { ...bundle, "text/plain": visible(text) } : bundle;
}
