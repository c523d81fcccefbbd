/** One step of a recipe, with the number of affected rows. */
export interface RecipeStep {
  readonly what: string;
  readonly rows: number;
  /** The reason or meaning; `null` if the description is sufficient. */
  readonly why: string | null;
}

/** A public data set, prepared for training. */
export interface PreparedData {
  /** The display name: `MovieLens 1M`. */
  readonly name: string;
  readonly folder: string;
  readonly train: { readonly path: string; readonly rows: number };
  readonly test: { readonly path: string; readonly rows: number };
  readonly steps: readonly RecipeStep[];
  /** `num_buckets` of the numeric id columns. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Names of the domain column's values, in order. */
  readonly domains: readonly string[];
  /** Whether purchases and tags exist (from Taobao's behaviour log). */
  readonly behaviour: boolean;
}
