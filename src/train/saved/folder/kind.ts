/**
 * A kind of folder that is written and replaced atomically, such as a saved run.
 */
export interface FolderKind {
  /** Every file that it may contain, except the list. */
  readonly files: readonly string[];
  /** The JSON file that identifies the folder. */
  readonly identity: string;
  /** `format` of that file. */
  readonly format: string;
  /** Its field with the version of the format. */
  readonly version: "formatVersion" | "version";
  /** Versions up to this one have no list. */
  readonly unlistedVersion: number;
  /** The display name, such as `a saved run`. */
  readonly called: string;
  /** The display name of the writer. */
  readonly writer: string;
}
