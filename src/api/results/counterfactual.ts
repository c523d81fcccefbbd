/** Counterfactuals that show themselves: the change of AUC by task and domain, with its interval. */
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { CounterfactualEffect, CounterfactualReport } from "../../gates/counterfactual/counterfactual.js";
import type { Effect, TaskEffect } from "../../gates/counterfactual/effects.js";
import { counterfactualsSheet, sheetRecords, sheetTable, type Table } from "../../tables/index.js";
import type { RawRows } from "../data/raw-rows.js";
import { rowCells } from "../data/tables.js";
import { ChartOutput } from "../output/chart.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";
import { type TableOutput, table } from "../output/table.js";

/** What predictions would be with another domain or other gates. Only this says that a gate or a domain matters. */
export class CounterfactualResult extends Displayable implements CounterfactualReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly user: string | null;
  readonly effects: readonly CounterfactualEffect[];
  readonly #values: RawRows;

  /** Made by `run.counterfactual()`. @internal */
  constructor(report: CounterfactualReport, values: RawRows = new Map()) {
    super();
    this.rows = report.rows;
    this.domainNames = report.domainNames;
    this.user = report.user;
    this.effects = report.effects;
    this.#values = values;
  }

  /** The change of a task's AUC, over all rows or in one domain; `null` for a name that is not there. */
  effect(name: string, tower: string, domain?: number): Effect | null {
    const task = this.#task(name, tower);
    return (domain === undefined ? task?.overall : task?.domains[domain]) ?? null;
  }

  /**
   * ΔAUC of each domain's rows in each other domain, [own domain][other domain], where `everyDomain` was asked for;
   * `null`: that swap was not.
   */
  pairs(tower: string): (Effect | null)[][] {
    return this.domainNames.map((_, own) =>
      this.domainNames.map((other) => this.effect(`domain ${other}`, tower, own)),
    );
  }

  /** The rows whose logit changes most, with what the data say of them. Empty for a name that is not there. */
  changedRows(name: string, tower: string): TableOutput {
    const rows = (this.#task(name, tower)?.mostChanged ?? []).map(({ row, before, after, logitChange }) => ({
      row,
      "P without": before,
      "P with": after,
      Δlogit: logitChange,
      ...rowCells(this.#values.get(row) ?? {}),
    }));
    return table(rows, `${name}: the rows whose ${tower} logit changes most`);
  }

  /** One row a change, task and domain. */
  table(): Table {
    return sheetTable(counterfactualsSheet(this));
  }

  /** The table as a danfo frame, under snake-case names; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("../output/frames.js");
    return recordsFrame(sheetRecords(counterfactualsSheet(this)), frameClass);
  }

  /** Changes of AUC with their intervals, a panel a task. */
  async chart(): Promise<ChartOutput> {
    const { counterfactualsChart } = await import("../../charts/index.js");
    return new ChartOutput(counterfactualsChart(this));
  }

  /** The chart, with the table as text. */
  async bundle(): Promise<DisplayBundle> {
    return (await this.chart()).bundle();
  }

  #task(name: string, tower: string): TaskEffect | undefined {
    return this.effects.find((effect) => effect.name === name)?.tasks.find((task) => task.tower === tower);
  }
}
