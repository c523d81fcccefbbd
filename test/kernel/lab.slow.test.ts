/**
 * The real front ends in a headless Chromium, one server for all: JupyterLab 4 with the project's kernel and extension,
 * and a notebook's own page from disk. Skipped where Python or Chromium is missing.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { joinLines } from "../../src/kernel/notebook/format.js";
import { notebookHtml } from "../../src/kernel/notebook/page.js";
import { recordedProvenance } from "../../src/kernel/notebook/verify.js";
import { canRunLab, Lab } from "./lab.js";
import { drawingsOf, endWatching, watchDrawing } from "./lab-drawing.js";
import { figure, hostileNames, italicName, scriptName, training } from "./lab-notebooks.js";
import { cell, notebook, open, save } from "./notebook/notebook-files.js";

/** Pixels that a figure grows by when its title takes two lines more, as it does with the first AUC and a long time left. */
const titleLines = 40;

const alive = ".jp-RenderedPlotly .main-svg";

describe.skipIf(!canRunLab)("the front ends (need Python and Chromium)", () => {
  let folder: string;
  let lab: Lab;
  beforeAll(async () => {
    // Below the repository, so that a notebook finds the packages it imports; copies, so that they stay as they are.
    mkdirSync(path.join(packageRoot, "out"), { recursive: true });
    folder = mkdtempSync(path.join(packageRoot, "out", "lab-"));
    const cells = [cell("const n: number = 20;\nconsole.log('printed', n)"), cell(figure), cell("n + 1")];
    save(folder, "figure.ipynb", notebook(...cells));
    save(folder, "training.ipynb", training);
    save(folder, "names.ipynb", hostileNames);
    mkdirSync(path.join(folder, "notebooks"));
    const quickstart = open(path.join(packageRoot, "notebooks/quickstart.ipynb"));
    const parameters = quickstart.cells.find(({ id }) => id === "parameters")!;
    parameters.source = joinLines(parameters.source).replace("100_000", "3_000");
    save(path.join(folder, "notebooks"), "quickstart.ipynb", quickstart);
    lab = await Lab.start(folder, { width: 1200, height: 1000 });
  });
  afterAll(async () => {
    await lab?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  describe("JupyterLab", () => {
    it("runs all cells, colours them as TypeScript, and draws a figure that answers the pointer", async () => {
      await lab.open("figure.ipynb");
      await lab.runAll();
      const title = lab.page.locator(".jp-RenderedPlotly .gtitle");
      await title.waitFor();
      expect(await title.textContent()).toBe("Planted title");
      expect((await lab.page.locator(".jp-RenderedPlotly").boundingBox())?.height).toBeGreaterThan(400);
      await lab.page.locator(".jp-OutputArea-output", { hasText: /^21$/ }).waitFor();
      await lab.page.locator(".jp-OutputArea-output", { hasText: "printed 20" }).waitFor();
      const editor = lab.page.locator(".jp-CodeCell .cm-content").first();
      expect(await editor.getAttribute("data-language")).toBe("typescript");
      expect(await labelUnderPointer(lab.page, ".jp-RenderedPlotly")).toContain("3");
      await lab.screenshot("lab-figure.png");
      expect(lab.pageErrors).toEqual([]);
    });

    it("saves the figure without a copy of plotly.js, and draws it again when the notebook is opened untrusted", async () => {
      const file = path.join(folder, "figure.ipynb");
      await lab.save();
      await expect.poll(() => open(file).cells[1]?.outputs?.length).toBe(1);
      const saved = open(file);
      expect(saved.cells.map((each) => each.execution_count)).toEqual([1, 2, 3]);
      expect(JSON.stringify(saved).length).toBeLessThan(10_000);
      saved.cells.push(cell("'changed outside, so this server never trusted it'"));
      save(folder, "figure.ipynb", saved);
      await lab.open("figure.ipynb");
      await lab.page.locator(".jp-RenderedPlotly .gtitle").first().waitFor();
      expect(await labelUnderPointer(lab.page, ".jp-RenderedPlotly")).toContain("3");
      expect(lab.pageErrors).toEqual([]);
    });

    it("restarts from the toolbar: variables are gone, counts begin again", async () => {
      await lab.toolbar("restart");
      await lab.page.locator(".jp-Dialog .jp-mod-accept").click();
      await lab.idle();
      await lab.page.locator(".jp-CodeCell").nth(2).locator(".cm-content").click();
      await lab.page.keyboard.press("Shift+Enter");
      await lab.ran(2, 1);
      await lab.outputs(2).filter({ hasText: "Cannot find name 'n'" }).first().waitFor();
    });

    it("shows training as one figure that is redrawn in place, and an interrupt keeps what there is", async () => {
      await lab.open("training.ipynb");
      await lab.runAll();
      const chart = lab.outputs(1).locator(".main-svg").first();
      await chart.waitFor();
      await lab.page.evaluate(watchDrawing, ".jp-RenderedPlotly");
      await expect.poll(async () => (await lab.page.evaluate(drawingsOf)).titles.length).toBeGreaterThan(4);
      await lab.outputs(1).locator(".gtitle-subtitle", { hasText: "AUC" }).waitFor();
      const seen = await lab.page.evaluate(drawingsOf);
      await lab.page.evaluate(endWatching);
      expect(seen.titles.at(-1)).toMatch(/^Step [\d,]+ of [\d,]+, [\d,]+ rows\/s, .+ left/);
      expect(seen).toMatchObject({ elements: 1, missing: 0 });
      expect(seen.lowest).toBeGreaterThan(seen.highest - titleLines - 10);
      await lab.screenshot("lab-training.png");

      await lab.toolbar("interrupt");
      const title = lab.outputs(1).locator(".gtitle", { hasText: /^Trained [\d,]+ of [\d,]+ steps in / });
      await title.waitFor();
      await lab.screenshot("lab-interrupted.png");
      await lab.page.locator(".jp-CodeCell").nth(2).locator(".cm-content").click();
      await lab.page.keyboard.press("Shift+Enter");
      await lab.outputs(2).filter({ hasText: "[ 42, true, true ]" }).waitFor();
      expect(await lab.outputs(3).count()).toBe(0);

      const outputs = () => open(path.join(folder, "training.ipynb")).cells[1]?.outputs ?? [];
      // The picture may come a moment after the run: it is saved then.
      await expect
        .poll(
          async () => {
            await lab.save();
            return JSON.stringify(outputs());
          },
          { interval: 1000 },
        )
        .toContain("image/png");
      const figures = outputs().filter((output) => output.output_type === "display_data");
      expect(figures).toHaveLength(1);
      expect(figures).toMatchObject([{ data: { "image/png": expect.any(String) } }]);
      expect(JSON.stringify(figures)).not.toContain("rows/s, unknown time left");
      expect(recordedProvenance(open(path.join(folder, "training.ipynb")))).toMatchObject({
        versions: { node: process.versions.node },
        seeds: [
          { use: "taobaoLike", seed: 3 },
          { use: "fit", seed: 1 },
          { use: "split", seed: 1 },
        ],
        data: [{ rows: 20_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
        machine: { cores: os.availableParallelism() },
      });
      expect(lab.pageErrors).toEqual([]);
    });

    it("runs the quickstart: tables, curves and gate charts, no error in a cell or on the page", async () => {
      await lab.page.setViewportSize({ width: 1100, height: 5200 });
      await lab.open("notebooks/quickstart.ipynb");
      await lab.choose("Edit", "Clear Outputs of All Cells");
      await lab.runAll();
      const code = open(path.join(folder, "notebooks/quickstart.ipynb")).cells.filter(
        (each) => each.cell_type === "code",
      );
      await lab.page.locator(".jp-InputPrompt", { hasText: `[${code.length}]:` }).waitFor();
      await lab.page.locator(alive).nth(1).waitFor();
      const stderr = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]';
      expect(await lab.page.locator(stderr).count()).toBe(0);
      expect(await lab.page.locator(".jp-OutputArea-output table").count()).toBeGreaterThan(0);
      await lab.screenshot("lab-quickstart.png");
      await lab.theme("JupyterLab Dark");
      await lab.screenshot("lab-quickstart-dark.png");
      await lab.page.setViewportSize({ width: 760, height: 5200 });
      await lab.screenshot("lab-quickstart-narrow.png");
      await lab.page.keyboard.press("Control+b"); // the file browser
      await lab.page.setViewportSize({ width: 640, height: 5200 }); // 1280 pixels at 200%
      const figures = lab.page.locator(".jp-RenderedPlotly > div:has(.main-svg)");
      const wider = () =>
        figures.evaluateAll((all) => {
          const right = (each: Element | null | undefined) => each?.getBoundingClientRect().right ?? 0;
          return all.filter((each) => right(each.querySelector(".main-svg")) > right(each) + 1).length;
        });
      await expect.poll(wider).toBe(0);
      expect(await figures.count()).toBeGreaterThan(1);
      expect(await figures.first().evaluate((each) => each.clientWidth)).toBeLessThan(640);
      const curves = ".jp-RenderedPlotly:has(.scatterlayer .point) >> nth=1"; // behind the model's diagram
      expect(await labelUnderPointer(lab.page, curves)).not.toBe("");
      await lab.screenshot("lab-quickstart-200.png");
      await lab.theme("JupyterLab Light");
      expect(lab.pageErrors).toEqual([]);
    });
  });

  it("names that hold HTML are text: in tables, charts, their hover labels, and the page made of the notebook", async () => {
    await lab.page.setViewportSize({ width: 1100, height: 3600 });
    await lab.open("names.ipynb");
    await lab.runAll();
    await lab.ran(6, 7);
    await lab.idle();
    const name = { hasText: "<i>search</i>" };
    await lab.outputs(5).locator(".legendtext", name).first().waitFor();
    await lab.screenshot("lab-names.png");
    expect(await lab.outputs(1).locator("td, th", { hasText: scriptName }).count()).toBeGreaterThan(0);
    await lab.save();
    const file = path.join(folder, "names.ipynb");
    await expect.poll(() => open(file).cells[6]?.outputs?.length).toBe(1);
    const page = await lab.newPage({ width: 1100, height: 1400 });
    writeFileSync(path.join(folder, "names.html"), await notebookHtml(open(file)));
    await page.goto(pathToFileURL(path.join(folder, "names.html")).href);
    await page.locator(".legendtext", name).first().waitFor();
    for (const shown of [lab.page, page]) {
      const gates = shown.locator(".js-plotly-plot", { has: shown.locator(".legendtext", name) }).last();
      const dots = gates.locator(".x3y3 .point"); // by field and domain
      await dots.first().scrollIntoViewIfNeeded();
      const label = shown.locator(".hoverlayer .hovertext").first();
      let moves = 0;
      const labelOfNextDot = async (): Promise<string | null> => {
        const box = await dots.nth(moves++ % (await dots.count())).boundingBox();
        if (box === null) throw new Error("no gates by field and domain");
        await shown.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        return label.textContent({ timeout: 1000 }).catch(() => null);
      };
      await expect.poll(labelOfNextDot, { interval: 500 }).toContain(italicName);
      expect(await shown.evaluate(() => (window as { ran?: boolean }).ran)).toBeUndefined();
      expect(await shown.locator("img[src=nowhere]").count()).toBe(0);
    }
    await page.close();
  });

  it("a notebook's page opens from disk without a network, its figures alive", async () => {
    const page = await lab.newPage({ width: 1100, height: 1400 });
    const asked: string[] = [];
    await page.route(/^(?!file:|data:|blob:)/, (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    const file = path.join(folder, "page.html");
    writeFileSync(file, await notebookHtml(open(path.join(packageRoot, "notebooks/quickstart.ipynb"))));
    await page.goto(pathToFileURL(file).href);
    await page.locator(".plotly .main-svg").first().waitFor();
    // A figure that is drawn moves those below it.
    await expect.poll(() => page.locator(".plotly img").count()).toBe(0);
    expect(await labelUnderPointer(page, ".plotly:has(> script) >> nth=1")).not.toBe(""); // the curves, behind the model's diagram
    await page.screenshot({ path: lab.screenshotPath("page-quickstart.png"), fullPage: true });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 480, height: 900 });
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    const title = page.locator(".plotly:has(> script) .gtitle").first();
    await expect.poll(() => title.evaluate((text) => getComputedStyle(text).fill)).toBe(ink);
    await page.screenshot({ path: lab.screenshotPath("page-quickstart-dark-narrow.png"), fullPage: true });
    expect(asked).toEqual([]);
    await page.close();
  });
});

/** Puts the pointer on the second point of the first line of a figure, and reads the label that this shows. */
async function labelUnderPointer(page: Page, figureSelector: string): Promise<string> {
  const figure = page.locator(figureSelector).first();
  await figure.scrollIntoViewIfNeeded();
  const point = figure.locator(".scatterlayer .point").nth(1);
  const box = await ((await point.count()) > 0 ? point : figure.locator(".nsewdrag").first()).boundingBox();
  if (box === null) throw new Error("the figure has no point to look at");
  const label = figure.locator(".hoverlayer .hovertext").first();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  for (let tries = 0; tries < 20 && (await label.count()) === 0; tries++) {
    await page.mouse.move(x - 3, y - 1);
    await page.mouse.move(x, y);
    await page.waitForTimeout(150);
  }
  return (await label.allTextContents()).join(" ");
}
