/** A kind of folder that is written and replaced as a whole, such as a saved run. */
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
