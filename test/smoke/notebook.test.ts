/** A notebook is run, verified, and found to differ once one of its numbers is changed. See test/notebook. */
import { rm } from "node:fs/promises";
import { afterAll, expect, it } from "vitest";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import { verifyNotebook } from "../../src/kernel/notebook/verify.js";
import { pepnetIn } from "../kernel/cli/command.js";
import { cell, emptyFolder, notebook, open, save } from "../kernel/notebook/notebook-files.js";

const folder = emptyFolder();
afterAll(() => rm(folder, { recursive: true }));

it("runs, gives the same numbers again, and a changed number is found", async () => {
  const file = save(
    folder,
    "study.ipynb",
    notebook(
      cell("const log = await dataset([{ clk: 1, price: 2.5 }, { clk: 0, price: 3.75 }, { clk: 1, price: 4 }]);"),
      cell('await log.groupBy("clk").summarise({ mean: "mean(price)" }).sort("clk")'),
    ),
  );
  expect(await runNotebook(file)).toEqual({ ok: true, outPath: file });
  const executed = open(file);
  expect(JSON.stringify(executed.cells[1]!.outputs)).toContain("3.25");
  expect((await verifyNotebook(file)).ok).toBe(true);
  save(folder, "study.ipynb", JSON.parse(JSON.stringify(executed).replaceAll("3.25", "3.35")));
  const changed = await pepnetIn(folder, "notebook", "verify", "study.ipynb");
  expect(changed.code).toBe(1);
  expect(changed.out).toMatch(/3\.35[\s\S]*3\.25/);
});
