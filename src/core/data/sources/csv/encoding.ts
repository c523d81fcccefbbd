/** Text files that are not UTF-8 are decoded while they are read. */
import { DataError } from "../../../errors/index.js";
import { attempt } from "../../../util/attempt.js";
import { detectCompression, textBytes } from "./bytes.js";
import { countFeeds } from "./split.js";

/** Labels that the WHATWG standard reads as windows-1252. */
const latin = /^(latin-?1|iso-?8859-1|l1)$/i;
const utf8 = /^utf-?8$/i;
const utf16 = /^utf-?16$/i;

export function isEncoding(encoding: string): boolean {
  return latin.test(encoding) || utf16.test(encoding) || attempt(() => Boolean(new TextDecoder(encoding)), false);
}

/** What to decode a file from; `null`: it is UTF-8. @param stated `undefined`: UTF-16 by its byte order mark, else UTF-8 */
export async function encodingOf(file: string, stated: string | undefined): Promise<string | null> {
  if (stated !== undefined && utf8.test(stated)) return null;
  if (detectCompression(file) !== "zstd") return stated ?? ((await hasMark(file)) ? "utf-16" : null);
  if (stated === undefined) return null;
  const message = "a .zst file must be UTF-8";
  throw new DataError({ path: file, message, received: stated, fix: "decompress it first (zstd -d)" });
}

async function hasMark(file: string): Promise<boolean> {
  for await (const piece of textBytes(file)) return markOf(piece) !== null;
  return false;
}

function markOf(piece: Buffer): "utf-16le" | "utf-16be" | null {
  // UTF-32 in little endian starts like UTF-16.
  if (piece[0] === 0xff && piece[1] === 0xfe && !(piece[2] === 0 && piece[3] === 0)) return "utf-16le";
  return piece[0] === 0xfe && piece[1] === 0xff ? "utf-16be" : null;
}

/** The text in UTF-8, decompressed. @param encoding of the file; `null`: UTF-8, which is not checked */
export async function* utf8Bytes(file: string, encoding: string | null): AsyncGenerator<Buffer> {
  if (encoding === null) return yield* textBytes(file);
  let decoder: TextDecoder | null = null;
  let lines = 1;
  try {
    for await (const piece of textBytes(file)) {
      const label = utf16.test(encoding) ? (markOf(piece) ?? "utf-16le") : encoding;
      if (!latin.test(encoding)) decoder ??= new TextDecoder(label, { fatal: true });
      const text = Buffer.from(decoder?.decode(piece, { stream: true }) ?? piece.toString("latin1"));
      yield text;
      lines += countFeeds(text);
    }
    if (decoder !== null) yield Buffer.from(decoder.decode());
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const fix = 'pass the encoding in which the file was saved, such as { encoding: "latin-1" }';
    const problem = { path: `${file}: line ${lines} or later`, message: `the text is not valid ${encoding}`, fix };
    throw new DataError(problem, { cause });
  }
}

/** Whether positions in the text are positions in the file. */
export function isStored(file: string, encoding: string | null): boolean {
  return encoding === null && detectCompression(file) === null;
}
