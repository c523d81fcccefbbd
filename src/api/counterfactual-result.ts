/** Counterfactuals that show themselves: the change of AUC by task and domain, with its interval. */
import type { Cell, Table } from "../charts/index.js";
import type { DanfoFrame, FrameClass } from "../data/index.js";
import type { CounterfactualEffect, CounterfactualReport, Effect, TaskEffect } from "../gates/counterfactual.js";
import { Displayable, type DisplayBundle } from "./display.js";

/** What predictions would be with another domain or other gates. Only this says that a gate or a domain matters. */
export class CounterfactualResult extends Displayable implements CounterfactualReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  readonly user: string | null;
  readonly effects: readonly CounterfactualEffect[];

  /** Made by `run.counterfactual()`. */
  constructor(report: CounterfactualReport) {
    super();
    this.rows = report.rows;
    this.domainNames = report.domainNames;
    this.user = report.user;
    this.effects = report.effects;
  }

  /** The change of a task's AUC, over all rows or in one domain; `null` for a name that is not there. */
  effect(name: string, tower: string, domain?: number): Effect | null {
    const task = this.effects.find((effect) => effect.name === name)?.tasks.find((of) => of.tower === tower);
    return (domain === undefined ? task?.overall : task?.domains[domain]) ?? null;
  }

  /** One row a change, task and domain. */
  table(): Table {
    const draws = this.user === null ? "rows" : `whole users by ${this.user}`;
    const line = (name: string, task: TaskEffect, domain: string, { rows, auc, logitChange }: Effect): Cell[] => {
      return [name, task.tower, domain, rows, auc.value, auc.low, auc.high, said(auc), logitChange];
    };
    return {
      caption: `Change of AUC on ${this.rows.toLocaleString("en-US")} rows, with 95 % bootstrap intervals over ${draws}`,
      columns: [
        { name: "change" },
        { name: "task" },
        { name: "domain" },
        { name: "rows" },
        { name: "ΔAUC", digits: 4 },
        { name: "low", digits: 4 },
        { name: "high", digits: 4 },
        { name: "says" },
        { name: "mean |Δlogit|", digits: 3 },
      ],
      rows: this.effects.flatMap(({ name, tasks }) =>
        tasks.flatMap((task) => [
          line(name, task, "all rows", task.overall),
          ...task.domains.map((effect, domain) => line(name, task, this.domainNames[domain] ?? String(domain), effect)),
        ]),
      ),
    };
  }

  /** The table as a danfo frame; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("./frames.js");
    const { columns, rows } = this.table();
    const records = rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])));
    return recordsFrame(records, frameClass);
  }

  /** The table. */
  async bundle(): Promise<DisplayBundle> {
    const { tableBundle } = await import("../render/index.js");
    return tableBundle(this.table());
  }
}

function said({ low, high }: Effect["auc"]): string {
  if (low === null || high === null) return "not defined";
  if (high < 0) return "worse";
  return low > 0 ? "better" : "no difference beyond noise";
}
