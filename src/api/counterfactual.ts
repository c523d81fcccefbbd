/** The results of `run.counterfactual()`, `run.importance()` and comparisons of models. */

import {
  type Comparison,
  type Difference,
  metricDirections,
  type TaskComparison,
} from "../core/metrics/comparison-verdict.js";
import type { MetricName } from "../core/metrics/types.js";
import type { CounterfactualReport } from "../lab/gates/counterfactual.js";
import type { CounterfactualEffect, Effect, TaskEffect } from "../lab/gates/effects.js";
import type { GroupImportance, Importance } from "../lab/gates/importance.js";
import { type RawRows, rowCells } from "./data/preview.js";
import { placeOf, taskCell } from "./names.js";
import {
  type ChartedFactsBase,
  ChartOutput,
  chartedFactsBase,
  type DisplayBundle,
  type TableOutput,
  table,
} from "./result.js";

const ComparisonFacts: ChartedFactsBase<Comparison> = chartedFactsBase("comparisonSheet");

/**
 * Two models on the same rows: differences are the first's value less the second's. Made by `run.compare()`.
 * `T`: towers; `D`: domains.
 */
export class ComparisonResult<out T extends string = string, out D extends string = string> extends ComparisonFacts {
  declare readonly tasks: readonly TaskComparison<T>[];
  declare readonly domainNames: readonly D[];

  /**
   * A difference by task, over all rows or in one domain, by its name or number; `null` if the task does not have the
   * metric. Throws a DataError for an unknown tower, metric or domain.
   */
  difference(tower: T, metric: MetricName = "auc", domain?: D | number): Difference | null {
    const { metrics } = taskCell("comparison.difference", this.tasks, this.domainNames, { tower, domain });
    return metrics[this.#metric("difference", metric)] ?? null;
  }

  /** Reports which cells are won, lost, or do not differ beyond noise. */
  async verdict(metric: MetricName = "auc"): Promise<string> {
    const { comparisonVerdict } = await import("../core/metrics/comparison-verdict.js");
    return comparisonVerdict(this.facts, this.#metric("verdict", metric));
  }

  /** One metric's differences with their intervals, by task and domain; filled dots are beyond noise. Default: the first metric. */
  async chart(metric: MetricName = this.metrics[0] ?? "auc"): Promise<ChartOutput> {
    const { differencesChart } = await import("../lab/views/evaluation/comparison.js");
    return new ChartOutput(differencesChart(this.facts, this.#metric("chart", metric)));
  }

  /** The differences; as text the verdict, the table and the notes. */
  override async bundle(options?: { readonly png?: boolean }): Promise<DisplayBundle> {
    const bundle = await super.bundle(options);
    return { ...bundle, "text/plain": `${await this.verdict(this.metrics[0])}\n${bundle["text/plain"]}` };
  }

  #metric(method: string, metric: MetricName): MetricName {
    placeOf(`comparison.${method}`, "metric", metric, Object.keys(metricDirections));
    return metric;
  }
}

const CounterfactualFacts: ChartedFactsBase<CounterfactualReport> = chartedFactsBase("counterfactualsSheet");

/**
 * How predictions change with other domains or gates, which shows what these are worth. Made by `run.counterfactual()`.
 * `T`: towers; `D`: domains; `X`: names of changes.
 */
export class CounterfactualResult<
  out T extends string = string,
  out D extends string = string,
  out X extends string = string,
> extends CounterfactualFacts {
  declare readonly effects: readonly CounterfactualEffect<T, X>[];
  declare readonly domainNames: readonly D[];
  readonly #values: RawRows;

  /** @internal */
  constructor(facts: CounterfactualReport, values: RawRows = new Map(), notes: readonly string[] = []) {
    super(facts, notes);
    this.#values = values;
  }

  /**
   * The effect of a change on a task, over all rows or in one domain, by its name or number. Throws a DataError for an
   * unknown change, tower or domain.
   */
  effect(name: X, tower: T, domain?: D | number): Effect {
    const tasks = this.#tasks("effect", name);
    return taskCell("counterfactual.effect", tasks, this.domainNames, { tower, domain });
  }

  /**
   * ΔAUC of each domain's rows in the other domains, [own][other], if the changes were `everyDomain`; `null`: not computed.
   * Throws a DataError for an unknown tower.
   */
  pairs(tower: T): (Effect | null)[][] {
    const names = this.facts.effects[0]?.tasks.map((task) => task.tower) ?? [];
    const place = placeOf("counterfactual.pairs", "tower", tower, names);
    const tasks = this.domainNames.map((other) => {
      return this.facts.effects.find(({ name }) => name === `domain ${other}`)?.tasks[place];
    });
    return this.domainNames.map((_, domain) => tasks.map((task) => task?.domains[domain] ?? null));
  }

  /** The rows whose logit changes most, with their raw values. Throws a DataError for an unknown change or tower. */
  changedRows(name: X, tower: T): TableOutput {
    const tasks = this.#tasks("changedRows", name);
    const towers = tasks.map((task) => task.tower);
    const { mostChanged } = tasks[placeOf("counterfactual.changedRows", "tower", tower, towers)]!;
    const rows = mostChanged.map(({ row, before, after, logitChange }) => ({
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
    const { counterfactualsChart } = await import("../lab/views/gates/counterfactuals.js");
    return new ChartOutput(counterfactualsChart(this.facts));
  }

  #tasks(method: string, name: string): readonly TaskEffect[] {
    const { effects } = this.facts;
    const names = effects.map((effect) => effect.name);
    return effects[placeOf(`counterfactual.${method}`, "change", name, names)]!.tasks;
  }
}

const ImportanceFacts: ChartedFactsBase<Importance> = chartedFactsBase("importanceSheet");

/** What each group of fields contributes, by task and domain. Made by `run.importance()`. `T`: towers; `F`: features. */
export class ImportanceResult<out T extends string = string, out F extends string = string> extends ImportanceFacts {
  declare readonly groups: readonly GroupImportance<T, F>[];
  declare readonly others: readonly F[];
  readonly #towers: readonly string[];

  /** @param towers of the model, measured or not @internal */
  constructor(facts: Importance, towers: readonly string[], notes: readonly string[]) {
    super(facts, notes);
    this.#towers = towers;
  }

  /**
   * The groups that contribute to a task, the largest change of AUC first; empty if there are none. Throws a
   * DataError for an unknown tower.
   */
  named(tower: T): readonly string[] {
    placeOf("importance.named", "tower", tower, this.#towers);
    const change = ({ tasks }: GroupImportance): number =>
      Math.abs(tasks.find((task) => task.tower === tower)?.overall.auc.value ?? 0);
    const carrying = this.groups.filter((group) => group.carries.includes(tower));
    return carrying.sort((a, b) => change(b) - change(a)).map(({ name }) => name);
  }

  /** The fields of the groups that contribute to any task, and those that were not measured: for `model.keep`. */
  carriers(): readonly F[] {
    const carrying = this.groups.filter((group) => group.carries.length > 0);
    return [...carrying.flatMap(({ fields }) => fields), ...this.others];
  }

  /** Changes of AUC with their intervals, a panel per task; small diamonds: in each domain. */
  async chart(): Promise<ChartOutput> {
    const { importanceChart } = await import("../lab/views/gates/importance.js");
    return new ChartOutput(importanceChart(this.facts));
  }
}
