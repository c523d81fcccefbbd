/** Studies of several processes at once, and of one that is killed: finished runs are whole, and serve whoever comes. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const pepnet = path.resolve(__dirname, "..", "..", "..", "dist", "index.js");

/** A study of four gammas over three seeds; prints each run as it ends, then all values. */
const program = `
const { pepnet, idFeature } = require(process.argv[2]);
(async () => {
  const rows = (count, start) => {
    const item = Array.from({ length: count }, (_, row) => ((row + start) * 7) % 20);
    return { item, scene: item.map((id, row) => (id + row) % 2), clk: item.map((id, row) => Number((id * 3 + row) % 5 < 2)) };
  };
  const model = pepnet()
    .features(idFeature("item").buckets(20).embedding(4), idFeature("scene").buckets(2).embedding(4))
    .labels("clk", "scene").group("domain", ["scene"]).group("uia", ["item"])
    .epnet().ppnet({ hidden: [8] }).domains("scene", 2)
    .tower("ctr", (t) => t.label("clk").mlp(4).bce())
    .train({ batchSize: 128, epochs: 1 });
  const study = await model.ablate(rows(2048, 0), {
    variants: { "epnet.gamma": [1, 3, 4, 5] }, validation: rows(512, 3), seeds: JSON.parse(process.argv[3]), matters: 0.05, draws: 20, quiet: true, parallel: 2,
    onRun: ({ kept }) => console.log("run " + (kept ? "kept" : "trained")),
  });
  const values = study.variants.map(({ tasks }) => tasks.map(({ overall }) => [overall.bySeed, overall.difference]));
  console.log(JSON.stringify({ values, looks: study.looks, notes: study.notes }));
})();`;

let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-studies-"));
  script = path.join(folder, "study.cjs");
  writeFileSync(script, program);
});
afterAll(() => rmSync(folder, { recursive: true }));

const inCache = (name: string) => ({ env: { ...process.env, PEPNET_CACHE: path.join(folder, name) } });
async function study(cache: string, seeds: unknown = 3): Promise<{ trained: number; result: string }> {
  const args = [script, pepnet, JSON.stringify(seeds)];
  const { stdout } = await promisify(execFile)(process.execPath, args, inCache(cache));
  const lines = stdout.trim().split("\n");
  return { trained: lines.filter((line) => line === "run trained").length, result: lines.at(-1)! };
}
const left = (cache: string) => readdirSync(path.join(folder, cache, "runs"));

test("three at once agree, leave whole runs, and a fourth trains nothing", async () => {
  const results = await Promise.all([study("shared"), study("shared"), study("shared")]);
  expect(new Set(results.map(({ result }) => result)).size).toBe(1);
  const { notes } = JSON.parse(results[0]!.result);
  expect(
    notes.filter(
      (note: string) => !/^(features|training data)/.test(note) && !note.startsWith("the model, in 3 of 3 runs: "),
    ),
  ).toEqual([]);
  expect(left("shared").filter((name) => !name.endsWith(".run"))).toEqual([]);
  expect(left("shared")).toHaveLength(15);
  expect(await study("shared")).toEqual({ trained: 0, result: results[0]!.result });
});

test.each([
  ["of three seeds", 3],
  ["that stops what is settled", { atMost: 6 }],
] as const)("one %s that is killed half-way goes on where it was, to the same numbers", async (name, seeds) => {
  const killed = spawn(process.execPath, [script, pepnet, JSON.stringify(seeds)], inCache(name));
  let printed = "";
  killed.stdout.on("data", (data: Buffer) => {
    printed += data;
    if (printed.split("run trained").length > 5) killed.kill("SIGKILL");
  });
  await once(killed, "exit");
  const undisturbed = await study(`${name}, undisturbed`, seeds);
  const finished = left(name).filter((file) => file.endsWith(".run")).length;
  expect(finished).toBeGreaterThanOrEqual(5);
  expect(finished).toBeLessThan(undisturbed.trained);
  const resumed = await study(name, seeds);
  expect(resumed.trained).toBe(undisturbed.trained - finished);
  expect(resumed.result).toBe(undisturbed.result);
});
