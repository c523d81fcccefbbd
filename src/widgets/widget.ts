/** What all widgets share: they are shown in a notebook, and have a text where no front end draws them. */
import type { MimeBundle } from "../port/index.js";
import { escapeHtml } from "../util/text/escape.js";
import type { WidgetModel } from "./model.js";

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
