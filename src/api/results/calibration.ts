/** Calibration curves as a result. */
import type { CalibrationReport, TaskCalibration } from "../../metrics/index.js";
import type { Sheet } from "../../views/index.js";
import { ChartOutput, ResultWithChart, tables } from "../output/index.js";

/** Predicted and observed rates per bin, by task and domain. */
export class CalibrationResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: CalibrationReport;
  /** Number of evaluated rows. */
  readonly rowCount: number;
  /** Display names, in order; empty if the model has no domains. */
  readonly domainNames: readonly string[];
  /** Level of the bins' intervals. */
  readonly level: number;
  /** The binary tasks, in the order of the model's towers. */
  readonly tasks: readonly TaskCalibration[];

  /** Made by `run.calibration()`. @internal */
  constructor(facts: CalibrationReport) {
    super();
    this.facts = facts;
    this.rowCount = facts.rows;
    this.domainNames = facts.domainNames;
    this.level = facts.level;
    this.tasks = facts.tasks;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().calibrationSheet(this.facts);
  }

  /** The curves, a panel per task, with the diagonal on which prediction and observation agree. */
  async chart(): Promise<ChartOutput> {
    const { reliabilityChart } = await import("../../views/index.js");
    return new ChartOutput(reliabilityChart(this.facts));
  }
}
