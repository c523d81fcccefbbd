/** The problem: one model for all domains, one for each, and PEPNet, by task and domain. */

import type { Run } from "../../src/api/run/run.js";
import { compose, xAxis } from "../../src/lab/views/compose.js";
import { colour, INK, MAX_COLOURS } from "../../src/lab/views/theme.js";
import type { Figure } from "../../src/lab/views/view.js";
import { type Estimate, type EstimateSeries, estimatesHeight, estimatesPanel } from "./estimates.js";
import { domains, exampleModel } from "./example.js";
import { auc, claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

const tasks = ["ctr", "cvr"] as const;
const smallest = domains.length - 1;
const bareSwitches = { epnet: false, ppnet: false, sharedTowers: true } as const;

export async function problem(trained: Trained): Promise<Picture> {
  const bare = exampleModel().switches(bareSwitches);
  const shared = await aucsOf(await trained.fit("one model for all", bare));
  const pepnet = await aucsOf(await trained.pepnet());
  const owns: Aucs[] = [];
  for (const domain of domains.keys()) owns.push(await aucsOf(await trained.fitOn(domain, bare)));
  const own = tasks.map((_, task) => domains.map((_, domain) => owns[domain]?.[task]?.[domain] ?? gap));
  const { log } = await trained.rows();
  const best = log.oracle.map((task) => task.domains.map((value) => ({ value, low: null, high: null })));
  const title = claim(
    [...domains.keys()].every((domain) => isBelow(shared, [own, pepnet], 0, domain)) &&
      [2, smallest].every((domain) => isBelow(own, [shared, pepnet], 1, domain)),
    "One model for all is worst at clicks; one for each domain is worst at purchases where rows are few",
  );
  const of = (aucs: Aucs, task: number): string => auc(value(aucs, task, smallest));
  return {
    chart: { title, figure: figureOf(title, { shared, own, pepnet, best }) },
    says: {
      intervals: "the lines are 95% bootstrap intervals over users",
      shared: `In the smallest domain the AUC of its click predictions is ${of(shared, 0)}; a model trained on that domain alone reaches ${of(own, 0)}`,
      own: `for purchases it reaches ${of(own, 1)} there, and the model for all domains reaches ${of(shared, 1)}`,
      PEPNet: `PEPNet reaches ${of(pepnet, 0)} and ${of(pepnet, 1)} there`,
    },
  };
}

function figureOf(title: string, aucs: Readonly<Record<"shared" | "own" | "pepnet" | "best", Aucs>>): Figure {
  const series: readonly (readonly [string, string, Aucs])[] = [
    ["one model for all", colour(1, MAX_COLOURS), aucs.shared],
    ["one for each domain", colour(3, MAX_COLOURS), aucs.own],
    ["PEPNet", colour(0, MAX_COLOURS), aucs.pepnet],
    ["best possible", INK, aucs.best],
  ];
  const panels = tasks.map((name, task) =>
    estimatesPanel({
      title: name === "ctr" ? "ctr, all rows" : "cvr, clicked rows",
      rows: domains,
      series: series.map(([label, color, own]): EstimateSeries => {
        return { name: label, color, estimates: own[task] ?? [], legend: task === 0 };
      }),
      reference: null,
      axis: xAxis("AUC", { tickformat: ".2f" }),
      format: auc,
      named: task === 0,
    }),
  );
  return compose({ title, rows: [{ height: estimatesHeight(domains.length, series.length), panels }] });
}

/** [task][domain] */
type Aucs = readonly (readonly Estimate[])[];

function value(aucs: Aucs, task: number, domain: number): number {
  return aucs[task]?.[domain]?.value ?? Number.NaN;
}

function isBelow(one: Aucs, others: readonly Aucs[], task: number, domain: number): boolean {
  return others.every((other) => value(one, task, domain) < value(other, task, domain));
}

const gap: Estimate = { value: null, low: null, high: null };

/** With intervals over users: a user's rows are not independent. */
async function aucsOf(run: Run): Promise<Aucs> {
  const { tasks: measured } = await run.evaluate();
  return measured.map((task) =>
    task.domains.map(({ auc: value, intervals }) => ({
      value,
      low: intervals?.auc?.low ?? null,
      high: intervals?.auc?.high ?? null,
    })),
  );
}
