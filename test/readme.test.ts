/** What the README promises: its example runs as it stands, and its commands are there (test/docs holds its links). */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTable } from "../src/core/data/table/open.js";
import { random } from "../src/core/util/random.js";
import { runNotebook } from "../src/kernel/notebook/execute.js";

const root = path.resolve(__dirname, "..");
let readme: string;
let folder: string;
beforeAll(async () => {
  readme = await readFile(path.join(root, "README.md"), "utf8");
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-readme-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("README", () => {
  it("has an example that runs in the notebook as it stands", async () => {
    const source = random(1);
    const draw = (below: number) => Int32Array.from({ length: 5000 }, () => source.integer(below));
    const click = draw(2);
    const columns = {
      user_id: draw(1000),
      item_id: draw(5000),
      scene: draw(3),
      click,
      buy: click.map((c) => c * source.integer(2)),
    };
    await (await openTable(columns)).toParquet(path.join(folder, "train.parquet"));
    const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
    expect(example.trim().split("\n").length).toBeLessThanOrEqual(15);
    const notebook = path.join(folder, "readme.ipynb");
    const cell = {
      cell_type: "code",
      id: "example",
      metadata: {},
      execution_count: null,
      outputs: [],
      source: [example],
    };
    const metadata = { kernelspec: { name: "pepnet", display_name: "TypeScript (PEPNet)", language: "typescript" } };
    await writeFile(notebook, JSON.stringify({ cells: [cell], metadata, nbformat: 4, nbformat_minor: 5 }));
    const result = await runNotebook(notebook);
    expect(result).toMatchObject({ ok: true });
    const [executed] = JSON.parse(await readFile(notebook, "utf8")).cells;
    expect(Object.keys(executed.outputs.at(-1).data)).toContain("application/vnd.plotly.v1+json");
  });

  it("names commands that exist", async () => {
    const { scripts } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    for (const [, script] of readme.matchAll(/npm run ([\w:-]+)/g)) expect(scripts, script).toHaveProperty([script!]);
  });
});
