/**
 * A session in JupyterLab with what happens to long ones: the theme changes, the notebook is reopened, the page is
 * reloaded while a cell runs. Skipped where Python or Chromium is missing.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/kernel/paths.js";
import { cell, notebook, open, save } from "../notebook/notebook-files.js";
import { canRunLab, Lab } from "./lab.js";
import { training } from "./lab-notebooks.js";

/** Plotly's grey for text whose colour nobody set. */
const clear = { paper_bgcolor: "rgba(0,0,0,0)", font: { color: "#808080" }, title: { text: "Planted title" } };

const savedFigure = {
  output_type: "display_data",
  data: { "application/vnd.plotly.v1+json": { data: [{ y: [1, 3, 2] }], layout: clear }, "text/plain": "figure" },
  metadata: {},
} as const;

describe.skipIf(!canRunLab)("a session in JupyterLab (needs Python and Chromium)", { timeout: 300_000 }, () => {
  let folder: string;
  let lab: Lab;
  beforeAll(async () => {
    mkdirSync(path.join(packageRoot, "out"), { recursive: true });
    folder = mkdtempSync(path.join(packageRoot, "out", "lab-"));
    save(folder, "drawn.ipynb", notebook({ ...cell("'a figure'"), outputs: [savedFigure], execution_count: 1 }));
    save(folder, "training.ipynb", training);
    save(folder, "typing.ipynb", notebook(cell("const size: number = 3;"), cell("")));
    save(
      folder,
      "described.ipynb",
      notebook(
        cell("const log = taobaoLike({ rows: 500 });\nawait (await dataset(log.table)).describe({ labels: ['clk'] })"),
      ),
    );
    lab = await Lab.start(folder, { width: 1200, height: 1000 });
  });
  afterAll(async () => {
    await lab?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether the text of the first figure has the colour of the page's text. */
  async function hasPagesInk(): Promise<boolean> {
    return lab.page.evaluate(() => {
      const ink = document.createElement("span");
      ink.style.color = "var(--jp-content-font-color1)";
      document.body.append(ink);
      const title = document.querySelector(".jp-RenderedPlotly .gtitle");
      const rgb = (color: string): string => String(color.match(/[\d.]+/g)?.slice(0, 3));
      const isSame = title !== null && rgb(getComputedStyle(title).fill) === rgb(getComputedStyle(ink).color);
      ink.remove();
      return isSame;
    });
  }

  it("draws figures in the colour of the page's text: in a reopened notebook, in both themes", async () => {
    await lab.open("drawn.ipynb");
    await expect.poll(hasPagesInk, { timeout: 60_000 }).toBe(true);
    await lab.theme("JupyterLab Dark");
    await expect.poll(hasPagesInk, { timeout: 30_000 }).toBe(true);
    await lab.open("drawn.ipynb");
    await expect.poll(hasPagesInk, { timeout: 60_000 }).toBe(true);
    await lab.screenshot("lab-reopened-dark.png");
  });

  it("describes data in tables and figures, which follow the theme", async () => {
    await lab.open("described.ipynb");
    await lab.runAll();
    await lab.page.locator(".jp-RenderedPlotly .main-svg").nth(1).waitFor({ timeout: 120_000 });
    await expect.poll(hasPagesInk, { timeout: 30_000 }).toBe(true);
    expect(await lab.outputs(0).locator("img").count()).toBe(0);
    await lab.screenshot("lab-described-dark.png");
    await lab.theme("JupyterLab Light");
  });

  it.each(["lab", "notebook"] as const)("underlines an error while the user types, in %s", async (application) => {
    await lab.open("typing.ipynb", application);
    const editor = lab.page.locator(".jp-CodeCell").nth(1).locator(".cm-content");
    const errors = editor.locator(".cm-pepnet-error");
    await editor.click();
    await lab.page.keyboard.type("const text: string = size;");
    await errors.first().waitFor({ timeout: 60_000 });
    expect(await errors.allTextContents()).toEqual(["text"]);
    await errors.first().hover();
    await lab.page.locator(".cm-pepnet-message", { hasText: "Type 'number' is not assignable" }).waitFor();
    await lab.screenshot(`lab-squiggle-${application}.png`);
    for (let letter = 0; letter < 5; letter++) await lab.page.keyboard.press("Backspace");
    await lab.page.keyboard.type("String(size);");
    await expect.poll(() => errors.count(), { timeout: 30_000 }).toBe(0);
    expect(await lab.outputs(1).count()).toBe(0);
    expect(lab.extensionErrors).toEqual([]);
  });

  it("continues the chart of a fit after the page is reloaded", async () => {
    await lab.open("training.ipynb");
    await lab.runAll();
    const title = lab.outputs(1).locator(".gtitle");
    await title.filter({ hasText: /^Step/ }).first().waitFor({ timeout: 150_000 });
    await lab.page.reload();
    await title.filter({ hasText: /^Step/ }).first().waitFor({ timeout: 120_000 });
    const before = await title.textContent();
    await expect.poll(() => title.textContent(), { timeout: 30_000 }).not.toBe(before);
    expect(await lab.outputs(1).locator(".main-svg").count()).toBeGreaterThan(0);
    await lab.screenshot("lab-reloaded.png");

    await lab.toolbar("interrupt");
    await title.filter({ hasText: /^Trained / }).waitFor({ timeout: 60_000 });
    await lab.ran(1, 2);
    await expect
      .poll(
        async () => {
          await lab.page.keyboard.press("Control+s");
          return open(path.join(folder, "training.ipynb")).cells[1]?.outputs?.filter(
            ({ output_type }) => output_type === "display_data",
          );
        },
        { timeout: 60_000, interval: 1000 },
      )
      .toMatchObject([{ data: { "image/png": expect.any(String) } }]);
    expect(lab.extensionErrors).toEqual([]);
  });
});
