/** Options of the recipe. */
export interface TaobaoRecipeOptions {
  /** Number of last days used as test rows. Default: 1 (13 May 2017), the publishers' split. */
  readonly testDays?: number;
  /** The share of the users to use, chosen by their id. Default: 1. */
  readonly users?: number;
  /** A purchase counts for a click if it follows within this number of hours. Default: 24. */
  readonly purchaseHours?: number;
  /** Number of a user's most frequent categories and brands that become tags. Default: 10. */
  readonly tags?: number;
  /** DuckDB's memory limit; beyond it, DuckDB uses the disk. Default: `"2GB"`. */
  readonly memory?: string;
}
