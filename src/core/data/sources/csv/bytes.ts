/** Reads text files in chunks, decompressed according to their names. Only one chunk is in memory. */
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError, type Problem } from "../../../errors/index.js";
import { throwIfInterrupted } from "../../../util/interrupt.js";
import { textAt } from "../builders.js";
import { duckdbWords, fileList, streamChunks } from "../duckdb.js";
import { countFeeds } from "./split.js";

const pieceBytes = 1 << 18;

export function detectCompression(file: string): "gzip" | "zstd" | null {
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
      if (compression !== null) lines += countFeeds(piece);
    }
  } catch (error) {
    throwIfInterrupted();
    throw new DataError(unreadable(file, lines, error as NodeJS.ErrnoException), { cause: error });
  } finally {
    raw.destroy();
  }
}

function unreadable(file: string, line: number, { code, message }: NodeJS.ErrnoException): Problem {
  if (code?.startsWith("Z_") !== true) return { path: file, message: `the file cannot be read (${message})` };
  if (code === "Z_DATA_ERROR" && /header/.test(message)) {
    const fix = "if it is plain text, remove .gz from its name; otherwise compress it again";
    return { path: file, message: "not a gzip file", expected: "a gzip file, as its name says", fix };
  }
  const fault = code === "Z_BUF_ERROR" ? "truncated" : `damaged (${message})`;
  return { path: `${file}: line ${line}`, message: `the gzip file is ${fault}`, fix: copyFix };
}

const copyFix = "copy or compress the file again";

const longestLine = 1 << 25;

/** The decompressed bytes of a file in chunks. Throws a DataError if the file is damaged or truncated. */
async function* zstdBytes(file: string): AsyncGenerator<Buffer> {
  await assertWholeFrames(file);
  const options = `auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', max_line_size = ${longestLine}`;
  const lines = `SELECT line FROM read_csv(${fileList([file])}, ${options}, columns = {'line': 'VARCHAR'})`;
  try {
    for await (const chunk of streamChunks(lines)) {
      const vector = chunk.getColumnVector(0);
      const texts = Array.from({ length: chunk.rowCount }, (_, row) => textAt(vector, row) ?? "");
      yield Buffer.from(`${texts.join("\n")}\n`);
    }
  } catch (cause) {
    throwIfInterrupted();
    const message = `the Zstandard file cannot be read: ${duckdbWords(cause).split("\n")[0]}`;
    throw new DataError({ path: file, message, fix: copyFix, cause });
  }
}

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** Size of a frame's header before its first block, by the two bits with the length of a field. */
const dictionaryBytes = [0, 1, 2, 4] as const;
const contentSizeBytes = [0, 2, 4, 8] as const;

/** Throws a DataError if the file is not Zstandard, or is truncated within a frame. */
async function assertWholeFrames(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    for (let at = 0; at < size; ) at = await frameEnd(file, handle, at, size);
  } finally {
    await handle.close();
  }
}

async function frameEnd(file: string, handle: FileHandle, start: number, size: number): Promise<number> {
  const magic = await number(handle, start, 4);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
    return within(file, start + 8 + (await number(handle, start + 4, 4)), size);
  }
  if (magic !== frameMagic) {
    const fix = start === 0 ? "if it is plain text, remove .zst from its name; otherwise compress it again" : copyFix;
    const message = start === 0 ? "not a Zstandard file" : `the Zstandard file is damaged at byte ${start}`;
    throw new DataError({ path: file, message, fix });
  }
  const descriptor = await number(handle, start + 4, 1);
  const single = (descriptor >> 5) & 1;
  const sizeField = contentSizeBytes[descriptor >> 6]!;
  const header = 5 + (1 - single) + dictionaryBytes[descriptor & 3]! + (sizeField || single);
  let at = start + header;
  for (let last = 0; last === 0; ) {
    within(file, at + 3, size);
    const block = await number(handle, at, 3);
    last = block & 1;
    const repeated = ((block >> 1) & 3) === 1;
    at = within(file, at + 3 + (repeated ? 1 : block >> 3), size);
  }
  return within(file, at + ((descriptor >> 2) & 1) * 4, size);
}

function within(file: string, end: number, size: number): number {
  if (end <= size) return end;
  throw new DataError({ path: file, message: "the Zstandard file is truncated", fix: copyFix });
}

/** A little-endian number; bytes after the end of the file are 0. */
async function number(handle: FileHandle, at: number, count: number): Promise<number> {
  const bytes = Buffer.alloc(count);
  await handle.read(bytes, 0, count, at);
  return bytes.readUIntLE(0, count);
}

const lineEnd = 10;

/** Checks chunks in order; a character may continue in the next chunk. */
export class Utf8Check {
  private rest: Buffer = Buffer.alloc(0);

  /** The number of line ends before the first invalid bytes; `null` if all bytes are valid. */
  push(piece: Buffer): number | null {
    const bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const whole = bytes.length - unfinished(bytes);
    this.rest = bytes.subarray(whole);
    return isUtf8(bytes.subarray(0, whole)) ? null : linesBefore(bytes);
  }

  get isCut(): boolean {
    return this.rest.length > 0;
  }
}

function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? back : 0;
  }
  return 0;
}

function linesBefore(bytes: Buffer): number {
  let lines = 0;
  for (let start = 0; start < bytes.length; lines++) {
    const end = bytes.indexOf(lineEnd, start) + 1 || bytes.length;
    if (!isUtf8(bytes.subarray(start, end))) return lines;
    start = end;
  }
  return lines;
}
