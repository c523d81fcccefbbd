/** A ranking of fields that shows itself: each field's change of AUC with its interval, by task. */
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { FieldQuestion, FieldRanking, TaskFields } from "../../gates/fields/field-ranking.js";
import { fieldRankingSheet, sheetTable, type Table } from "../../tables/index.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** Which fields the domain acts through, or whose gates matter. */
export class FieldRankingResult extends Displayable implements FieldRanking {
  readonly by: FieldQuestion;
  readonly rows: number;
  readonly user: string | null;
  readonly tasks: readonly TaskFields[];

  /** Made by `run.rankFields()`. @internal */
  constructor(ranking: FieldRanking) {
    super();
    this.by = ranking.by;
    this.rows = ranking.rows;
    this.user = ranking.user;
    this.tasks = ranking.tasks;
  }

  /** The fields whose interval leaves out 0, the largest change first; empty where there are none. */
  named(tower: string): readonly string[] {
    return this.tasks.find((task) => task.tower === tower)?.named ?? [];
  }

  /** One row a task and field, behind the change as a whole. */
  table(): Table {
    return sheetTable(fieldRankingSheet(this));
  }

  /** The fields as a danfo frame, a row a task and field; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("../output/frames.js");
    const records = this.tasks.flatMap(({ tower, fields }) =>
      fields.map(({ field, auc, logitChange, oneDomain }) => {
        return {
          task: tower,
          field,
          delta_auc: auc.value,
          low: auc.low,
          high: auc.high,
          mean_abs_delta_logit: logitChange,
          one_domain: oneDomain,
        };
      }),
    );
    return recordsFrame(records, frameClass);
  }

  /** Changes of AUC with their intervals, a panel a task. */
  async chart(): Promise<ChartOutput> {
    const { fieldRankingChart } = await import("../../charts/index.js");
    return new ChartOutput(fieldRankingChart(this));
  }

  /** The chart, with the table as text. */
  async bundle(): Promise<DisplayBundle> {
    return (await this.chart()).bundle();
  }
}
