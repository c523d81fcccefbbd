/** Which variants differ beyond noise: the study's forest plot. */
import { auc, claim, type Picture, withInterval } from "./picture.js";
import type { Trained } from "./trained.js";

export async function noise(trained: Trained): Promise<Picture> {
  const study = await trained.study();
  const of = (variant: string, task: string): string => {
    const found = study.difference(variant, task);
    if (found === null) return "not defined";
    return `${withInterval({ ...found, value: found.mean })}: ${found.verdict.text}`;
  };
  const bySeed = (study.variants[0]?.tasks[0]?.overall.bySeed ?? []).filter((value) => value !== null);
  const size = (variant: string): number => Math.abs(study.difference(variant, "ctr")?.mean ?? Number.NaN);
  const sum = claim(
    Math.min(size("gamma 4"), size("one tower a task")) > size("EPNet off"),
    "For clicks, gamma and the towers matter more here than EPNet does",
  );
  return {
    chart: await study.chart("forest"),
    says: {
      seeds: `the AUC of clicks lies between ${auc(Math.min(...bySeed))} and ${auc(Math.max(...bySeed))} with seeds 1 to ${bySeed.length}`,
      "gamma 1": `With gamma 1 the AUC of clicks changes by ${of("gamma 1", "ctr")}`,
      "gamma 4": `with gamma 4 by ${of("gamma 4", "ctr")}`,
      "EPNet off": `Without EPNet it changes by ${of("EPNet off", "ctr")}`,
      "one tower": `With one tower per task for all domains it changes by ${of("one tower a task", "ctr")}`,
      sum,
      purchases: claim(
        study.variants
          .slice(1)
          .every(({ name }) => study.difference(name, "cvr")?.verdict.kind === "no difference beyond noise"),
        "For purchases, which are rarer, no difference is beyond noise",
      ),
    },
  };
}
