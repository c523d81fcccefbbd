/** Whether the pieces of a file are UTF-8, each checked once. */
import { isUtf8 } from "node:buffer";

const lineEnd = 10;

/** Checks pieces in order; a character may go on in the next piece. */
export class Utf8Check {
  private rest: Buffer = Buffer.alloc(0);

  /** Line ends before the first bytes that are not UTF-8; `null`: there are none. */
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

/** Bytes at the end that begin a character and do not end it. */
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
