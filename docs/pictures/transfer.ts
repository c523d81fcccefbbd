/** What the example's domains learn from each other, as `model.transfer(train, { forecast: true })` draws it. */
import { exampleModel } from "./example.js";
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function transfer(trained: Trained): Promise<Picture> {
  const { train, test } = await trained.rows();
  const forecast = await exampleModel().transfer(train, {
    forecast: true,
    validation: test,
    quiet: true,
    threads: 2,
  });
  claim(
    forecast.helps.some(({ says }) => says === "helps (forecast)"),
    "rows of a domain help another",
  );
  return { chart: await forecast.chart(), says: {} };
}
