/** Counterfactuals as a result: the change of AUC by task and domain, with its interval. */
import type { CounterfactualEffect, CounterfactualReport, Effect, TaskEffect } from "../../gates/index.js";
import type { Sheet } from "../../views/index.js";
import { type RawRows, rowCells } from "../data/index.js";
import { ChartOutput, ResultWithChart, type TableOutput, table, tables } from "../output/index.js";

/** How predictions change with another domain or other gates. Only this shows that a gate or a domain matters. */
export class CounterfactualResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: CounterfactualReport;
  /** Rows of the sample. */
  readonly rowCount: number;
  /** Display names, in order; empty if the model has no domains. */
  readonly domainNames: readonly string[];
  /** The column whose users were drawn; `null`: rows were drawn. */
  readonly user: string | null;
  /** In the order of the changes. */
  readonly effects: readonly CounterfactualEffect[];
  readonly #values: RawRows;

  /** Made by `run.counterfactual()`. @internal */
  constructor(facts: CounterfactualReport, values: RawRows = new Map(), notes: readonly string[] = []) {
    super(notes);
    this.facts = facts;
    this.rowCount = facts.rows;
    this.domainNames = facts.domainNames;
    this.user = facts.user;
    this.effects = facts.effects;
    this.#values = values;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().counterfactualsSheet(this.facts);
  }

  /** The change of a task's AUC, over all rows or in one domain; `null` for a name that does not exist. */
  effect(name: string, tower: string, domain?: number): Effect | null {
    const task = this.#task(name, tower);
    return (domain === undefined ? task?.overall : task?.domains[domain]) ?? null;
  }

  /**
   * ΔAUC of each domain's rows in each other domain, [own domain][other domain], if the changes were `everyDomain`;
   * `null`: not computed.
   */
  pairs(tower: string): (Effect | null)[][] {
    return this.domainNames.map((_, ownDomain) =>
      this.domainNames.map((other) => this.effect(`domain ${other}`, tower, ownDomain)),
    );
  }

  /** The rows whose logit changes most, with their raw values. Empty for an unknown name. */
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

  /** Changes of AUC with their intervals, a panel per task. */
  async chart(): Promise<ChartOutput> {
    const { counterfactualsChart } = await import("../../views/index.js");
    return new ChartOutput(counterfactualsChart(this.facts));
  }

  #task(name: string, tower: string): TaskEffect | undefined {
    return this.effects.find((effect) => effect.name === name)?.tasks.find((task) => task.tower === tower);
  }
}
