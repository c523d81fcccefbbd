/** A ranking of fields as a result: each field's change of AUC with its interval, by task. */
import type { FieldQuestion, FieldRanking, TaskFields } from "../../gates/index.js";
import type { Sheet } from "../../views/index.js";
import { ChartOutput, ResultWithChart, tables } from "../output/index.js";

/** Ranks the fields through which the domain acts, or whose gates matter. */
export class FieldRankingResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: FieldRanking;
  /** The change made to each field. */
  readonly by: FieldQuestion;
  /** Rows of the sample. */
  readonly rowCount: number;
  /** The column whose users were drawn; `null`: rows were drawn. */
  readonly user: string | null;
  /** In the order of the model's towers. */
  readonly tasks: readonly TaskFields[];

  /** Made by `run.rankFields()`. @internal */
  constructor(facts: FieldRanking, notes: readonly string[] = []) {
    super(notes);
    this.facts = facts;
    this.by = facts.by;
    this.rowCount = facts.rows;
    this.user = facts.user;
    this.tasks = facts.tasks;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().fieldRankingSheet(this.facts);
  }

  /** The fields whose interval excludes 0, the largest change first; empty if there are none. */
  named(tower: string): readonly string[] {
    return this.tasks.find((task) => task.tower === tower)?.named ?? [];
  }

  /** Changes of AUC with their intervals, a panel per task. */
  async chart(): Promise<ChartOutput> {
    const { fieldRankingChart } = await import("../../views/index.js");
    return new ChartOutput(fieldRankingChart(this.facts));
  }
}
