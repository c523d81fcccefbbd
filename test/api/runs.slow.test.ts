/** The index of two hundred saved runs. */
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runs } from "../../src/index.js";
import { clickModel, clickRows } from "../click-log.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-runs-"));
  const run = await clickModel.fit(await clickRows(), { epochs: 1 });
  await run.save(path.join(folder, "one"));
  await run.dispose();
});
afterAll(() => rm(folder, { recursive: true }));

describe("an index of runs", () => {
  test("of two hundred runs has them all, in the order of their numbers", async () => {
    const many = path.join(folder, "many");
    for (let at = 0; at < 200; at++) {
      const place = path.join(many, `run-${at}`);
      await mkdir(place, { recursive: true });
      for (const file of ["run.json", "spec.json", "history.json", "checksums.sha256"]) {
        await cp(path.join(folder, "one", file), path.join(place, file));
      }
    }
    const index = await runs(many);
    expect(index.runs.map(({ name }) => name)).toEqual(Array.from({ length: 200 }, (_, at) => `run-${at}`));
    expect(index.runs.every(({ problem }) => problem === null)).toBe(true);
    const { data } = (await index.chart()).figure;
    const names = data.flatMap(({ mode, text }) => (mode === "text" ? (text as string[]) : []));
    expect(names).toHaveLength(3);
  });
});
