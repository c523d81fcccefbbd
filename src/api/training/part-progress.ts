/** The progress of a call that trains several times: a line that changes in notebooks, lines in a terminal. */
import { notebookDisplay } from "../../core/port/notebook.js";
import { visible } from "../../core/util/text.js";
import { type Displayable, printNotes } from "../result.js";

export interface PartProgress {
  show(text: string): void;
  finish(result: Displayable): Promise<void>;
}

/** @param begin the first line, after the notes */
export function partProgress(begin: string, notes: readonly string[], quiet = false): PartProgress {
  const notebook = quiet ? null : notebookDisplay();
  if (notebook !== null) {
    printNotes(notes);
    const handle = notebook.display({ "text/plain": begin });
    return {
      show: (text) => handle.update({ "text/plain": text }),
      finish: async (result) => handle.update(await result.bundle()),
    };
  }
  const isShown = !quiet && process.stderr.isTTY;
  return {
    show(text) {
      if (isShown) console.error(visible(text));
    },
    finish: async () => undefined,
  };
}
