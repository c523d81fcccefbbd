/** Notes on data that this process has reported already: a second `fit` on the same data does not repeat them. */
import type { Table } from "../../../data/index.js";
import { count } from "../../../util/text/format.js";

const reported = new WeakMap<Table, Set<string>>();

/** The notes that are new for these data; a line counts the others. */
export function newNotes({ table }: { readonly table: Table }, notes: readonly string[]): readonly string[] {
  const before = reported.get(table) ?? new Set();
  reported.set(table, before);
  const fresh = notes.filter((note) => !before.has(note));
  for (const note of fresh) before.add(note);
  const again = notes.length - fresh.length;
  if (again === 0) return fresh;
  return [...fresh, `${count(again, "note")} on the data as before: data.check(model) lists what it finds`];
}
