/** docs/how-to.md and docs/features.md run from top to bottom, as one notebook each. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import { blocksOf } from "./typescript-blocks.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-how-to-"));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(["how-to", "features"])("every block of %s.md runs as it stands, after those before it", async (name) => {
  const page = await readFile(path.resolve(__dirname, `../../docs/${name}.md`), "utf8");
  const blocks = blocksOf(`docs/${name}.md`, page);
  expect(blocks.length).toBe(page.match(/^```ts$/gm)?.length);
  const notebook = path.join(folder, `${name}.ipynb`);
  const cells = blocks.map(({ code }, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source: [code],
  }));
  const metadata = { kernelspec: { name: "pepnet", display_name: "TypeScript (PEPNet)", language: "typescript" } };
  await writeFile(notebook, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  expect(await runNotebook(notebook)).toEqual({ ok: true, outPath: notebook });
});
