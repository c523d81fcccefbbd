/** The facts that judges of data read: rows as they are encoded, and counts over them. */
import type { ExampleRow, Judge, Observation } from "../../errors/finding.js";
import type { FeatureSpec } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import type { HashSharing } from "../encode/sharing.js";
import type { EncodedData } from "../encoded/encoded.js";
import type { ColumnDrift } from "../summary/drift.js";
import type { Leaks } from "../summary/label-counts.js";
import type { ClassCounts } from "./class-counts.js";

/** The known facts about rows. Parts that are missing were not measured. */
export interface DataFacts {
  /** Only parts without problems; its features are fitted. */
  readonly spec: ModelSpec;
  /** The place of a column, such as `train.csv: column "price"`. */
  readonly place: (column: string) => string;
  /** The columns that a feature reads. */
  readonly sources: (feature: FeatureSpec) => readonly string[];
  /** Some of the encoded rows. */
  readonly sample?: { readonly data: EncodedData; readonly rows: Int32Array } | undefined;
  /** Features with one value in all rows; `text` of it, or `null` if no row has a value. */
  readonly constants?: readonly { readonly feature: string; readonly text: string | null }[];
  /** Rows and positives of the labels of binary tasks. */
  readonly labels?: readonly ClassCounts[] | undefined;
  /** Positive labels outside the space of their task. */
  readonly outside?: readonly (ShownRows & { readonly label: string; readonly indicator: string })[];
  readonly sharing?: readonly SharedRows[];
  /** Rows with ids that no training row has, by feature. */
  readonly unseen?: readonly (ShownRows & { readonly feature: string; readonly column: string })[];
  /** The counts of the training rows, if these are others. */
  readonly trained?: readonly ClassCounts[] | undefined;
  /** Columns compared with the training rows. */
  readonly drift?: { readonly user: string | null; readonly columns: readonly ColumnDrift[] } | undefined;
  /** Columns that seem to contain the label of their own row, or later information. */
  readonly ahead?: readonly AheadColumn[];
  /** Rows that are older than a training row of the same user. */
  readonly leaks?: Leaks | undefined;
}

/** A column that looks ahead. */
export interface AheadColumn {
  readonly column: string;
  readonly why: string;
  /** The key of the count, as `data.priors` takes it, and the label that it contains. */
  readonly by: string;
  readonly label: string;
}

interface ShownRows {
  readonly rows: number;
  readonly examples: readonly ExampleRow[];
}

export interface SharedRows extends HashSharing {
  /** The numbers of rows that were counted, and of all. */
  readonly counted?: { readonly rows: number; readonly of: number } | undefined;
}

export interface DataJudge extends Judge {
  find(facts: DataFacts): readonly Observation[] | Promise<readonly Observation[]>;
}
