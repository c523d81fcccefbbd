/** How a value shows itself in a notebook: a method under a global symbol that gives one output in several forms. */
import type { MimeBundle } from "../util/notebook.js";

/** One output in several forms, by MIME type. */
export type DisplayBundle = MimeBundle;

/**
 * The name of the method with which a value shows itself in the notebook; your own classes can have it, too.
 *
 * @example
 * class Note { [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>hello</b>" }; } }
 */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;
