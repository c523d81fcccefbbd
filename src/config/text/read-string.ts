/**
 * Parses quoted strings of text format and JSON; `\x` and octal escapes are bytes of UTF-8.
 */

/** The error of an invalid string, with its position. */
export class StringError extends Error {
  readonly offset: number;
  readonly expected: string;

  constructor(offset: number, message: string, expected: string) {
    super(message);
    this.offset = offset;
    this.expected = expected;
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "/": "/",
  "?": "?",
  "\\": "\\",
  "'": "'",
  '"': '"',
};
const escapePattern = /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/y;

const plainPattern = /[^\\"'\n\r]+/y;

/** Code units and bytes in written order. */
class StringBytes {
  readonly #chunks: Buffer[] = [];
  #units = "";
  #bytes: number[] = [];

  addText(text: string): void {
    if (this.#bytes.length > 0) this.#flush();
    this.#units += text;
  }

  addByte(byte: number): void {
    if (this.#units !== "") this.#flush();
    this.#bytes.push(byte);
  }

  /** Throws a TypeError for bytes that are not UTF-8. */
  decoded(): string {
    this.#flush();
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(this.#chunks));
  }

  #flush(): void {
    if (this.#bytes.length > 0) this.#chunks.push(Buffer.from(this.#bytes));
    if (this.#units !== "") this.#chunks.push(Buffer.from(this.#units, "utf8"));
    this.#units = "";
    this.#bytes = [];
  }
}

/** Reads the string whose opening quote is at `start`, and returns its end. Throws a {@link StringError}. */
export function readString(text: string, start: number): { readonly value: string; readonly end: number } {
  const quote = text[start];
  const bytes = new StringBytes();
  let offset = start + 1;
  while (text[offset] !== quote) {
    const character = text[offset];
    if (character === undefined || character === "\n" || character === "\r") {
      throw new StringError(start, "a string without a closing quote", `a closing ${quote}`);
    }
    if (character === "\\") {
      offset += addEscape(text, offset, bytes);
      continue;
    }
    plainPattern.lastIndex = offset;
    const plain = plainPattern.exec(text)?.[0] ?? character;
    bytes.addText(plain);
    offset += plain.length;
  }
  try {
    return { value: bytes.decoded(), end: offset + 1 };
  } catch {
    throw new StringError(start, "a string that is not valid UTF-8", "text in UTF-8");
  }
}

/** Adds the meaning of an escape; returns its length. */
function addEscape(text: string, offset: number, bytes: StringBytes): number {
  escapePattern.lastIndex = offset;
  const [whole, hex, octal, short, long, other] = escapePattern.exec(text) ?? [""];
  if (hex !== undefined) bytes.addByte(Number.parseInt(hex, 16));
  else if (octal !== undefined) bytes.addByte(Number.parseInt(octal, 8) & 255);
  else {
    const meant = short === undefined ? (codePoint(long) ?? simpleEscape(other)) : codeUnit(short);
    if (meant === undefined) {
      const expected = String.raw`an escape such as \n, \x1d, \" or \\`;
      throw new StringError(offset, `unknown escape ${whole || "\\"}`, expected);
    }
    bytes.addText(meant);
  }
  return whole.length;
}

function codeUnit(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function codePoint(hex: string | undefined): string | undefined {
  const point = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

function simpleEscape(character: string | undefined): string | undefined {
  return character === undefined ? undefined : simpleEscapes[character];
}
