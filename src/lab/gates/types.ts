/** Types of gate statistics, effects and conflicts. */
import type { GateSite } from "../../core/engine/engine.js";
import type { ChangeInterval } from "./effects.js";

/** One gate (module × layer × task) on the rows of one domain (`domain: null`: all rows). */
export interface GateStatistics {
  readonly domain: number | null;
  readonly rows: number;
  readonly mean: number;
  readonly std: number;
  /** Quantiles at 5, 25, 50, 75 and 95%. */
  readonly quantiles: readonly [number, number, number, number, number];
  /** P(g < 0.05 gamma). */
  readonly closed: number;
  /** P(g > 0.95 gamma). */
  readonly open: number;
  /** P(|g − gamma/2| < 0.02 gamma). */
  readonly identity: number;
  /** Share of units whose values vary less than 1e-3 (standard deviation over rows). */
  readonly deadUnits: number;
  /** Share of values that are NaN or infinite; they are excluded, and statistics that need every unit are missing. */
  readonly notFinite: number;
}

/** A gate with its statistics by domain. */
export interface GateReport extends GateSite {
  readonly overall: GateStatistics;
  /** In domain order; empty without domains. */
  readonly domains: readonly GateStatistics[];
  /**
   * Share of the gate's variance that the domain explains, mean over units (η²); `null` without domains or variance.
   */
  readonly domainVariance: number | null;
}

/** The change of a task's AUC if a gate is held at 1. */
export interface GateEffect extends Pick<GateSite, "module" | "tower" | "layer"> {
  readonly task: string;
  /** AUC with the gate at 1 minus AUC with the gate; corrected for all gates and tasks. */
  readonly auc: ChangeInterval;
}

/** The worth of each gate: the change of AUC if it is held at 1. */
export interface GateEffects {
  /** The user column, all of whose rows are drawn together; `null`: rows are drawn. */
  readonly user: string | null;
  /** Whether changes are means within domains, weighted by rows, rather than over all rows. */
  readonly isWithinDomains: boolean;
  /** One per gate and task that reads it. */
  readonly cells: readonly GateEffect[];
}

/** Mean EPNet gate of a feature field in each domain, for the chart of fields. */
export interface FieldGates {
  readonly field: string;
  /** [domains]; one value over all rows without domains. `null`: no rows. */
  readonly means: readonly (number | null)[];
}

/** A part that a report cannot show. */
export interface Gap {
  readonly what: string;
  readonly reason: string;
}

/** Two tasks, or two domains, in a part of the model that both train. */
export interface GradientConflict {
  readonly of: "tasks" | "domains";
  readonly first: string;
  readonly second: string;
  /** A layer of a module, such as `EPNet, gate`, or `embeddings`: all tables together. */
  readonly part: string;
  /** Norms of the two gradients of the mean loss, with the tasks' weights; `null`: not beyond noise. */
  readonly norms: readonly [number | null, number | null];
  /** From −1 (opposed) to 1 (aligned). `value` is `null` if a norm is; corrected for all pairs and parts. */
  readonly cosine: ChangeInterval;
}

/** The result of `run.conflicts()`. */
export interface Conflicts {
  readonly rows: number;
  /** The column whose users intervals are over; `null`: over rows. */
  readonly user: string | null;
  /** The step of the training that had these weights, measured on training rows that it had not seen; absent: the run's weights. */
  readonly step?: number | undefined;
  readonly pairs: readonly GradientConflict[];
  /** Missing measurements, and why. */
  readonly gaps: readonly Gap[];
}

/** The gates at one evaluation during training. */
export interface GatesPoint {
  readonly step: number;
  readonly epoch: number;
  readonly gates: GatesReport;
  /** Conflicts on the validation rows; absent if not recorded. */
  readonly conflicts?: Conflicts;
}

/** The result of `run.gates()`. */
export interface GatesReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly gates: readonly GateReport[];
  readonly fields: readonly FieldGates[];
  /** The same gates before training: of the model with the spec's seed; empty if not requested. */
  readonly untrained: readonly GateReport[];
  /** `null` if not requested, or without rows. */
  readonly effects: GateEffects | null;
  readonly gaps: readonly Gap[];
}
