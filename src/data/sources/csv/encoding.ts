/** Text files that are not UTF-8: they are written as UTF-8 to a private folder once, and read from there. */

import { open } from "node:fs/promises";
import path from "node:path";
import { DataError, type Problem } from "../../../errors/index.js";
import { privateFile, removeWith, type Source } from "../file-version.js";
import { detectCompression, textBytes } from "./bytes.js";

/** Labels that the WHATWG standard reads as windows-1252. */
const latin = /^(latin-?1|iso-?8859-1|l1)$/i;
const utf8 = /^utf-?8$/i;
const utf16 = /^utf-?16$/i;

export function isEncoding(encoding: string): boolean {
  if (latin.test(encoding) || utf16.test(encoding)) return true;
  try {
    new TextDecoder(encoding);
    return true;
  } catch {
    return false;
  }
}

/** The file itself, or a UTF-8 copy. @param encoding `undefined`: UTF-16 by its byte order mark, else UTF-8 */
async function utf8File(file: string, encoding: string | undefined, signal?: AbortSignal): Promise<string> {
  if (encoding !== undefined && utf8.test(encoding)) return file;
  const isZstd = detectCompression(file) === "zstd";
  const mark = isZstd ? null : await readMark(file);
  const label = encoding ?? mark;
  if (label === null) return file;
  const message = "a .zst file must be UTF-8";
  if (isZstd) throw new DataError({ path: file, message, received: label, fix: "decompress it first (zstd -d)" });
  const decode = makeDecoder(label, mark);
  const copy = privateFile(path.extname(file.replace(/\.gz$/i, "")) || ".csv");
  const target = await open(copy, "wx", 0o600);
  let lines = 1;
  try {
    for await (const piece of textBytes(file)) {
      signal?.throwIfAborted();
      const text = decode(piece, false);
      await target.write(text);
      lines += text.split("\n").length - 1;
    }
    await target.write(decode(new Uint8Array(), true));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const fix = 'pass the encoding in which the file was saved, such as { encoding: "latin-1" }';
    const problem = { path: `${file}: line ${lines} or later`, message: `the text is not valid ${label}`, fix };
    throw new DataError(problem, { cause });
  } finally {
    await target.close();
  }
  return copy;
}

async function readMark(file: string): Promise<"utf-16le" | "utf-16be" | null> {
  for await (const piece of textBytes(file)) {
    // UTF-32 in little endian starts like UTF-16.
    if (piece[0] === 0xff && piece[1] === 0xfe && !(piece[2] === 0 && piece[3] === 0)) return "utf-16le";
    return piece[0] === 0xfe && piece[1] === 0xff ? "utf-16be" : null;
  }
  return null;
}

function makeDecoder(encoding: string, mark: "utf-16le" | "utf-16be" | null) {
  if (latin.test(encoding)) return (piece: Uint8Array): string => Buffer.from(piece).toString("latin1");
  const decoder = new TextDecoder(utf16.test(encoding) ? (mark ?? "utf-16le") : encoding, { fatal: true });
  return (piece: Uint8Array, isLast: boolean): string => decoder.decode(piece, { stream: !isLast });
}

/** Files that are UTF-8: originals, or copies for this process. */
export interface Utf8Texts {
  readonly files: readonly string[];
  readonly nameOf: (file: string) => string;
  /** Runs `work`; its problems name the original files. */
  readonly naming: <T>(work: () => Promise<T>) => Promise<T>;
  /** The source with the original files as the origin of its rows. */
  readonly named: (source: Source) => Source;
}

export async function utf8Texts(
  originals: readonly string[],
  { encoding, signal }: { readonly encoding?: string | undefined; readonly signal?: AbortSignal | undefined },
  owner: object,
): Promise<Utf8Texts> {
  const originalOf = new Map<string, string>();
  const files: string[] = [];
  for (const original of originals) {
    const file = await utf8File(original, encoding, signal);
    files.push(file);
    if (file === original) continue;
    originalOf.set(file, original);
    removeWith(owner, file);
  }
  const originalName = (file: string): string => originalOf.get(file) ?? file;
  return {
    files,
    nameOf: originalName,
    async naming(work) {
      try {
        return await work();
      } catch (error) {
        if (originalOf.size === 0 || !(error instanceof DataError)) throw error;
        const problems = error.problems.map((problem) => renamed(problem, originalOf, encoding));
        throw new DataError(problems, { cause: error });
      }
    },
    named: (source) => ({
      ...source,
      locate: async (row) => {
        const place = await source.locate(row);
        return { ...place, source: originalName(place.source) };
      },
    }),
  };
}

/** Names the original files; a query that reads one needs its quotes doubled, and its encoding. */
function renamed(problem: Problem, originalOf: ReadonlyMap<string, string>, encoding = "utf-16"): Problem {
  const rename = (text: string, [file, name]: readonly [string, string]): string => {
    const query = `read_csv('${name.replaceAll("'", "''")}', encoding = '${encoding}'`;
    return text.replaceAll(`read_csv('${file}'`, query).replaceAll(file, name);
  };
  return JSON.parse(JSON.stringify(problem), (_, text: unknown) =>
    typeof text === "string" ? [...originalOf].reduce(rename, text) : text,
  ) as Problem;
}
