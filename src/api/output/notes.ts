/** Prints notes into a notebook: several as one list, and each once in a session. */
import { count } from "../../util/text/format.js";
import { visible } from "../../util/text/visible.js";

const printed = new Set<string>();

/** Prints the notes that this process has not printed yet, and the number of the others. */
export function printNotes(notes: readonly string[]): void {
  const fresh = [...new Set(notes)].filter((note) => !printed.has(note));
  for (const note of fresh) printed.add(note);
  const again = new Set(notes).size - fresh.length;
  const lines = [...fresh.map(visible), ...(again > 0 ? [`${count(again, "note")} as before`] : [])];
  if (lines.length === 1) console.log(lines[0]);
  else if (lines.length > 1) console.log(["notes:", ...lines.map((line) => `- ${line}`)].join("\n"));
}
