/** Gates that differ, and domains that matter: the same model on a log in which they do, and on one in which they do not. */

import type { Run } from "../../src/api/run/run.js";
import type { ChangeInterval } from "../../src/lab/gates/effects.js";
import { swapDomain } from "../../src/lab/gates/interventions.js";
import { bars } from "../../src/lab/views/bars.js";
import { compose, rowNames, xAxis } from "../../src/lab/views/compose.js";
import { PLAIN, TASKS } from "../../src/lab/views/theme.js";
import type { Figure } from "../../src/lab/views/view.js";
import { type Estimate, estimatesHeight, estimatesPanel } from "./estimates.js";
import { modelWithoutUsers } from "./example.js";
import { claim, type Picture, percent, withInterval } from "./picture.js";
import type { Trained } from "./trained.js";

const worlds = ["domains differ", "domains are alike", "before training"] as const;

export async function matter(trained: Trained): Promise<Picture> {
  const runs = [
    await trained.fit("without users", modelWithoutUsers()),
    await trained.fit("domains alike", modelWithoutUsers(), "alike"),
    await trained.untrained(modelWithoutUsers()),
  ];
  const variances = await Promise.all(runs.map(gateVariance));
  const swaps = await Promise.all(runs.map(swapped));
  const clear = (world: number, task: number): boolean => (swaps[world]?.[task]?.adjustedPValue ?? 1) < 0.05;
  const title = claim(
    Math.min(...variances) > 0.02 &&
      clear(0, 0) &&
      clear(0, 1) &&
      [1, 2].every((row) => !clear(row, 0) && !clear(row, 1)),
    "Gates differ between domains even before training; only where domains matter does another one change AUC",
  );
  const effect = (world: number, task: number): string => withInterval(swaps[world]?.[task] as Estimate);
  return {
    chart: { title, figure: figureOf(title, variances, swaps) },
    says: {
      variance: `the domain explains ${percent(variances[0])} of the variance of EPNet's gates where domains differ, and ${percent(variances[1])} where they are alike`,
      untrained: `before any training it explains ${percent(variances[2])}`,
      matters: `the AUC of clicks within domains changes by ${effect(0, 0)} where domains differ`,
      "does not": `by ${effect(1, 0)} where they are alike`,
    },
  };
}

function figureOf(title: string, variances: readonly number[], swaps: readonly (readonly Estimate[])[]): Figure {
  const panels = [
    {
      title: "gate variance by domain",
      marks: [
        bars({
          at: [...worlds.keys()],
          values: variances,
          lying: true,
          width: 0.5,
          color: PLAIN,
          words: variances.map((share) => percent(share)),
          hover: "none",
        }),
      ],
      xaxis: xAxis("η², EPNet", { range: [0, 1.4 * Math.max(...variances)], tickformat: ".0%", nticks: 4 }),
      ...rowNames(worlds),
      left: 140,
    },
    estimatesPanel({
      title: "another domain for every row",
      rows: worlds,
      series: ["ctr", "cvr"].map((name, task) => ({
        name,
        color: TASKS[task]!,
        estimates: swaps.map((effects) => effects[task] ?? null),
      })),
      reference: 0,
      axis: xAxis("change of AUC", { tickformat: ".3~f" }),
      format: (value: number) => value.toFixed(3),
      named: false,
    }),
  ];
  return compose({ title, rows: [{ height: estimatesHeight(worlds.length, 2) + 10, panels }] });
}

async function gateVariance(run: Run): Promise<number> {
  const { gates } = await run.gates(undefined, { details: false });
  return gates[0]?.domainVariance ?? 0;
}

async function swapped(run: Run): Promise<ChangeInterval[]> {
  const { effects } = await run.counterfactual(null, { changes: [swapDomain()] });
  claim(effects[0]!.nested === null, "no field is nested in the domains");
  return (effects[0]?.tasks ?? []).map(({ overall, parts }) => parts?.within ?? overall.auc);
}
