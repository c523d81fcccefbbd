/** What every recipe hands back: train and test as Parquet files, the sizes that a model needs, and what was done. */

/** One thing that a recipe did, with how many rows it was about. */
export interface RecipeStep {
  readonly what: string;
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
  readonly train: { readonly path: string; readonly rows: number };
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
