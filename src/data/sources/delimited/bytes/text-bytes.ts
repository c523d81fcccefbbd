/**
 * The bytes of a text file, piece by piece, decompressed where its name says that it is compressed. Whatever reads them
 * holds one piece at a time, so the file may be of any size.
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError, type Problem } from "../../../../errors/index.js";
import { zstdBytes } from "./zstd.js";

/** Bytes that are read at a time. */
const pieceBytes = 1 << 18;

/** How a text file is compressed. */
export type Compression = "gzip" | "zstd" | null;

/** What the file's name says. */
export function compressionOf(file: string): Compression {
  if (/\.gz$/i.test(file)) return "gzip";
  return /\.zst$/i.test(file) ? "zstd" : null;
}

/** Throws a DataError where the file cannot be read, or is not compressed as its name says, or is cut off. */
export async function* textBytes(file: string): AsyncGenerator<Buffer> {
  const compression = compressionOf(file);
  if (compression === "zstd") return yield* zstdBytes(file);
  const raw = createReadStream(file, { highWaterMark: pieceBytes });
  const stream = compression === null ? raw : pipeline(raw, createGunzip({ chunkSize: pieceBytes }), () => undefined);
  let lines = 1;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      yield piece;
      if (compression !== null) lines += lineEnds(piece);
    }
  } catch (error) {
    throw new DataError(unreadable(file, lines, error as NodeJS.ErrnoException), { cause: error });
  } finally {
    raw.destroy();
  }
}

function lineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

function unreadable(file: string, line: number, { code, message }: NodeJS.ErrnoException): Problem {
  if (code === "Z_BUF_ERROR") {
    return {
      path: `${file}: line ${line}`,
      message: "the gzip file is cut off: its end is missing",
      fix: "copy or compress the file again",
    };
  }
  if (code === "Z_DATA_ERROR" && /header/.test(message)) {
    return {
      path: file,
      message: "this is not a gzip file",
      expected: "a file that gzip has written, as its name says",
      fix: "if it is plain text, remove .gz from its name; otherwise compress it again",
    };
  }
  if (code?.startsWith("Z_") === true) {
    return {
      path: `${file}: line ${line}`,
      message: `the gzip file is damaged (${message})`,
      fix: "copy or compress the file again",
    };
  }
  return { path: file, message: `the file cannot be read (${message})` };
}
