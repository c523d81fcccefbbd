/** What every recipe hands back: train and test as Parquet files, the sizes that a model needs, and what was done. */

/** One thing that a recipe did, with how many rows it was about. */
export interface RecipeStep {
  /** What was done, in a few words. */
  readonly what: string;
  /** Rows that it was about. */
  readonly rows: number;
  /** Why, or what it means; `null` where the step says it all. */
  readonly why: string | null;
}

/** A public data set made ready to train on. */
export interface PreparedData {
  /** For people: `MovieLens 1M`. */
  readonly name: string;
  /** The folder that was read. */
  readonly folder: string;
  /** The training rows: one Parquet file. */
  readonly train: { readonly path: string; readonly rows: number };
  /** The held-out rows: one Parquet file. */
  readonly test: { readonly path: string; readonly rows: number };
  /** In order; what was dropped, filled or left out is among them. */
  readonly steps: readonly RecipeStep[];
  /** `num_buckets` of the id columns that hold numbers. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Names of the domain column's values, in order. */
  readonly domains: readonly string[];
  /** Whether there are purchases and tags (Taobao's behaviour log). */
  readonly behaviour: boolean;
}
