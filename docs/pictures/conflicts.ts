/** The gradients of the example's tasks and domains after twenty steps, as `run.conflicts()` draws them. */
import { exampleModel } from "./example.js";
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function conflicts(trained: Trained): Promise<Picture> {
  const { train, test } = await trained.rows();
  const run = await exampleModel().fit(train, { validation: test, steps: 20, quiet: true, threads: 2 });
  const found = await run.conflicts(null);
  const tasks = found.pairs.find(({ of, part }) => of === "tasks" && part === "embeddings")!;
  claim(tasks.cosine.low! > 0, "the tasks pull the embeddings as one");
  const domains = found.pairs.filter(({ of }) => of === "domains");
  claim(
    domains.some(({ cosine }) => cosine.high !== null && cosine.high < 0),
    "two domains pull a part apart",
  );
  return { chart: await found.chart(), says: {} };
}
