/** The first lines of a CSV file. */
import { DataError } from "../../../errors/index.js";
import { textBytes } from "./bytes/text-bytes.js";

/** The maximum length of a line, in bytes. */
export const longestRecord: number = 1 << 25;
/** Size of the first read, in bytes. */
const firstLook = 1 << 16;

/** The start of a file's text. */
export interface Head {
  /** Without a byte order mark. */
  readonly text: string;
  /** The length of the mark in bytes. */
  readonly markBytes: number;
  /** Whether the text is the whole file. */
  readonly whole: boolean;
}

/**
 * Reads the start of a file: at least its first line, and some 64 KiB, or a few lines if they are long. Throws a
 * DataError if the file cannot be read or the first line has no end.
 */
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
    if (header < 0 && bytes > longestRecord) throw endless(file);
    if (header >= 0 && bytes >= enough) return makeHead(pieces, false);
  }
  return makeHead(pieces, true);
}

function makeHead(pieces: readonly Buffer[], whole: boolean): Head {
  const text = Buffer.concat(pieces).toString("utf8");
  return text.startsWith("\ufeff") ? { text: text.slice(1), markBytes: 3, whole } : { text, markBytes: 0, whole };
}

function endless(file: string): DataError {
  return new DataError({
    path: `${file}: line 1`,
    message: "the first line is too long for a header",
    received: `more than ${longestRecord >> 20} MB without a line end`,
    expected: "a line of column names",
    fix: "if this is not a text file, name it after its format; otherwise write line ends into it",
  });
}
