import type { CounterfactualReport } from "../gates/counterfactual.js";
import type { Effect, TaskEffect } from "../gates/effects.js";
import type { GroupImportance, Importance } from "../gates/importance.js";
import type { Comparison, Difference } from "../metrics/comparison-verdict.js";
import type { MetricName } from "../metrics/types.js";
import { type RawRows, rowCells } from "./data/preview.js";
import {
  type ChartedFactsBase,
  ChartOutput,
  chartedFactsBase,
  type DisplayBundle,
  type TableOutput,
  table,
} from "./result.js";

const ComparisonFacts: ChartedFactsBase<Comparison> = chartedFactsBase("comparisonSheet");

/** Two models on the same rows: differences are the first's value less the second's. Made by `run.compare()`. */
export class ComparisonResult extends ComparisonFacts {
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

  /** One metric's differences with their intervals, by task and domain; filled: beyond noise. Default: the first metric. */
  async chart(metric: MetricName = this.metrics[0] ?? "auc"): Promise<ChartOutput> {
    const { differencesChart } = await import("../views/evaluation/comparison.js");
    return new ChartOutput(differencesChart(this.facts, metric));
  }

  /** The differences; as text the verdict, the table and the notes. */
  override async bundle(options?: { readonly png?: boolean }): Promise<DisplayBundle> {
    const bundle = await super.bundle(options);
    return { ...bundle, "text/plain": `${await this.verdict(this.metrics[0])}\n${bundle["text/plain"]}` };
  }
}

const CounterfactualFacts: ChartedFactsBase<CounterfactualReport> = chartedFactsBase("counterfactualsSheet");

/** How predictions change with other domains or gates: what these are worth. Made by `run.counterfactual()`. */
export class CounterfactualResult extends CounterfactualFacts {
  readonly #values: RawRows;

  /** @internal */
  constructor(facts: CounterfactualReport, values: RawRows = new Map(), notes: readonly string[] = []) {
    super(facts, notes);
    this.#values = values;
  }

  /** The change of a task's AUC, over all rows or in one domain; `null` for a name that does not exist. */
  effect(name: string, tower: string, domain?: number): Effect | null {
    const task = this.#task(name, tower);
    return (domain === undefined ? task?.overall : task?.domains[domain]) ?? null;
  }

  /** ΔAUC of domains' rows in other domains, [own][other], if the changes were `everyDomain`; `null`: not computed. */
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

const ImportanceFacts: ChartedFactsBase<Importance> = chartedFactsBase("importanceSheet");

/** What each group of fields carries, by task and domain. Made by `run.importance()`. */
export class ImportanceResult extends ImportanceFacts {
  /** The groups that carry something in a task, the largest change of AUC first; empty if there are none. */
  named(tower: string): readonly string[] {
    const change = ({ tasks }: GroupImportance): number =>
      Math.abs(tasks.find((task) => task.tower === tower)?.overall.auc.value ?? 0);
    const carrying = this.groups.filter((group) => group.carries.includes(tower));
    return carrying.sort((a, b) => change(b) - change(a)).map(({ name }) => name);
  }

  /** The fields of the groups that carry something in some task, and those that were not measured: for `model.keep`. */
  carriers(): readonly string[] {
    const carrying = this.groups.filter((group) => group.carries.length > 0);
    return [...carrying.flatMap(({ fields }) => fields), ...this.others];
  }

  /** Changes of AUC with their intervals, a panel per task; small diamonds: in each domain. */
  async chart(): Promise<ChartOutput> {
    const { importanceChart } = await import("../views/gates/importance.js");
    return new ChartOutput(importanceChart(this.facts));
  }
}
