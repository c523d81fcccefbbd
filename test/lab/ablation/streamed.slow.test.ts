/** A study does not depend on where its rows are: in memory or streamed from disk. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { isStreamed } from "../../../src/core/data/encoded/streamed.js";
import { random } from "../../../src/core/util/random.js";

const described = (gauc: boolean): AnyModel =>
  pepnet()
    .features(idFeature("user_id").buckets(40).embedding(4), idFeature("scene").buckets(2).embedding(4))
    .labels("clk")
    .group("domain", ["scene"])
    .group("uia", ["user_id"])
    .epnet()
    .ppnet({ hidden: [8] })
    .domains("scene", 2)
    .tower("click", (t) => (gauc ? t.label("clk").mlp(8).bce().auc().gauc("user_id") : t.label("clk").mlp(8).bce()))
    .train({ steps: 8, batchSize: 128, seed: 5 }) as unknown as AnyModel;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-study-streamed-"));
  vi.stubEnv("PEPNET_CACHE", path.join(folder, "cache"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function logFile(): Promise<string> {
  const source = random(3);
  const ids = (below: number) => Array.from({ length: 5000 }, () => source.integer(below));
  const columns = { user_id: ids(40), scene: ids(2), clk: ids(2) };
  return (await dataset(columns)).toParquet(path.join(folder, "log.parquet"));
}

test("whole users are drawn only if they are asked for, wherever rows are stored, and intervals are the same", async () => {
  const file = await logFile();
  const [memory, disk] = [await dataset(file), await dataset(file, { memoryMB: 0.1 })];
  expect(isStreamed(await disk.encode(described(false).spec))).toBe(true);
  const rows = random(4);
  const columns = () => Array.from({ length: 5000 }, () => rows.integer(2));
  const inMemory = await dataset({ user_id: columns().map((_, row) => row % 40), scene: columns(), clk: columns() });
  const written = await inMemory.toParquet(path.join(folder, "validation.parquet"));
  const sets = [
    { train: memory, validation: inMemory },
    { train: disk, validation: await dataset(written, { memoryMB: 0.1 }) },
  ] as const;
  for (const [model, user, drawn] of [
    [described(false), undefined, null],
    [described(false), "user_id", "user_id"],
    [described(true), undefined, "user_id"],
    [described(true), null, null],
  ] as const) {
    const studies = [];
    for (const { train, validation } of sets) {
      const options = {
        variants: { "epnet.gamma": [1] },
        seeds: 2,
        draws: 20,
        quiet: true,
        cache: false,
      };
      studies.push(await model.ablate(train, { ...options, validation, user }));
    }
    expect(studies.map((study) => study.user)).toEqual([drawn, drawn]);
    expect(studies[1]!.difference("epnet.gamma 1", "click")).toEqual(studies[0]!.difference("epnet.gamma 1", "click"));
  }
});
