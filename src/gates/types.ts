/** Statistics of gates, as charts and tables show them. */
import type { GateSite } from "../engine/engine.js";

/** One gate (module × layer × task) on the rows of one domain (`domain: null`: all rows). */
export interface GateStatistics {
  readonly domain: number | null;
  readonly rows: number;
  readonly mean: number;
  readonly std: number;
  /** At 5, 25, 50, 75 and 95 %. */
  readonly quantiles: readonly [number, number, number, number, number];
  /** Counts in `bins` equal bins over [0, gamma]. */
  readonly histogram: readonly number[];
  /** P(g < .05 gamma). */
  readonly closed: number;
  /** P(g > .95 gamma). */
  readonly open: number;
  /** P(|g − gamma/2| < .02 gamma). */
  readonly identity: number;
  /** Share of units whose values vary less than 1e-3 (standard deviation over rows). */
  readonly deadUnits: number;
}

/** A gate with its statistics by domain. */
export interface GateReport extends GateSite {
  readonly overall: GateStatistics;
  /** In domain order; empty where the model has no domains. */
  readonly domains: readonly GateStatistics[];
  /** Share of the gate's variance that the domain explains, mean over units (η²); `null` without domains or variance. */
  readonly domainVariance: number | null;
}

/** Mean EPNet gate of a feature field in each domain, for the heat map. */
export interface FieldGates {
  readonly field: string;
  /** [domains]; one value over all rows where there are no domains. `null`: no rows. */
  readonly means: readonly (number | null)[];
}

/** Everything `run.gates()` shows. */
export interface GatesReport {
  /** Rows that the statistics are over (a seeded sample of the hold-out data). */
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly gates: readonly GateReport[];
  /** In the order of the `all` group; empty without EPNet. */
  readonly fields: readonly FieldGates[];
}
