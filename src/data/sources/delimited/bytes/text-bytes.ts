/**
 * Reads the bytes of a text file in chunks and decompresses them according to the file's name. Only one chunk is in
 * memory, so the file may have any size.
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError, type Problem } from "../../../../errors/index.js";
import { zstdBytes } from "./zstd.js";

/** The size of a chunk in bytes. */
const pieceBytes = 1 << 18;

/** How a text file is compressed. */
export type Compression = "gzip" | "zstd" | null;

/** The compression by the file's name. */
export function detectCompression(file: string): Compression {
  if (/\.gz$/i.test(file)) return "gzip";
  return /\.zst$/i.test(file) ? "zstd" : null;
}

/** Throws a DataError if the file cannot be read, is truncated, or is not compressed as its name says. */
export async function* textBytes(file: string): AsyncGenerator<Buffer> {
  const compression = detectCompression(file);
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
      message: "the gzip file is truncated",
      fix: "copy or compress the file again",
    };
  }
  if (code === "Z_DATA_ERROR" && /header/.test(message)) {
    return {
      path: file,
      message: "not a gzip file",
      expected: "a gzip file, as its name says",
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
