/** Which column could be the domain of the example: the chart as `suggestDomain()` draws it. */
import { suggestDomain } from "../../src/index.js";
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function whichDomain(trained: Trained): Promise<Picture> {
  const { train } = await trained.rows();
  const suggested = await suggestDomain(train, { label: "clk" });
  claim(suggested.named === "occupation", "the planted domain is named");
  return { chart: await suggested.chart(), says: {} };
}
