/** A comparison as a result: wins and losses by cell, and differences with their intervals. */

import type { CounterfactualReport } from "../gates/counterfactual.js";
import type { CounterfactualEffect, Effect, TaskEffect } from "../gates/effects.js";
import type { FieldQuestion, FieldRanking, TaskFields } from "../gates/field-ranking.js";
import type { Comparison, ComparisonMethod, Difference, TaskComparison } from "../metrics/comparison-verdict.js";
import type { MetricName } from "../metrics/types.js";
import type { Sheet } from "../views/view.js";
import { type RawRows, rowCells } from "./data/preview.js";
import type { DisplayBundle } from "./displayable.js";
import { ChartOutput, ResultWithChart, type TableOutput, table, tables } from "./result.js";

/** Two models on the same rows: differences are the first's value less the second's. */
export class ComparisonResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: Comparison;
  readonly names: readonly [string, string];
  /** Number of rows that both models predicted. */
  readonly rowCount: number;
  /** Display names, in order; empty if the models have no domains. */
  readonly domainNames: readonly string[];
  /** In the order of the first model's towers. */
  readonly tasks: readonly TaskComparison[];
  readonly metrics: readonly MetricName[];
  /** How intervals and verdicts were computed. */
  readonly method: ComparisonMethod;

  /** Made by `run.compare()`. @internal */
  constructor(facts: Comparison) {
    super(facts.notes);
    this.facts = facts;
    this.names = facts.names;
    this.rowCount = facts.rows;
    this.domainNames = facts.domainNames;
    this.tasks = facts.tasks;
    this.metrics = facts.metrics;
    this.method = facts.method;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().comparisonSheet(this.facts);
  }

  /** A difference by task, over all rows or in one domain; `null` for a name that does not exist. */
  difference(tower: string, metric: MetricName = "auc", domain?: number): Difference | null {
    const task = this.tasks.find((candidate) => candidate.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain])?.metrics[metric] ?? null;
  }

  /** Describes which cells are won, lost, or do not differ beyond noise. */
  async verdict(metric: MetricName = "auc"): Promise<string> {
    const { comparisonVerdict } = await import("../metrics/comparison-verdict.js");
    return comparisonVerdict(this.facts, metric);
  }

  /** The seesaw map: one metric's differences by task and domain, with their verdicts. */
  async chart(metric: MetricName = this.metrics[0] ?? "auc"): Promise<ChartOutput> {
    const { seesawChart } = await import("../views/evaluation/comparison.js");
    return new ChartOutput(seesawChart(this.facts, metric));
  }

  /** One metric's differences with their intervals, one below the other. */
  async differences(metric: MetricName = "auc"): Promise<ChartOutput> {
    const { differencesChart } = await import("../views/evaluation/comparison.js");
    return new ChartOutput(differencesChart(this.facts, metric));
  }

  /** The seesaw map; as text the verdict, the table and the notes. */
  override async bundle(): Promise<DisplayBundle> {
    const bundle = await super.bundle();
    return { ...bundle, "text/plain": `${await this.verdict(this.metrics[0])}\n${bundle["text/plain"]}` };
  }
}

/** Counterfactuals as a result: the change of AUC by task and domain, with its interval. */

/** How predictions change with another domain or other gates. Only this shows that a gate or a domain matters. */
export class CounterfactualResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: CounterfactualReport;
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
    const { counterfactualsChart } = await import("../views/gates/counterfactuals.js");
    return new ChartOutput(counterfactualsChart(this.facts));
  }

  #task(name: string, tower: string): TaskEffect | undefined {
    return this.effects.find((effect) => effect.name === name)?.tasks.find((task) => task.tower === tower);
  }
}

/** Ranks the fields through which the domain acts, or whose gates matter. */
export class FieldRankingResult extends ResultWithChart {
  /** The numbers as plain data, as charts and reports read them. */
  readonly facts: FieldRanking;
  /** The change made to each field. */
  readonly by: FieldQuestion;
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
    const { fieldRankingChart } = await import("../views/gates/differences.js");
    return new ChartOutput(fieldRankingChart(this.facts));
  }
}
