/** Splits data sets, and adds notes about the parts. */
import type { LeakColumns, SplitOptions, Table } from "../../data/index.js";

/** Options of `data.split`. */
export interface DatasetSplitOptions extends SplitOptions {
  /**
   * The columns with user and time, to count labels that leak from the future. Default: found by name and type. `null`:
   * no check.
   */
  readonly leaks?: LeakColumns | null;
  /** Label columns to name in the note on such rows. */
  readonly labels?: readonly string[];
}

/** A note if the times that order rows or detect leaks are text without a time zone. */
export async function zoneNotes(whole: Table, { by, leaks }: DatasetSplitOptions): Promise<string[]> {
  const { guessLeakColumns, zoneNote } = await import("../../data/index.js");
  const watched = leaks === undefined ? guessLeakColumns(whole) : leaks;
  const name = typeof by === "object" && "time" in by ? by.time : watched?.time;
  const info = whole.columns.find((column) => column.name === name);
  if (name === undefined || info === undefined || (info.type !== "text" && info.type !== "timestamp")) return [];
  const note = zoneNote(name, (await whole.read([name])).get(name)!);
  return note === null ? [] : [note];
}

/** Notes on held-out rows whose user has later rows in the first part; none for a split by time. */
export async function leakNotes(
  whole: Table,
  [training, ...others]: readonly (readonly [string, Table])[],
  { by, leaks, labels }: DatasetSplitOptions,
): Promise<string[]> {
  const { futureLeaks, guessLeakColumns, leakNote } = await import("../../data/index.js");
  const byTime = typeof by === "object" && "time" in by;
  const columns = leaks === undefined ? guessLeakColumns(whole) : leaks;
  if (byTime || columns === null || training === undefined) return [];
  const notes: (string | null)[] = [];
  for (const [name, held] of others) {
    notes.push(leakNote(await futureLeaks(training[1], held, columns), name, labels));
  }
  return notes.filter((note) => note !== null);
}
