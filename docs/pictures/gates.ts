/** README's picture: the quickstart's gates. */
import type { Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function gates(trained: Trained): Promise<Picture> {
  return { chart: await (await (await trained.quickstart()).gates()).chart("all"), says: {} };
}
