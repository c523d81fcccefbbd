/** Two kernels and two fits in one kernel, on one file and one cache: each gives what it gives alone. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../src/index.js";
import { columns } from "../kernel/cli/command.js";
import { Conversation } from "../kernel/conversation.js";

let folder: string;
let kernels: Conversation[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-concurrency-"));
  await (await dataset(columns(6400, 1))).toParquet(path.join(folder, "train.parquet"));
  kernels = await Promise.all([Conversation.start(), Conversation.start()]);
});
afterAll(async () => {
  await Promise.all(kernels.map((kernel) => kernel.end()));
  await rm(folder, { recursive: true });
});

const setUp = (): string => `
  const { createHash } = await import("node:crypto");
  const fitOne = async (seed: number) => {
    const model = pepnet()
      .features(idFeature("user").buckets(40).embedding(4), idFeature("scene").buckets(2).embedding(4), rawFeature("price"))
      .labels("clk").group("domain", ["scene"]).group("uia", ["user", "price"]).epnet().ppnet({ hidden: [8], dropout: 0.1 })
      .domains("scene", 2).tower("click", (t) => t.label("clk").mlp(8).bce().auc())
      .train({ epochs: 2, batchSize: 64, seed });
    const run = await model.fit(await dataset(${JSON.stringify(path.join(folder, "train.parquet"))}), { quiet: true });
    const hash = createHash("sha256");
    for (const [name, { data }] of await run.weights()) hash.update(name).update(new Uint8Array(data.buffer));
    const digest = hash.digest("hex");
    await run.dispose();
    return digest;
  };
`;

describe("at the same time", () => {
  it("two kernels, each with two fits, end with the weights of one fit after the other", async () => {
    const [first, second] = kernels as [Conversation, Conversation];
    await Promise.all(kernels.map((kernel) => kernel.run(setUp())));
    const both = "(await Promise.all([fitOne(1), fitOne(2)])).join(' ')";
    const together = await Promise.all([first.run(both), second.run(both)]);
    const alone = await first.run("[await fitOne(1), await fitOne(2)].join(' ')");
    expect(alone.traceback).toBe("");
    expect(alone.text).toMatch(/[0-9a-f]{64} [0-9a-f]{64}/);
    expect(together.map(({ text }) => text)).toEqual([alone.text, alone.text]);
  });
});
