/** docs/how-to.md runs from top to bottom, as one notebook. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runNotebook } from "../../src/notebook/index.js";
import { blocksOf } from "./typescript-blocks.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-how-to-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("every how-to runs as it stands after the preamble", async () => {
  const page = await readFile(path.resolve(__dirname, "../../docs/how-to.md"), "utf8");
  const blocks = blocksOf("docs/how-to.md", page);
  expect(blocks.length).toBe(page.match(/^```ts$/gm)?.length);
  const notebook = path.join(folder, "how-to.ipynb");
  const cells = blocks.map(({ code }, index) => ({
    ...{ cell_type: "code", id: `cell-${index}`, metadata: {}, execution_count: null, outputs: [] },
    source: [code],
  }));
  const metadata = { kernelspec: { name: "pepnet", display_name: "TypeScript (PEPNet)", language: "typescript" } };
  await writeFile(notebook, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  expect(await runNotebook(notebook)).toEqual({ ok: true, outPath: notebook });
});
