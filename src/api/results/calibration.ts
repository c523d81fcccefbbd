/** Calibration curves that show themselves. */
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { CalibrationReport, TaskCalibration } from "../../metrics/calibration/calibration-curve.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** Predicted against observed rates, bin by bin, by task and domain. */
export class CalibrationResult extends Displayable implements CalibrationReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly level: number;
  readonly tasks: readonly TaskCalibration[];

  /** Made by `run.calibration()`. @internal */
  constructor(report: CalibrationReport) {
    super();
    this.rows = report.rows;
    this.domainNames = report.domainNames;
    this.level = report.level;
    this.tasks = report.tasks;
  }

  /** The curves, a panel a task, with the diagonal on which prediction and observation agree. */
  async chart(): Promise<ChartOutput> {
    const { reliabilityChart } = await import("../../charts/index.js");
    return new ChartOutput(reliabilityChart(this));
  }

  /** The bins as a danfo frame, a row a task, domain and bin; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { calibrationRecords, recordsFrame } = await import("../output/frames.js");
    return recordsFrame(calibrationRecords(this), frameClass);
  }

  /** The chart, with its table as text. */
  async bundle(): Promise<DisplayBundle> {
    return (await this.chart()).bundle();
  }
}
