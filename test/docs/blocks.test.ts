/** TypeScript that stands in the pages compiles against the package. */
import { expect, it } from "vitest";
import { pages } from "../../scripts/markdown.mjs";
import { blocksOf, faultsOf } from "./typescript-blocks.js";

it("every ts block of every page compiles, given a model, data and a run", () => {
  const examples = pages()
    // These pages run for real: how-to.slow.test.ts
    .filter(({ path }) => path.endsWith(".md") && !["docs/how-to.md", "docs/features.md"].includes(path))
    .flatMap(({ path, value }) => blocksOf(path, value));
  expect(examples.length).toBeGreaterThan(15);
  expect(faultsOf(examples)).toEqual([]);
});

it("a block with a misspelt method does not", () => {
  expect(faultsOf([{ place: "here:1", code: "await run.gaets();" }])).toEqual([
    expect.stringMatching(/^here:1: .*gaets/),
  ]);
});
