/** The example's PEPNet with two faults, as `run.audit()` draws them: detached gates, and a domain without rows. */
import { dataset } from "../../src/index.js";
import { exampleModel, trainRows } from "./example.js";
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function audit(trained: Trained): Promise<Picture> {
  const { log, test } = await trained.rows();
  const domains = log.arrays["occupation"] as Int32Array;
  const rows = Int32Array.from({ length: trainRows }, (_, row) => row).filter((row) => domains[row] !== 2);
  const all = exampleModel().spec.features.flatMap(({ name }) => (name === "user_id" ? [] : [name]));
  const model = exampleModel().group("all", all).switches({ detachPriors: true });
  const run = await model.fit(await dataset(log.table.take(rows)), { validation: test, quiet: true, threads: 2 });
  const found = await run.audit();
  claim(found.named("no gradient").includes("feature user_id"), "the user's embedding gets no gradient");
  claim(found.named("untrained towers").includes("tower ctr in retired"), "a domain's towers are untrained");
  return { chart: await found.chart(), says: {} };
}
