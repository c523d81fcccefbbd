/** How Taobao's logs are prepared. */

/** How the logs are prepared. */
export interface TaobaoRecipeOptions {
  /** Last days that are held out as test rows. Default: 1 (13 May 2017), as the publishers split. */
  readonly testDays?: number;
  /** Only this share of the users, chosen by their id. Default: 1. */
  readonly users?: number;
  /** A purchase counts for a click if it follows within so many hours. Default: 24. */
  readonly purchaseHours?: number;
  /** Most frequent categories and brands of a user that become tags. Default: 10. */
  readonly tags?: number;
  /** DuckDB's memory; what is more goes to disk. Default: `"2GB"`. */
  readonly memory?: string;
}
