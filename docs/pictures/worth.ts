/** What PEPNet is worth on the example's log: the chart as `run.worth()` draws it. */
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

const seeds = 5;

export async function worth(trained: Trained): Promise<Picture> {
  const { train } = await trained.rows();
  const run = await trained.pepnet();
  const result = await run.worth(null, { train, seeds, quiet: true });
  claim(
    result.cells.some(({ domain, verdict }) => domain !== null && verdict === "gains"),
    "PEPNet gains in a domain",
  );
  return { chart: await result.chart(), says: {} };
}
