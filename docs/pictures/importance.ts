/** What carries the example's predictions: the chart as `run.importance()` draws it. */
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function importance(trained: Trained): Promise<Picture> {
  const run = await trained.pepnet();
  const found = await run.importance(null);
  claim(found.named("ctr").includes("pid") && !found.named("cvr").includes("pid"), "the position carries clicks only");
  return { chart: await found.chart(), says: {} };
}
