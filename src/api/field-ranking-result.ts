/** A ranking of fields that shows itself: each field's change of AUC with its interval, by task. */
import { said } from "../charts/counterfactuals-table.js";
import type { Cell, Table } from "../charts/index.js";
import type { DanfoFrame, FrameClass } from "../data/index.js";
import type { FieldQuestion, FieldRanking, TaskFields } from "../gates/field-ranking.js";
import { Displayable, type DisplayBundle } from "./display.js";

const questions: Readonly<Record<FieldQuestion, string>> = {
  domain: "Change of AUC in another domain that goes through each field",
  "gate off": "Change of AUC with a field's EPNet gates at 1",
  "gate mean": "Change of AUC with a field's EPNet gates at their mean",
};

/** Which fields the domain acts through, or whose gates matter. */
export class FieldRankingResult extends Displayable implements FieldRanking {
  readonly by: FieldQuestion;
  readonly rows: number;
  readonly user: string | null;
  readonly tasks: readonly TaskFields[];

  /** Made by `run.rankFields()`. */
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
    const draws = this.user === null ? "rows" : `whole users by ${this.user}`;
    return {
      caption: `${questions[this.by]}, on ${this.rows.toLocaleString("en-US")} rows; the fields' intervals hold together in 95 % of cases (bootstrap over ${draws})`,
      columns: [
        { name: "task" },
        { name: "field" },
        { name: "ΔAUC", digits: 4 },
        { name: "low", digits: 4 },
        { name: "high", digits: 4 },
        { name: "says" },
        { name: "mean |Δlogit|", digits: 3 },
      ],
      rows: this.tasks.flatMap(({ tower, whole, fields }): Cell[][] => [
        [tower, "the whole change", whole.value, whole.low, whole.high, said(whole), null],
        ...fields.map(({ field, auc, logitChange, nested }): Cell[] => {
          const says = nested ? "its values occur in one domain only" : said(auc);
          return [tower, field, auc.value, auc.low, auc.high, says, logitChange];
        }),
      ]),
    };
  }

  /** The fields as a danfo frame, a row a task and field; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("./frames.js");
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

  /** The table. */
  async bundle(): Promise<DisplayBundle> {
    const { tableBundle } = await import("../render/index.js");
    return tableBundle(this.table());
  }
}
