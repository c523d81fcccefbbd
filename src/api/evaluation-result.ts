/** An evaluation that shows itself: AUC by task and domain, beside a reference where there is one. */
import type { AucReference } from "../charts/index.js";
import type { DanfoFrame, FrameClass } from "../data/index.js";
import type { Evaluation, TaskEvaluation } from "../metrics/types.js";
import { numbersMime } from "../util/numbers-mime.js";
import { ChartOutput } from "./chart-output.js";
import { Displayable, type DisplayBundle } from "./display.js";

/** How an evaluation measures. */
export interface EvaluationOptions {
  /** AUC by sorting, or streamed in bounded memory within a stated bound. Default: exact up to 50 million rows. */
  readonly auc?: "exact" | "streaming";
}

/** Metrics by task and domain. */
export class EvaluationResult extends Displayable implements Evaluation {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly tasks: readonly TaskEvaluation[];
  /** AUCs to compare with, such as the best achievable on generated data; empty where there are none. */
  readonly references: readonly AucReference[];

  /** Made by `run.evaluate()`. */
  constructor(evaluation: Evaluation, references: readonly AucReference[] = []) {
    super();
    this.rows = evaluation.rows;
    this.domainNames = evaluation.domainNames;
    this.tasks = evaluation.tasks;
    this.references = references;
  }

  /** A task's AUC, over all rows (of its space) or in one domain; `null` where it is not defined. */
  auc(tower: string, domain?: number): number | null {
    const task = this.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.auc ?? null;
  }

  /** Bars by task and domain. */
  async chart(): Promise<ChartOutput> {
    const { aucBarsChart } = await import("../charts/index.js");
    return new ChartOutput(aucBarsChart(this, this.references));
  }

  /** The metrics as a danfo frame, a row a task and domain; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { evaluationRecords, recordsFrame } = await import("./frames.js");
    return recordsFrame(evaluationRecords(this), frameClass);
  }

  /** The chart, the table of its numbers as text, and the main numbers for programs. */
  async bundle(): Promise<DisplayBundle> {
    return { ...(await (await this.chart()).bundle()), ...this.numbers() };
  }

  /** AUC and log loss by task, as an output says them to programs: an index of many notebooks shows them. */
  numbers(): DisplayBundle {
    const named = this.tasks.flatMap(({ tower, overall }) => [
      [`${tower} AUC`, overall.auc],
      [`${tower} log loss`, overall.logLoss],
    ]);
    return { [numbersMime]: Object.fromEntries(named.filter(([, value]) => value !== null)) };
  }
}
