/** The explanation of a row as a result: the row, its predictions, and the effect of each gate. */
import type { Row } from "../../data/index.js";
import type { ExplainedGate, ExplainedTask, RowExplanation } from "../../gates/index.js";
import type { PositionValues, Sheet } from "../../views/index.js";
import { rowCells } from "../data/index.js";
import { ChartOutput, type DisplayBundle, Result, TableOutput, table, tables } from "../output/index.js";

/** One row through its gates. */
export class ExplanationResult extends Result {
  /** The numbers as plain data. */
  readonly facts: RowExplanation;
  /** The row's number in the data, from 0. */
  readonly row: number;
  /** The row's domain; `null` if the model has none. */
  readonly domain: string | null;
  /** Number of rows to compare with. */
  readonly rowCount: number;
  /** In the order of the model's towers. */
  readonly tasks: readonly ExplainedTask[];
  /** Gates, sorted by their largest change of a logit. */
  readonly gates: readonly ExplainedGate[];
  /** The row's values in the data. */
  readonly values: Row;

  /** Positions of the row's sequences, with their values, weights and effects; empty without sequences. */
  readonly positions: readonly PositionValues[];

  /** Made by `run.explain()`. @internal */
  constructor(facts: RowExplanation, values: Row, positions: readonly PositionValues[] = []) {
    super();
    this.positions = positions;
    this.facts = facts;
    this.row = facts.row;
    this.domain = facts.domain;
    this.rowCount = facts.rows;
    this.tasks = facts.tasks;
    this.gates = facts.gates;
    this.values = values;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().explanationSheet(this.facts);
  }

  /** One row per position of its sequences: values, weights, and the change of each logit without it. */
  positionsTable(): TableOutput {
    return new TableOutput(this.#positionsSheet());
  }

  /** What each position of its sequences adds to the logits. */
  async chart(): Promise<ChartOutput> {
    const { positionsChart } = await import("../../views/index.js");
    return new ChartOutput(positionsChart(this.row, this.#towers(), this.positions));
  }

  #towers(): string[] {
    return this.tasks.map(({ tower }) => tower);
  }

  #positionsSheet(): Sheet {
    return tables().positionsSheet(this.row, this.#towers(), this.positions);
  }

  /** The row, its predictions, its gates, and the positions of its sequences. */
  override async bundle(): Promise<DisplayBundle> {
    const { explainedTasksSheet, sheetTable, tableHtml, tableText } = tables();
    const title = this.domain === null ? `Row ${this.row}` : `Row ${this.row}, ${this.domain}`;
    const row = table([rowCells(this.values)], title).sheet();
    const positions = this.positions.length === 0 ? [] : [this.#positionsSheet()];
    const all = [row, explainedTasksSheet(this.facts), this.sheet(), ...positions].map(sheetTable);
    return {
      "text/html": all.map((each) => tableHtml(each)).join(""),
      "text/plain": all.map((each) => tableText(each)).join("\n\n"),
    };
  }
}
