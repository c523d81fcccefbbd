/** README.md, docs/how-to.md, docs/features.md and docs/beside-python.md run from top to bottom, as one notebook each. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import { blocksOf } from "./typescript-blocks.js";

interface Cell {
  readonly outputs: readonly { readonly data?: { readonly "text/plain"?: string | readonly string[] } }[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-how-to-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the blocks of a page as cells. @returns the text of each cell's last output */
async function textsOf(page: string): Promise<string[]> {
  const markdown = await readFile(path.resolve(__dirname, "../..", page), "utf8");
  const blocks = blocksOf(page, markdown);
  expect(blocks.length).toBe(markdown.match(/^```ts$/gm)?.length);
  const notebook = path.join(folder, `${path.basename(page, ".md")}.ipynb`);
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
  const ran = JSON.parse(await readFile(notebook, "utf8")) as { readonly cells: readonly Cell[] };
  return ran.cells.map(({ outputs }) => [outputs.at(-1)?.data?.["text/plain"] ?? ""].flat().join(""));
}

it.each(["docs/how-to.md", "docs/features.md", "docs/beside-python.md"])(
  "every block of %s runs as it stands, after those before it",
  async (page) => {
    await textsOf(page);
  },
);

it("both programs of README.md run as they stand, and print what stands below them", async () => {
  const texts = await textsOf("README.md");
  const readme = await readFile(path.resolve(__dirname, "../../README.md"), "utf8");
  const printed = [...readme.matchAll(/^```text\n([\s\S]*?)\n```/gm)].map(([, text]) => text!);
  expect(printed).toHaveLength(2);
  for (const [index, text] of texts.entries()) {
    const table = text.split(/\n\n(?=note: )/)[0]!;
    // AUCs differ in their last digits between processors.
    expect(table.replaceAll(/\d\.\d+/g, "#").replaceAll(/ +#/g, " #")).toBe(
      printed[index]!.replaceAll(/\d\.\d+/g, "#").replaceAll(/ +#/g, " #"),
    );
    const numbers = (of: string) => [...of.matchAll(/\d\.\d+/g)].map(Number);
    for (const [at, number] of numbers(table).entries())
      expect(Math.abs(number - numbers(printed[index]!)[at]!)).toBeLessThan(0.03);
  }
});
