/** The example's model as `model.diagram()` draws it. */
import { exampleModel } from "./example.js";
import type { Picture } from "./picture.js";

export function model(): Picture {
  const chart = exampleModel().diagram();
  const total = Object.values(chart.rows().at(-1) ?? {}).at(-1);
  const size = Number(total).toLocaleString("en-US");
  return { chart, says: { size: `${size} parameters` } };
}
