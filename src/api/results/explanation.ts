/** A row's explanation that shows itself: what the row is, what is predicted of it, and what each gate does to that. */
import type { Cell, Table } from "../../charts/index.js";
import type { DanfoFrame, FrameClass, Row } from "../../data/index.js";
import type { ExplainedGate, ExplainedTask, RowExplanation } from "../../gates/explain.js";
import { siteName } from "../../spec/index.js";
import { rowCells } from "../data/tables.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** One row through its gates. */
export class ExplanationResult extends Displayable implements RowExplanation {
  readonly row: number;
  readonly domain: string | null;
  readonly rows: number;
  readonly tasks: readonly ExplainedTask[];
  readonly gates: readonly ExplainedGate[];
  /** What the data say of the row. */
  readonly values: Row;

  /** Made by `run.explain()`. @internal */
  constructor(explanation: RowExplanation, values: Row) {
    super();
    this.row = explanation.row;
    this.domain = explanation.domain;
    this.rows = explanation.rows;
    this.tasks = explanation.tasks;
    this.gates = explanation.gates;
    this.values = values;
  }

  /** One row a gate: the one that changes a logit most first. */
  table(): Table {
    const digits = { digits: 3 };
    const by = (what: string): Table["columns"] =>
      this.tasks.map(({ tower }) => ({ name: `Δ${tower} logit, ${what}`, ...digits }));
    const compared = `${this.rows.toLocaleString("en-US")} ${this.domain === null ? "rows" : `rows of ${this.domain}`}`;
    const usual = this.domain === null ? "mean" : "domain's mean";
    return {
      caption: `Gates of row ${this.row}, compared with ${compared}; the change of a logit with one gate alone held at its ${usual}, or at 1`,
      columns: [
        { name: "gate" },
        { name: "value", ...digits },
        { name: "quantile", percent: true, digits: 0 },
        { name: usual, ...digits },
        ...by(`at its ${usual}`),
        ...by("at 1"),
      ],
      rows: this.gates.map((gate): Cell[] => {
        const { value, quantile, domainMean, atDomainMean, atOne } = gate;
        const name = gate.field === null ? siteName(gate) : `${siteName(gate)} ${gate.field}`;
        return [name, value, quantile, domainMean, ...atDomainMean, ...atOne];
      }),
    };
  }

  /** The gates as a danfo frame; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("../output/frames.js");
    const records = this.gates.map(({ module, tower, layer, field, value, quantile, domainMean, ...changes }) => ({
      ...{ module, task: tower ?? "all", layer, field, value, quantile, domain_mean: domainMean },
      ...Object.fromEntries(
        this.tasks.flatMap((task, at) => [
          [`delta_logit_${task.tower}_at_domain_mean`, changes.atDomainMean[at] ?? null],
          [`delta_logit_${task.tower}_at_one`, changes.atOne[at] ?? null],
        ]),
      ),
    }));
    return recordsFrame(records, frameClass);
  }

  /** The row, its predictions, and its gates. */
  async bundle(): Promise<DisplayBundle> {
    const { tableHtml, tableText } = await import("../../tables/index.js");
    const tables = [this.#rowTable(), this.#taskTable(), this.table()];
    return {
      "text/html": tables.map((table) => tableHtml(table)).join(""),
      "text/plain": tables.map((table) => tableText(table)).join("\n\n"),
    };
  }

  #rowTable(): Table {
    const cells = rowCells(this.values);
    const names = Object.keys(cells);
    const caption = `Row ${this.row}${this.domain === null ? "" : `, ${this.domain}`}`;
    return { caption, columns: names.map((name) => ({ name })), rows: [names.map((name) => cells[name] ?? null)] };
  }

  #taskTable(): Table {
    return {
      caption: "What is predicted of it",
      columns: [{ name: "task" }, { name: "logit", digits: 3 }, { name: "probability", digits: 3 }, { name: "label" }],
      rows: this.tasks.map(({ tower, logit, probability, label }) => [tower, logit, probability, label]),
    };
  }
}
