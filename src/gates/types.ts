/** Statistics of gates, as charts and tables show them. */
import type { GateSite, Gradients } from "../engine/index.js";

/** One gate (module × layer × task) on the rows of one domain (`domain: null`: all rows). */
export interface GateStatistics {
  /** The domain's number; `null`: all rows. */
  readonly domain: number | null;
  /** Rows that the statistics are over. */
  readonly rows: number;
  /** Mean over rows and units. */
  readonly mean: number;
  /** Standard deviation over rows and units. */
  readonly std: number;
  /** At 5, 25, 50, 75 and 95%. */
  readonly quantiles: readonly [number, number, number, number, number];
  /** Counts in `bins` equal bins over [0, gamma]. */
  readonly histogram: readonly number[];
  /** Share of the values below the upper edge of each of those bins; the last is 1. NaN without values. */
  readonly ecdf: readonly number[];
  /** P(g < .05 gamma). */
  readonly closed: number;
  /** P(g > .95 gamma). */
  readonly open: number;
  /** P(|g − gamma/2| < .02 gamma). */
  readonly identity: number;
  /** Share of units whose values vary less than 1e-3 (standard deviation over rows). */
  readonly deadUnits: number;
  /** Mean entropy of g / gamma as a probability, in bits: 1 at gamma / 2, 0 where saturated. */
  readonly entropy: number;
  /** Mean over rows of (Σ g)² / Σ g² over units: as many units as open alike would let that much through. */
  readonly effectiveWidth: number;
  /** Share of values that are NaN or infinite; they are left out of the rest, and what needs every unit is a gap. */
  readonly notFinite: number;
}

/** How much of a gate's variance a grouping of the rows explains, mean over the units that vary. */
export interface ExplainedVariance {
  /** The feature whose values group the rows. */
  readonly prior: string;
  /** Groups that have rows. */
  readonly groups: number;
  /** η²; `null` where nothing varies. It grows with the number of groups by chance alone. */
  readonly etaSquared: number | null;
  /** ε²: η² less what so many groups explain by chance; `null` where each row is a group of its own. */
  readonly adjusted: number | null;
}

/** Distances between domains, [domains, domains]; `null`: one of them has no rows. */
export interface DomainDistances {
  /** Cosine between the mean gates. */
  readonly cosine: readonly (readonly (number | null)[])[];
  /** Jensen–Shannon distance of the value histograms, 0 … 1. */
  readonly jensenShannon: readonly (readonly (number | null)[])[];
  /** Root mean square difference of the mean gates over units. */
  readonly meanDistance: readonly (readonly (number | null)[])[];
}

/** A gate of rows whose id training saw rarely, against the others. */
export interface ColdGates extends Pick<GateSite, "module" | "tower" | "layer"> {
  /** The id feature. */
  readonly field: string;
  /** Ids with fewer training rows are cold. */
  readonly fewerThan: number;
  /** Sampled rows whose id is cold. */
  readonly coldRows: number;
  /** The other sampled rows. */
  readonly warmRows: number;
  /** Mean gate; `null`: no rows. */
  readonly coldMean: number | null;
  /** Mean gate of the warm rows; `null`: no rows. */
  readonly warmMean: number | null;
  /** Mean over units of each unit's standard deviation over rows; `null`: no rows. */
  readonly coldStd: number | null;
  /** As `coldStd`, of the warm rows. */
  readonly warmStd: number | null;
}

/** A gate with its statistics by domain. */
export interface GateReport extends GateSite {
  /** Over all rows of the sample. */
  readonly overall: GateStatistics;
  /** In domain order; empty where the model has no domains. */
  readonly domains: readonly GateStatistics[];
  /** Share of the gate's variance that the domain explains, mean over units (η²); `null` without domains or variance. */
  readonly domainVariance: number | null;
  /** By the id features that feed the gates (`domain` and `uia` groups); empty where they were not asked for. */
  readonly explained: readonly ExplainedVariance[];
  /** `null` without domains. */
  readonly distances: DomainDistances | null;
}

/** Mean EPNet gate of a feature field in each domain, for the heat map. */
export interface FieldGates {
  /** The feature's name. */
  readonly field: string;
  /** [domains]; one value over all rows where there are no domains. `null`: no rows. */
  readonly means: readonly (number | null)[];
}

/** Embeddings of some rows, along the two directions in which they vary most. */
export interface EmbeddingProjection {
  /** [rows][2]: the first and second principal component. */
  readonly points: readonly (readonly [number, number])[];
  /** Share of the variance that each of the two explains. */
  readonly explained: readonly [number, number];
  /**
   * How far apart the domains' rows lie, in all dimensions: 1 far apart, 0 on top of each other; mean over the rows.
   * `null` with fewer than two domains of two rows.
   */
  readonly silhouette: number | null;
  /** By domain; `null` with fewer than two rows. Empty where the model has no domains. */
  readonly silhouettes: readonly (number | null)[];
}

/** The embeddings before and after EPNet, each with directions of its own. */
export interface EmbeddingsReport {
  /** Rows that were projected. */
  readonly rows: number;
  /** Domain of each row; `null` where the model has none. */
  readonly domains: readonly number[] | null;
  /** `null` where a value is no finite number. */
  readonly before: EmbeddingProjection | null;
  /** What EPNet gives; `null` where a value is no finite number. */
  readonly after: EmbeddingProjection | null;
}

/** Gradients of the loss on some rows. */
export interface GradientsReport extends Gradients {
  /** Rows of the batch that the loss is over. */
  readonly rows: number;
}

/** Something that a report cannot show. */
export interface Gap {
  /** What cannot be shown, such as `domain 2`. */
  readonly what: string;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** The gates at one evaluation during training. */
export interface GatesPoint {
  /** Optimiser steps taken by then. */
  readonly step: number;
  /** Fraction of epochs done. */
  readonly epoch: number;
  /** What `run.gates()` would have said then, without details. */
  readonly gates: GatesReport;
}

/** Everything `run.gates()` shows. */
export interface GatesReport {
  /** Rows that the statistics are over (a seeded sample of the hold-out data). */
  readonly rows: number;
  /** For people, in order; empty where the model has no domains. */
  readonly domainNames: readonly string[];
  /** EPNet's, then PPNet's by task and layer. */
  readonly gates: readonly GateReport[];
  /** In the order of the `all` group; empty without EPNet. */
  readonly fields: readonly FieldGates[];
  /** Rarely seen users and items against others, by gate; empty where the training rows are not known. */
  readonly cold: readonly ColdGates[];
  /** `null` without EPNet, or where it was not asked for. */
  readonly embeddings: EmbeddingsReport | null;
  /** Gate against backbone, and the paths that are stopped; `null` where they were not asked for. */
  readonly gradients: GradientsReport | null;
  /** What is missing here, and why. */
  readonly gaps: readonly Gap[];
}
