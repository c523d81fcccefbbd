/** What separates the fields of a CSV file, found from its first lines. */
import type { Head } from "./head.js";
import { recordsOf } from "./records.js";

/** Separators that are taken without being named. */
const usual = [",", "\t", ";", "|"];
/** Others that some files have; a file of one column may hold them too, so they have to be named. */
const others = ["::", "\x01", "\x02", "\x1f", "^", "~", ":", " "];
/** Records that are looked at. */
const looked = 20;

/** The one of the usual separators that cuts the header into most fields; `null`: none cuts it. */
export function usualSeparator(head: Head): string | null {
  const counts = usual.map((separator) => recordsOf(head.text, separator, 1, head.whole).records[0]?.length ?? 1);
  const most = Math.max(...counts);
  return most > 1 ? usual[counts.indexOf(most)]! : null;
}

/** Another separator that cuts all lines alike; `null`: there is none. */
export function unusualSeparator(head: Head): string | null {
  return others.find((separator) => separatesAll(head, separator)) ?? null;
}

/** Whether a separator cuts the first lines, of which there are two or more, into the same number of fields. */
function separatesAll(head: Head, separator: string): boolean {
  const { records } = recordsOf(head.text, separator, looked, head.whole);
  const fields = records[0]?.length ?? 1;
  return records.length > 1 && fields > 1 && records.every((record) => record.length === fields);
}
