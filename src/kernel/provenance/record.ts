/** The record of a run for reproducing it; contains no host or user names and no paths outside the repository. */
import type { Machine } from "../../port/index.js";

/** The state of a git repository. */
export interface GitState {
  /** The checked-out commit. */
  readonly commit: string;
  /** Whether tracked files differed from it; missing if unchecked or unknown. */
  readonly dirty?: boolean;
}

/** The environment of a notebook. */
export interface Surroundings {
  /** Versions of pepnet, Node and the packages that affect outputs. */
  readonly versions: Readonly<Record<string, string>>;
  /** Missing outside a repository. */
  readonly git?: GitState;
  readonly machine: Machine;
}

/** Data that a run opened: a file or an in-memory table. */
export interface DataRecord {
  /** A file's path from the notebook's folder, or only its folder and name if it is outside the repository. */
  readonly name: string;
  /** Missing on an output that was shown before a large file was fully read. */
  readonly sha256?: string;
  /** For a file. */
  readonly bytes?: number;
  /** For an in-memory table. */
  readonly rows?: number;
}

/** The seeds and data of a run. */
export interface Used {
  /** Seeds and their uses, in order. */
  readonly seeds: readonly { readonly use: string; readonly seed: number }[];
  readonly data: readonly DataRecord[];
}

/** The whole record: `metadata.pepnet` of a notebook executed by `pepnet notebook run`. */
export interface Provenance extends Surroundings, Used {}
