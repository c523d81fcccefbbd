/** The first lines of a CSV file, and their separator. */
import { DataError } from "../../../errors/index.js";
import { textBytes } from "./bytes.js";
import { afterLineEnd, Splitter, separatorKind, unescaped } from "./split.js";

/** The maximum length of a line, in bytes. */
export const longestRecord: number = 1 << 25;
/** Size of the first read, in bytes. */
const firstLook = 1 << 16;

export interface Head {
  /** Without a byte order mark. */
  readonly bytes: Buffer;
  /** Whether these are all bytes of the file. */
  readonly whole: boolean;
}

/** At least the first line and 64 KiB, or a few long lines. Throws a DataError if the first line has no end. */
export async function readHead(file: string): Promise<Head> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let enough = firstLook;
  let header = -1;
  for await (const piece of textBytes(file)) {
    if (header < 0) {
      const end = piece.findIndex((byte) => byte === 10 || byte === 13);
      if (end >= 0) header = bytes + end;
      // In a wide file this number of lines takes megabytes.
      enough = Math.max(firstLook, 4 * header);
    }
    pieces.push(piece);
    bytes += piece.length;
    if (header < 0 && bytes > longestRecord) {
      throw new DataError({
        path: `${file}: line 1`,
        message: "the first line is too long for a header",
        received: `more than ${longestRecord >> 20} MB without a line end`,
        expected: "a line of column names",
        fix: "if this is not a text file, name it after its format; otherwise write line ends into it",
      });
    }
    if (header >= 0 && bytes >= enough) return makeHead(pieces, false);
  }
  return makeHead(pieces, true);
}

function makeHead(pieces: readonly Buffer[], whole: boolean): Head {
  const bytes = Buffer.concat(pieces);
  const isMarked = bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf;
  return { bytes: isMarked ? bytes.subarray(3) : bytes, whole };
}

/** A record with more fields is truncated after the next one: the maximum number of columns. */
export const mostFields = 100_000;

/** The fields of at most `most` records, without empty lines and without a record that may continue. */
export function splitRecords({ bytes, whole }: Head, separator: string, most: number): string[][] {
  const splitter = new Splitter(separator);
  const records: string[][] = [];
  let fields: string[] = [];
  const { length } = bytes;
  for (let at = 0; at < length && records.length < most; ) {
    let end = splitter.end(bytes, at, length);
    let value = contentOf(splitter, bytes);
    if (splitter.fault === "text after quote") {
      const close = splitter.to;
      end = splitter.end(bytes, end, length);
      value += bytes.toString("utf8", close + 1, end).trimEnd();
    }
    splitter.fault = null;
    if (end >= length && !whole) break;
    fields.push(value);
    const isLast = splitter.kinds[bytes[end] ?? 0] !== separatorKind;
    at = isLast ? afterLineEnd(bytes, end) : end + separator.length;
    if (fields.length > mostFields) return [...records, fields];
    if (!isLast && at < length) continue;
    if (!isLast && !whole) break;
    if (!isLast) fields.push("");
    const isBlank = fields.length === 1 && value === "" && !splitter.isQuoted;
    if (!isBlank) records.push(fields);
    fields = [];
  }
  return records;
}

function contentOf({ from, to, isEscaped }: Splitter, bytes: Buffer): string {
  return isEscaped ? Buffer.from(unescaped(bytes, from, to)).toString("utf8") : bytes.toString("utf8", from, to);
}

export const usualSeparators: readonly string[] = [",", "\t", ";", "|"];
/** Separators that no text contains by accident in the same number in every line. */
const unmistakable = ["::", "\x01", "\x02", "\x1f"];
/** Other separators; a file with one column may contain them, so they must be named explicitly. */
const others = ["^", "~", ":", " "];
/** Number of examined records. */
const looked = 20;

/** A usual separator that splits the header, `", "` if a space follows every comma, or an unmistakable one. */
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
  const fields = (separator: string) => splitRecords(head, separator, 1)[0]?.length;
  return fields(",") === fields(", ");
}

/** The usual separator that splits the header into most fields; `null` if none splits it. */
function usualSeparator(head: Head): string | null {
  const counts = usualSeparators.map((separator) => splitRecords(head, separator, 1)[0]?.length ?? 1);
  const most = Math.max(...counts);
  return most > 1 ? usualSeparators[counts.indexOf(most)]! : null;
}

/** Another separator that splits all lines into the same number of fields; `null` if there is none. */
export function unusualSeparator(head: Head): string | null {
  return others.find((separator) => separatesAll(head, separator)) ?? null;
}

/** Whether a separator splits the first lines (at least two) into the same number of fields. */
function separatesAll(head: Head, separator: string): boolean {
  const records = splitRecords(head, separator, looked);
  const fields = records[0]?.length ?? 1;
  return records.length > 1 && fields > 1 && records.every((record) => record.length === fields);
}
