/** What the gates vary with: EPNet's with the domain, PPNet's with user and item. */
import { type Picture, percent } from "./picture.js";
import type { Trained } from "./trained.js";

export async function priors(trained: Trained): Promise<Picture> {
  const gates = await (await trained.pepnet()).gates();
  const chart = await gates.chart("explained");
  const share = (gate: number, prior: string): string =>
    percent(gates.gates[gate]?.explained.find((each) => each.prior === prior)?.adjusted);
  const ctr = gates.gates.findIndex(({ module, tower }) => module === "ppnet" && tower === "ctr");
  return {
    chart,
    says: {
      epnet: `the domain explains ${share(0, "occupation")} of the variance of EPNet's gates, the user ${share(0, "user_id")} and the item ${share(0, "adgroup_id")}`,
      ppnet: `for PPNet's first layer for clicks, the shares are ${share(ctr, "occupation")}, ${share(ctr, "user_id")} and ${share(ctr, "adgroup_id")}`,
    },
  };
}
