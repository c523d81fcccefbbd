/**
 * Finds the separator of a CSV file from its first lines.
 */
import type { Head } from "./head.js";
import { splitRecords } from "./records.js";

/** Separators that are detected automatically. */
export const usualSeparators: readonly string[] = [",", "\t", ";", "|"];
/** Separators that no text contains by accident in the same number in every line. */
const unmistakable = ["::", "\x01", "\x02", "\x1f"];
/** Other separators; a file with one column may contain them, so they must be named explicitly. */
const others = ["^", "~", ":", " "];
/** Number of examined records. */
const looked = 20;

/**
 * The separator of the first lines: a usual one that splits the header, `", "` if a space follows every comma, or an
 * unmistakable one. `null`: none was found.
 */
export function foundSeparator(head: Head): string | null {
  const usual = usualSeparator(head);
  if (usual === "," && isSpaced(head)) return ", ";
  // In films.dat, "1::Babe::Comedy|Drama", a usual one splits some lines only.
  if (usual !== null && separatesAll(head, usual)) return usual;
  return unmistakable.find((separator) => separatesAll(head, separator)) ?? usual;
}

/** Whether a comma is never found without a space after it. */
function isSpaced(head: Head): boolean {
  if (!separatesAll(head, ",") || !separatesAll(head, ", ")) return false;
  const fields = (separator: string) => splitRecords(head.text, separator, 1, head.whole).records[0]?.length;
  return fields(",") === fields(", ");
}

/** The usual separator that splits the header into most fields; `null` if none splits it. */
function usualSeparator(head: Head): string | null {
  const counts = usualSeparators.map(
    (separator) => splitRecords(head.text, separator, 1, head.whole).records[0]?.length ?? 1,
  );
  const most = Math.max(...counts);
  return most > 1 ? usualSeparators[counts.indexOf(most)]! : null;
}

/** Another separator that splits all lines into the same number of fields; `null` if there is none. */
export function unusualSeparator(head: Head): string | null {
  return others.find((separator) => separatesAll(head, separator)) ?? null;
}

/** Whether a separator splits the first lines (at least two) into the same number of fields. */
function separatesAll(head: Head, separator: string): boolean {
  const { records } = splitRecords(head.text, separator, looked, head.whole);
  const fields = records[0]?.length ?? 1;
  return records.length > 1 && fields > 1 && records.every((record) => record.length === fields);
}
