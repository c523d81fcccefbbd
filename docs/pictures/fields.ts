/** EPNet: the mean gate of each field in each domain. */
import type { Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function fields(trained: Trained): Promise<Picture> {
  const gates = await (await trained.pepnet()).gates();
  const chart = await gates.chart("fields");
  const means = gates.fields.map((field) => field.means.filter((mean) => mean !== null));
  const all = means.flat();
  const spread = Math.max(...means.map((own) => Math.max(...own) - Math.min(...own)));
  return {
    chart,
    says: {
      range: `between × ${Math.min(...all).toFixed(2)} and × ${Math.max(...all).toFixed(2)}`,
      spread: `no field's mean gate differs by more than ${spread.toFixed(2)} between domains`,
    },
  };
}
