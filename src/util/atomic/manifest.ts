/**
 * `checksums.sha256`, the list of a folder's files with their SHA-256, in the format of `sha256sum` (`sha256sum -c
 * checksums.sha256` checks the folder). The list also proves that this project wrote a file.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** The name of the checksum file. */
export const checksumsFile = "checksums.sha256";

/** SHA-256 by file name. */
export type Manifest = ReadonlyMap<string, string>;

/** Formats a list as text. */
export function manifestText(sums: Manifest): string {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
}

/** Parses a list; `null` unless every line has a plain, unique file name. */
export function parseManifest(text: string): Manifest | null {
  const sums = new Map<string, string>();
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const [, sum, name] = /^([0-9a-f]{64}) [ *]([^/\\]+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined || sums.has(name)) return null;
    sums.set(name, sum);
  }
  return sums;
}

/** SHA-256 of a file, in hex; `null` if the file is missing. */
export async function checksumFile(file: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return null;
  }
  return hash.digest("hex");
}
