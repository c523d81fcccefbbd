/** Splits CSV bytes into fields: the only definition of quotes, separators and line ends. */

// Kinds of bytes outside quotes; all others are text.
export const separatorKind = 1;
export const feedKind = 2;
export const returnKind = 3;

const feed = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;

/** Splits fields; its properties describe the last one. */
export class Splitter {
  /** [256] */
  readonly kinds: Uint8Array = new Uint8Array(256);
  readonly separator: Uint8Array;
  from = 0;
  to = 0;
  isQuoted = false;
  /** Whether the content contains quotes to remove ({@link unescape}). */
  isEscaped = false;
  quoteAt = 0;
  /** The number of line ends within quotes, and the start of the line after the last one. */
  lines = 0;
  lineStart = 0;
  fault: "open quote" | "text after quote" | null = null;

  /** @param separator up to four ASCII characters */
  constructor(separator: string) {
    this.separator = Buffer.from(separator, "latin1");
    this.kinds[feed] = feedKind;
    this.kinds[carriageReturn] = returnKind;
    this.kinds[this.separator[0]!] = separatorKind;
  }

  /** The end of the field at `at`: the position of its separator or line end, or `length`. */
  end(bytes: Uint8Array, at: number, length: number): number {
    const { kinds } = this;
    // One space before an opening quote is ignored.
    const open = bytes[at] === space && kinds[space] === 0 ? at + 1 : at;
    if (open < length && bytes[open] === quote) return this.quotedEnd(bytes, open, length);
    this.isQuoted = this.isEscaped = false;
    this.lines = 0;
    let end = at;
    while (end < length && (kinds[bytes[end]!] === 0 || !this.endsAt(bytes, end, length))) end++;
    this.from = at;
    this.to = end;
    return end;
  }

  private quotedEnd(bytes: Uint8Array, open: number, length: number): number {
    this.isQuoted = true;
    this.isEscaped = false;
    this.lines = 0;
    this.quoteAt = open;
    this.from = open + 1;
    for (let at = open + 1; at < length; ) {
      const byte = bytes[at]!;
      if (byte === feed || (byte === carriageReturn && bytes[at + 1] !== feed)) {
        this.lines += 1;
        this.lineStart = at + 1;
      }
      if (byte !== quote) {
        at += 1;
        continue;
      }
      const close = at;
      let after = close + 1;
      while (after < length && bytes[after] === space && this.kinds[space] === 0) after++;
      // This is a doubled quote. A quote after spaces also opens again.
      if (after < length && bytes[after] === quote) {
        this.isEscaped = true;
        at = after + 1;
        continue;
      }
      this.to = close;
      if (after >= length || this.endsAt(bytes, after, length)) return after;
      this.fault = "text after quote";
      // A separator may continue behind these bytes.
      const isCut = this.kinds[bytes[after]!] === separatorKind && after + this.separator.length > length;
      return isCut ? length : after;
    }
    this.to = length;
    this.fault = "open quote";
    return length;
  }

  private endsAt(bytes: Uint8Array, at: number, length: number): boolean {
    const kind = this.kinds[bytes[at]!]!;
    const { separator } = this;
    if (kind !== separatorKind || separator.length === 1) return kind !== 0;
    if (at + separator.length > length) return false;
    for (let next = 1; next < separator.length; next++) if (bytes[at + next] !== separator[next]) return false;
    return true;
  }
}

/** Removes each quote of a quoted field's content that does not follow another one. */
export function unescaped(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const text = new Uint8Array(to - from);
  let length = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] === quote && ++at === to) break;
    text[length++] = bytes[at]!;
  }
  return text.subarray(0, length);
}

export function afterLineEnd(bytes: Uint8Array, at: number): number {
  return bytes[at] === carriageReturn && bytes[at + 1] === feed ? at + 2 : at + 1;
}

export function countFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(feed); at >= 0; at = bytes.indexOf(feed, at + 1)) count += 1;
  return count;
}

export function utf8(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
}
