/** The type of rows in named groups. */
import type { EvaluationGroups } from "../../metrics/index.js";

/** Rows in named groups. */
export interface RowGroups {
  /** The column that defines the groups. */
  readonly column: string;
  /** [rows], the index of the group. */
  readonly codes: Int32Array;
  /** The groups' names, by index. */
  readonly names: readonly string[];
  /** A note about pooled values or bins. */
  readonly notes: readonly string[];
  /** What the groups are. */
  readonly groups: EvaluationGroups;
}
