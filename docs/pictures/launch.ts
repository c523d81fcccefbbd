/** A launch of one of the example's domains from the others: the chart as `launch()` draws it. */
import { exampleModel } from "./example.js";
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

/** Sums are ordered by the number of threads: a fixed one gives the same weights again. */
const threads = 2;

export async function launch(trained: Trained): Promise<Picture> {
  const { train } = await trained.rows();
  const retired = await exampleModel().launch(train, {
    domain: "retired",
    rows: [300, 1000, 3000],
    quiet: true,
    threads,
  });
  const { sizes, starts } = retired.facts;
  claim(sizes.length === 4 && starts.length === 5, "four numbers of rows from five starts");
  return { chart: await retired.chart(), says: {} };
}
