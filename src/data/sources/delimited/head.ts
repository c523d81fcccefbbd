/** The first lines of a CSV file. */
import { DataError } from "../../../errors/index.js";
import { textBytes } from "./bytes/text-bytes.js";

/** The longest line that is read, in bytes. */
export const longestRecord: number = 1 << 25;
/** Bytes of the first look. */
const firstLook = 1 << 16;

/** The beginning of a file's text. */
export interface Head {
  /** Without a byte order mark. */
  readonly text: string;
  /** Bytes of the mark. */
  readonly markBytes: number;
  /** The text is the whole file's. */
  readonly whole: boolean;
}

/**
 * The beginning of a file: at least its first line, and some 64 KiB, or a few lines where they are long. Throws a DataError
 * where the file cannot be read or the first line has no end.
 */
export async function readHead(file: string): Promise<Head> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let wanted = firstLook;
  let header = -1;
  for await (const piece of textBytes(file)) {
    if (header < 0) {
      const end = piece.findIndex((byte) => byte === 10 || byte === 13);
      if (end >= 0) header = bytes + end;
      // As many lines as a look at a narrow file shows would be megabytes.
      wanted = Math.max(firstLook, 4 * header);
    }
    pieces.push(piece);
    bytes += piece.length;
    if (header < 0 && bytes > longestRecord) throw endless(file);
    if (header >= 0 && bytes >= wanted) return headOf(pieces, false);
  }
  return headOf(pieces, true);
}

function headOf(pieces: readonly Buffer[], whole: boolean): Head {
  const text = Buffer.concat(pieces).toString("utf8");
  return text.startsWith("\ufeff") ? { text: text.slice(1), markBytes: 3, whole } : { text, markBytes: 0, whole };
}

function endless(file: string): DataError {
  return new DataError({
    path: `${file}: line 1`,
    message: "the first line is too long for a header",
    received: `more than ${longestRecord >> 20} MB without a line end`,
    expected: "a line of column names",
    fix: "if this is no text file, give it the name of its format; otherwise write its lines with line ends",
  });
}
