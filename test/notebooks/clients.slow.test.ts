/** The quickstart through Jupyter's own clients, on few rows: papermill, nbclient, nbconvert. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { joinLines, type Notebook } from "../../src/kernel/notebook/format.js";
import { open, save } from "../kernel/notebook/notebook-files.js";
import { environmentWithKernel, python, runPython } from "../kernel/python.js";

const quickstart = path.join(packageRoot, "notebooks", "quickstart.ipynb");

describe.skipIf(python === null)("the quickstart, executed by Jupyter's own clients (need Python)", () => {
  let env: NodeJS.ProcessEnv;
  let folder: string;
  beforeAll(async () => {
    env = await environmentWithKernel();
    // Below the repository, so that the notebook finds the packages it imports.
    mkdirSync(path.join(packageRoot, "out"), { recursive: true });
    folder = mkdtempSync(path.join(packageRoot, "out", "clients-"));
    mkdirSync(path.join(folder, "notebooks"));
    const notebook = open(quickstart);
    for (const cell of notebook.cells) {
      if (cell.cell_type === "code") Object.assign(cell, { outputs: [], execution_count: null });
      if (cell.metadata.tags?.includes("parameters")) cell.source = joinLines(cell.source).replace("100_000", "3_000");
    }
    save(path.join(folder, "notebooks"), "quickstart.ipynb", notebook);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function execute(...args: string[]): ReturnType<typeof runPython> {
    return runPython(args, env, path.join(folder, "notebooks"));
  }

  /** Every cell ran; training is one output in its last state, with a picture; no figure without one. */
  function expectWhole(notebook: Notebook): void {
    const code = notebook.cells.filter((cell) => cell.cell_type === "code");
    expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, index) => index + 1));
    const outputs = code.flatMap((cell) => cell.outputs ?? []);
    const figures = outputs.filter((output) => "data" in output && output.data["application/vnd.plotly.v1+json"]);
    expect(figures.length).toBeGreaterThanOrEqual(4);
    for (const figure of figures) expect(figure).toMatchObject({ data: { "image/png": expect.any(String) } });
    const fit = code
      .find((cell) => cell.id === "fit")
      ?.outputs?.filter((output) => output.output_type === "display_data");
    expect(fit).toHaveLength(1);
    expect(JSON.stringify(fit)).toContain("Trained ");
  }

  it("papermill knows its parameters, warns of one that it lacks, and runs it with others", async () => {
    const help = await execute("-m", "papermill", "--help-notebook", "quickstart.ipynb");
    expect(help.printed).toMatch(/rows: .*default 3_000[\s\S]*gamma: .*default 2[\s\S]*seed: .*default 7/);
    const parameters = ["-p", "gamma", "1", "-p", "gama", "3"];
    const { code, printed } = await execute(
      "-m",
      "papermill",
      "quickstart.ipynb",
      "papermill.ipynb",
      ...parameters,
      "--no-progress-bar",
    );
    expect(code, printed).toBe(0);
    expect(printed).toContain("unknown parameter: gama");
    const done = open(path.join(folder, "notebooks", "papermill.ipynb"));
    expectWhole(done);
    expect(done.cells.map((cell) => joinLines(cell.source)).join("\n")).toContain("let gamma = 1;");
  });

  it("nbconvert runs it by nbclient, and writes HTML with the pictures of the last state", async () => {
    const { code, printed } = await execute(
      "-m",
      "nbconvert",
      "--execute",
      "--to",
      "notebook",
      "quickstart.ipynb",
      "--output",
      "nbconvert.ipynb",
    );
    expect(code, printed).toBe(0);
    expectWhole(open(path.join(folder, "notebooks", "nbconvert.ipynb")));
    const program = `
import nbformat
from nbconvert import HTMLExporter
notebook = nbformat.read("nbconvert.ipynb", as_version=4)
nbformat.validate(notebook)
html, _ = HTMLExporter().from_notebook_node(notebook)
open("page.html", "w", encoding="utf-8").write(html)`;
    const page = await execute("-c", program);
    expect(page.code, page.printed).toBe(0);
    const html = readFileSync(path.join(folder, "notebooks", "page.html"), "utf8");
    expect(html.split('src="data:image/png;base64,').length - 1).toBeGreaterThanOrEqual(4);
    expect(html).not.toMatch(/training starts|rows\/s, .{1,20} left/);
  });
});
