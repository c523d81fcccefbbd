/**
 * Checks that the chunks of a file are valid UTF-8.
 */
import { isUtf8 } from "node:buffer";

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

  /** Whether the file ends within a character. */
  get isCut(): boolean {
    return this.rest.length > 0;
  }
}

/** Bytes at the end that start a character without completing it. */
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
