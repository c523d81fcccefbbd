/** What is recorded of a run, so that it can be repeated: no name of a host or a person, no path outside the repository. */
import type { Machine } from "../../port/index.js";

/** The state of a git repository. */
export interface GitState {
  /** The commit that was checked out. */
  readonly commit: string;
  /** Whether tracked files differed from it; missing where that was not looked for, or could not be known. */
  readonly dirty?: boolean;
}

/** What a notebook ran in. */
export interface Surroundings {
  /** Of pepnet, Node and the packages whose numbers or pictures are in the outputs. */
  readonly versions: Readonly<Record<string, string>>;
  /** Missing outside a repository. */
  readonly git?: GitState;
  readonly machine: Machine;
}

/** Data that a run opened: a file, or a table that was in memory. */
export interface DataRecord {
  /** Of a file its path from the notebook's folder, or only its folder and name where it lies outside the repository. */
  readonly name: string;
  /** Missing on an output that was shown before a large file was read through. */
  readonly sha256?: string;
  /** Of a file. */
  readonly bytes?: number;
  /** Of a table in memory. */
  readonly rows?: number;
}

/** What was drawn and opened. */
export interface Used {
  /** What was drawn from which seed, in order. */
  readonly seeds: readonly { readonly use: string; readonly seed: number }[];
  readonly data: readonly DataRecord[];
}

/** The whole record: a notebook's `metadata.pepnet` where `pepnet notebook run` executed it. */
export interface Provenance extends Surroundings, Used {}
