/** Calibration (reliability) curves: predicted against observed, bin by bin. */

/** Rows of similar predictions. */
export interface CalibrationBin {
  readonly rows: number;
  /** The smallest and largest prediction. */
  readonly from: number;
  readonly to: number;
  /** Mean prediction. */
  readonly predicted: number;
  /** Share of positive rows, with its Wilson score interval. */
  readonly observed: number;
  readonly low: number;
  readonly high: number;
}

/** A calibration curve of some rows. */
export interface CalibrationCurve {
  readonly rows: number;
  /** By ascending predictions, with as many rows each as equal predictions allow; empty where there is a gap. */
  readonly bins: readonly CalibrationBin[];
  /** Why there is no curve; `null` where there is one. */
  readonly gap: string | null;
}

/** A task's calibration curves. */
export interface TaskCalibration {
  readonly tower: string;
  readonly label: string;
  /** Label whose positive rows the curves are over; `null`: all rows. */
  readonly within: string | null;
  readonly overall: CalibrationCurve;
  /** One per domain, in order. */
  readonly domains: readonly CalibrationCurve[];
}

/** Calibration by task and domain. */
export interface CalibrationReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  /** Of the Wilson intervals, such as 0.95. */
  readonly level: number;
  /** The binary tasks. */
  readonly tasks: readonly TaskCalibration[];
}
