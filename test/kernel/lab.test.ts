/** The real JupyterLab in a headless Chromium; skipped where either is missing. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/kernel/paths.js";
import { canRunLab, Lab } from "./lab.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";

const figure = `class Figure {
  [Symbol.for("Jupyter.display")]() {
    return { "application/vnd.plotly.v1+json": { data: [{ y: [1, 3, 2], name: "loss" }], layout: { title: { text: "Planted title" } } },
      "text/plain": "figure" };
  }
}
new Figure()`;

describe.skipIf(!canRunLab)("JupyterLab (needs Python and Chromium)", () => {
  const folder = emptyFolder();
  const file = path.join(folder, "figure.ipynb");
  let lab: Lab;
  beforeAll(async () => {
    const cells = [cell("const n: number = 20;\nconsole.log('printed', n)"), cell(figure), cell("n + 1")];
    save(folder, "figure.ipynb", notebook(...cells));
    lab = await Lab.start(folder, { width: 1200, height: 1000 });
  });
  afterAll(() => lab?.end());

  it("runs all cells and draws a Plotly figure by the installed extension", async () => {
    await lab.open("figure.ipynb");
    await lab.runAll();
    const drawn = lab.page.locator(".jp-RenderedPlotly .gtitle");
    await drawn.waitFor({ timeout: 60_000 });
    expect(await drawn.textContent()).toBe("Planted title");
    expect((await lab.page.locator(".jp-RenderedPlotly").boundingBox())?.height).toBeGreaterThan(400);
    await lab.page.locator(".jp-OutputArea-output", { hasText: /^21$/ }).waitFor({ timeout: 20_000 });
    await lab.page.locator(".jp-OutputArea-output", { hasText: "printed 20" }).waitFor();
    await lab.screenshot("lab-figure.png");
    expect(lab.pageErrors).toEqual([]);
  });

  it("colours cells as TypeScript", async () => {
    expect(await lab.page.locator(".jp-CodeCell .cm-content").first().getAttribute("data-language")).toBe("typescript");
  });

  it("saves the figure without a copy of plotly.js, and draws it again when the notebook is opened untrusted", async () => {
    await lab.page.keyboard.press("Control+s");
    await expect.poll(() => open(file).cells[1]?.outputs?.length, { timeout: 20_000 }).toBe(1);
    const saved = open(file);
    expect(saved.cells.map((each) => each.execution_count)).toEqual([1, 2, 3]);
    expect(JSON.stringify(saved).length).toBeLessThan(10_000);
    saved.cells.push(cell("'changed outside, so this server never trusted it'"));
    save(folder, "figure.ipynb", saved);
    await lab.open("figure.ipynb");
    await lab.page.locator(".jp-RenderedPlotly .gtitle").first().waitFor({ timeout: 40_000 });
    expect(lab.pageErrors).toEqual([]);
  });
});

describe.skipIf(!canRunLab)("the quickstart in JupyterLab (needs Python and Chromium)", () => {
  let folder: string;
  let lab: Lab;
  beforeAll(async () => {
    // Below the repository, so that the notebook finds the packages it imports; a copy, so that it stays as it is.
    mkdirSync(path.join(packageRoot, "out"), { recursive: true });
    folder = mkdtempSync(path.join(packageRoot, "out", "lab-"));
    const notebooks = path.join(folder, "notebooks");
    mkdirSync(notebooks);
    copyFileSync(path.join(packageRoot, "notebooks/quickstart.ipynb"), path.join(notebooks, "quickstart.ipynb"));
    lab = await Lab.start(notebooks, { width: 1100, height: 5200 });
  });
  afterAll(async () => {
    await lab?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows tables, curves and gate charts, with no error in a cell or on the page", async () => {
    await lab.open("quickstart.ipynb");
    await lab.page.getByRole("menuitem", { name: "Edit", exact: true }).click();
    await lab.page.getByRole("menuitem", { name: "Clear Outputs of All Cells", exact: true }).click();
    await lab.runAll();
    const count = open(path.join(folder, "notebooks", "quickstart.ipynb")).cells.filter(
      (each) => each.cell_type === "code",
    ).length;
    const last = lab.page.locator(".jp-InputPrompt", { hasText: `[${count}]:` });
    await last.waitFor({ timeout: 100_000 });
    await lab.page.locator(".jp-RenderedPlotly .main-svg").nth(1).waitFor({ timeout: 20_000 });
    expect(
      await lab.page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').count(),
    ).toBe(0);
    expect(await lab.page.locator(".jp-OutputArea-output table").count()).toBeGreaterThan(0);
    await lab.screenshot("lab-quickstart.png");
    expect(lab.pageErrors).toEqual([]);
  }, 150_000);
});
