/**
 * `checksums.sha256`, the list of a folder's files with their SHA-256, as `sha256sum` writes it (`sha256sum -c
 * checksums.sha256` checks the folder). It is also what proves that a file was written by this project.
 */

/** The file that lists the others. */
export const checksumsFile = "checksums.sha256";

/** SHA-256 by file name. */
export type Manifest = ReadonlyMap<string, string>;

/** A list as text. */
export function manifestText(sums: Manifest): string {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
}

/** A list from its text; `null` where the text is not one of plain file names, each once. */
export function parseManifest(text: string): Manifest | null {
  const sums = new Map<string, string>();
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const [, sum, name] = /^([0-9a-f]{64}) [ *]([^/\\]+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined || sums.has(name)) return null;
    sums.set(name, sum);
  }
  return sums;
}

/** What kind of folder it is, such as a saved run. */
export interface FolderKind {
  /** Every file that one may hold, beside the list. */
  readonly files: readonly string[];
  /** The JSON file that says what the folder is. */
  readonly identity: string;
  /** `format` of that file. */
  readonly format: string;
  /** Its field with the version of the format. */
  readonly version: "formatVersion" | "version";
  /** Versions up to this one had no list. */
  readonly unlistedVersion: number;
  /** For people, such as `a saved run`. */
  readonly called: string;
  /** Who writes one, for people. */
  readonly writer: string;
}
