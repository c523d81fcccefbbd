/** Rows that stay on disk train, evaluate, predict and show their gates as rows in memory do, to the last bit. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { isStreamed } from "../../../src/core/data/encoded/streamed.js";
import { random } from "../../../src/core/util/random.js";

const model = pepnet()
  .features(
    idFeature("user_id").buckets(40).embedding(4),
    idFeature("tags").buckets(9).multiValue("|").embedding(4, { pooling: "mean" }),
    idFeature("scene").buckets(2).embedding(4),
  )
  .labels("clk", "like")
  .group("domain", ["scene"])
  .group("uia", ["user_id"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", 2)
  .tower("click", (t) => t.label("clk").mlp(8).bce().auc().gauc("user_id"))
  .tower("like", (t) => t.label("like").mlp(8).bce().auc().taskSpace("clk", { in: 1, out: 0 }))
  .train({ epochs: 2, batchSize: 256, seed: 5 });

async function logFile(rows: number): Promise<string> {
  const source = random(3);
  const ids = (below: number) => Array.from({ length: rows }, () => source.integer(below));
  const columns = {
    user_id: ids(40),
    tags: ids(3).map((count) => Array.from({ length: count }, () => source.integer(9)).join("|")),
    scene: ids(2),
    clk: ids(2),
    like: ids(2),
  };
  return (await dataset(columns)).toParquet(join(mkdtempSync(join(tmpdir(), "pepnet-streamed-")), "log.parquet"));
}

test("a run from disk is the run from memory", async () => {
  const path = await logFile(5000);
  const [memory, disk] = [await dataset(path), await dataset(path, { memoryMB: 0.1 })];
  expect([isStreamed(await memory.encode(model.spec)), isStreamed(await disk.encode(model.spec))]).toEqual([
    false,
    true,
  ]);
  const runs = [await model.fit(memory, { quiet: true }), await model.fit(disk, { quiet: true })] as const;
  const [fromMemory, fromDisk] = runs;
  expect(await fromDisk.weights()).toEqual(await fromMemory.weights());
  expect(fromDisk.evaluation!.tasks).toEqual(fromMemory.evaluation!.tasks);
  expect(fromDisk.evaluation!.tasks[0]!.overall.configured).toEqual(
    fromMemory.evaluation!.tasks[0]!.overall.configured,
  );
  expect((await fromDisk.evaluate(disk)).tasks).toEqual((await fromDisk.evaluate(memory)).tasks);
  expect(await (await fromDisk.predict(disk)).toColumns()).toEqual(await (await fromDisk.predict(memory)).toColumns());
  expect((await fromDisk.gates(disk, { rows: 700 })).gates).toEqual(
    (await fromDisk.gates(memory, { rows: 700 })).gates,
  );
  const against = async (data: typeof disk) =>
    (await fromDisk.evaluate(data, { references: { click: "like" } })).references;
  expect(await against(disk)).toEqual(await against(memory));
  for (const run of runs) await run.dispose();
});
