/**
 * One session in each front end, as a person works: packages that are installed in the middle, controls that move
 * during a fit, errors that are underlined while typing, a reload, and a saved notebook that is opened again. Then the
 * themes. Python's plotly is installed beside, as most people have it: its extension draws the same type, but no update.
 * Skipped where Python or Chromium is missing.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { canRunLab, Lab } from "./lab.js";
import { dialNotebook, sessionCells, training } from "./lab-notebooks.js";
import { cell, notebook, open, save } from "./notebook/notebook-files.js";

/** Plotly's grey for text whose colour nobody set. */
const clear = { paper_bgcolor: "rgba(0,0,0,0)", font: { color: "#808080" }, title: { text: "Planted title" } };

const savedFigure = {
  output_type: "display_data",
  data: {
    "application/vnd.pepnet.figure+json": {},
    "application/vnd.plotly.v1+json": { data: [{ y: [1, 3, 2] }], layout: clear },
    "text/plain": "figure",
  },
  metadata: {},
} as const;

/** The code cells of the session. */
const [importCell, controlsCell, fitCell, typedCell] = [2, 3, 5, 6] as const;

/** A notebook's folder with a package beside it that `npm install` finds without a network. */
function sessionFolder(folder: string): void {
  mkdirSync(path.join(folder, "helper"), { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
  write("package.json", JSON.stringify({ name: "session", private: true }));
  write("helper/package.json", JSON.stringify({ name: "planted-helper", version: "1.0.0", types: "index.d.ts" }));
  write("helper/index.js", "exports.double = (value) => 2 * value;\n");
  write("helper/index.d.ts", "export declare function double(value: number): number;\n");
  save(folder, "session.ipynb", notebook(training.cells[0]!, ...sessionCells, training.cells[1]!, cell("")));
}

describe.skipIf(!canRunLab)("a session (needs Python and Chromium)", () => {
  let folder: string;
  let lab: Lab;
  beforeAll(async () => {
    mkdirSync(path.join(packageRoot, "out"), { recursive: true });
    folder = mkdtempSync(path.join(packageRoot, "out", "lab-"));
    for (const application of ["lab", "notebook"]) sessionFolder(path.join(folder, application));
    save(folder, "dial.ipynb", dialNotebook);
    save(folder, "drawn.ipynb", notebook({ ...cell("'a figure'"), outputs: [savedFigure], execution_count: 1 }));
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

  describe.each(["lab", "notebook"] as const)("in %s", (application) => {
    const name = `${application}/session.ipynb`;
    const title = () => lab.outputs(fitCell).locator(".gtitle");
    const saved = () => open(path.join(folder, name));
    const shows = (text: string) => lab.outputs(controlsCell).filter({ hasText: text }).waitFor();
    const stepShown = () => title().filter({ hasText: /^Step/ }).first().waitFor();

    it("installs a package in the middle, and answers controls and typing while a fit runs", async () => {
      await lab.open(name, application);
      await lab.runAll();
      await lab.outputs(importCell).filter({ hasText: "double is 42" }).waitFor();
      await stepShown();
      const track = lab.page.locator(".noUi-base").first();
      await track.scrollIntoViewIfNeeded();
      const { width, height } = (await track.boundingBox())!;
      await track.click({ position: { x: width * 0.75, y: height / 2 }, force: true });
      await shows("student at 3");
      await lab.page.locator(".noUi-handle").first().focus();
      expect(await lab.page.getByRole("slider", { name: "gamma" }).count()).toBe(1);
      await lab.page.locator(".widget-dropdown select").first().selectOption("worker");
      await shows("worker at 3");
      await lab.page.locator("button.counter").click();
      await lab.page.locator("button.counter", { hasText: "count 20" }).waitFor();
      await lab.screenshot(`session-${application}-moved.png`);

      const editor = lab.page.locator(".jp-CodeCell").nth(typedCell).locator(".cm-content");
      const errors = editor.locator(".cm-pepnet-error");
      await editor.click();
      await lab.page.keyboard.type("const wrong: string = kept;");
      await errors.first().waitFor();
      expect(await errors.allTextContents()).toEqual(["wrong"]);
      await errors.first().hover();
      await lab.page.locator(".cm-pepnet-message", { hasText: "Type 'number' is not assignable" }).waitFor();
      await lab.screenshot(`session-${application}-squiggle.png`);
      await lab.page.mouse.move(5, 5);
      await lab.page.locator(".cm-pepnet-message").waitFor({ state: "detached" });
      await lab.page.keyboard.press("F8");
      await lab.page.getByRole("alert").filter({ hasText: "Type 'number' is not assignable" }).waitFor();
      expect(await lab.page.evaluate(() => String(getSelection()))).toBe("wrong");
      await lab.page.keyboard.press("End");
      await lab.page.locator(".cm-pepnet-message").waitFor({ state: "detached" });
      for (let letter = 0; letter < 5; letter++) await lab.page.keyboard.press("Backspace");
      await lab.page.keyboard.type("String(kept);");
      await expect.poll(() => errors.count()).toBe(0);
      expect(await lab.outputs(typedCell).count()).toBe(0);
      const running = lab.page.locator(".jp-CodeCell").nth(fitCell).locator(".jp-InputPrompt", { hasText: "[*]" });
      expect(await running.count()).toBe(1);
    });

    it("continues the chart of the fit, and the controls, after the page is reloaded", async () => {
      await lab.save();
      await expect.poll(() => JSON.stringify(saved().cells[controlsCell]?.outputs)).toContain("worker at 3");
      await lab.page.reload();
      await stepShown();
      const before = await title().textContent();
      await expect.poll(() => title().textContent()).not.toBe(before);
      await lab.page.locator(".widget-dropdown select").first().selectOption("student");
      await shows("student at 3");
      expect(await lab.outputs(fitCell).locator(".main-svg").count()).toBeGreaterThan(0);
      await lab.screenshot(`session-${application}-reloaded.png`);
      await lab.toolbar("interrupt");
      await title()
        .filter({ hasText: /^Trained / })
        .waitFor();
      await lab.idle();
    });

    it("saves the picture and the controls' state, which the notebook shows when it is opened again", async () => {
      const figures = () => saved().cells[fitCell]?.outputs?.filter(({ output_type: type }) => type === "display_data");
      await expect
        .poll(
          async () => {
            await lab.save();
            return figures();
          },
          { interval: 1000 },
        )
        .toMatchObject([{ data: { "image/png": expect.any(String) } }]);
      expect(JSON.stringify(saved().metadata["widgets"])).toContain('"value":3');
      expect(JSON.stringify(saved().cells[controlsCell]?.outputs)).toContain("student at 3");

      // Nothing is left but the file. The page goes first: one whose kernel is gone saves no state of controls.
      await lab.page.goto("about:blank");
      await lab.endKernel(name);
      await lab.open(name, application);
      const readout = lab.page.locator(".widget-readout", { hasText: "3.0" });
      const isShown = () =>
        readout.waitFor({ timeout: 30_000 }).then(
          () => true,
          () => false,
        );
      // If jupyter-widgets asks the new kernel before it is connected, it does not read the file's state: load again.
      for (let reloads = 0; reloads < 3 && !(await isShown()); reloads++) await lab.page.reload();
      await readout.waitFor();
      await shows("student at 3");
      await title()
        .filter({ hasText: /^Trained / })
        .waitFor();
      await lab.screenshot(`session-${application}-reopened.png`);
      expect(lab.extensionErrors).toEqual([]); // Notebook 7 has errors of its own, such as commands that it lacks
      if (application === "lab") expect(lab.pageErrors).toEqual([]);
    });
  });

  it.each(["lab", "notebook"] as const)(
    "marks the cells whose inputs were run again in %s, and in no file",
    async (application) => {
      const name = `stale-${application}.ipynb`;
      const between = Array.from({ length: 40 }, (_, at) => `// ${at}\n`.repeat(12)); // drawn late when a page is loaded
      const code = [
        "const gamma = Math.random();",
        "const model = { gamma };",
        ...between,
        "model.gamma > 2;",
        "1 + 1;",
      ];
      const reader = code.length - 2;
      save(folder, name, notebook(...code.map((line) => cell(line))));
      await lab.open(name, application);
      await lab.runAll();
      await lab.ran(code.length - 1, code.length);
      const marked = async (): Promise<number[]> => {
        const texts = await lab.page.locator(".jp-CodeCell .jp-InputPrompt").evaluateAll((prompts) => {
          return prompts.map((prompt) => getComputedStyle(prompt, "::after").content.replaceAll('"', ""));
        });
        return texts.flatMap((text, at) => (text === "stale" ? [at] : []));
      };
      let count = code.length;
      const run = async (at: number): Promise<void> => {
        await lab.page.locator(".jp-CodeCell .cm-content").nth(at).click();
        await lab.page.keyboard.press("Control+Enter");
        await lab.ran(at, ++count);
      };
      expect(await marked()).toEqual([]);
      await run(0);
      await expect.poll(marked).toEqual([1, reader]);
      await lab.screenshot(`stale-${application}.png`);
      expect(await lab.page.locator(".jp-InputPrompt[title*='gamma']").count()).toBe(1);
      await run(1);
      await expect.poll(marked).toEqual([reader]);
      await lab.save();
      await expect.poll(() => JSON.stringify(open(path.join(folder, name)))).toContain(`"execution_count":${count}`);
      expect(JSON.stringify(open(path.join(folder, name)))).not.toMatch(/stale/i);
      if (application === "lab") await lab.page.reload(); // which takes seconds
      await expect.poll(marked).toEqual([reader]);
      await run(reader);
      await expect.poll(marked).toEqual([]);
    },
  );

  it("shows what cells did while no page was open, and follows one that still runs", async () => {
    const code = [
      'const handle = display("begun"); await new Promise((end) => setTimeout(end, 1500)); console.log("ended"); 6 * 7',
      'console.log("after")',
      'console.log("runs"); await new Promise((end) => setTimeout(end, 9000)); console.log("followed")',
    ];
    save(folder, "closed.ipynb", notebook(...code.map((line) => cell(line))));
    await lab.open("closed.ipynb");
    await lab.runAll();
    await lab.outputs(0).filter({ hasText: "begun" }).waitFor();
    await lab.save();
    await expect.poll(() => JSON.stringify(open(path.join(folder, "closed.ipynb")).cells[0])).toContain("begun");
    await lab.page.evaluate(() => sessionStorage.clear()); // as another tab
    await lab.page.goto("about:blank");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await lab.open("closed.ipynb", "lab", false);
    await lab.ran(0, 1);
    expect((await lab.outputs(0).allInnerTexts()).map((text) => text.trim())).toEqual(["'begun'", "ended", "42"]);
    await lab.outputs(1).filter({ hasText: "after" }).waitFor();
    await lab.outputs(2).filter({ hasText: "runs\nfollowed" }).waitFor();
    await lab.ran(2, 3);
    await lab.screenshot("lab-closed.png");
  });

  it("has the extension of Python's plotly beside its own", async () => {
    const extensions = await lab.page.evaluate(() =>
      Object.keys((window as { _JUPYTERLAB?: object })._JUPYTERLAB ?? {}),
    );
    expect(extensions).toEqual(expect.arrayContaining(["jupyterlab-plotly", "pepnet-plotly"]));
  });

  it("looks into what is clicked in a dial's charts, at its gammas, and follows the sliders", async () => {
    await lab.page.setViewportSize({ width: 1200, height: 2600 });
    await lab.open("dial.ipynb");
    const earlier = lab.pageErrors.length; // Notebook 7's
    await lab.runAll();
    await lab.ran(2, 3);
    const dial = lab.page.locator(".jp-CodeCell").nth(2);
    const click = async (figure: number, point: string): Promise<void> => {
      const place = dial.locator(".jp-RenderedPlotly").nth(figure).locator(point).last();
      await place.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await place.boundingBox())!;
      await lab.page.mouse.move(x + width / 2 - 2, y + height / 2 - 1);
      await lab.page.mouse.move(x + width / 2, y + height / 2);
      await lab.page.waitForTimeout(300); // Plotly clicks what the pointer hovers
      await lab.page.mouse.down();
      await lab.page.mouse.up();
    };
    const answers = (code: RegExp) => dial.locator("p code", { hasText: code }).waitFor();
    await dial.locator(".jp-RenderedPlotly .main-svg").nth(6).waitFor();
    await click(0, ".scatterlayer .point");
    await answers(/counterfactual.*swapDomain/);
    await click(3, ".scatterlayer .point");
    await answers(/explain/);
    const row = await dial.locator("p code").textContent();
    await dial.locator(".jp-OutputArea-output", { hasText: "logit" }).last().waitFor();
    await lab.screenshot("lab-dial.png");
    const track = dial.locator(".noUi-base").first();
    const { width, height } = (await track.boundingBox())!;
    await track.click({ position: { x: width * 0.2, y: height / 2 }, force: true });
    await dial.locator("caption", { hasText: "(trained at 2)" }).waitFor();
    expect(await dial.locator("p code").textContent()).toBe(row);
    await lab.theme("JupyterLab Dark");
    await lab.page.locator("#jupyterlab-splash").waitFor({ state: "detached" });
    await lab.screenshot("lab-dial-dark.png");
    await lab.theme("JupyterLab Light");

    await lab.toolbar("restart");
    await lab.page.locator(".jp-Dialog .jp-mod-accept").click();
    await lab.idle();
    await click(0, ".scatterlayer .point");
    await dial.locator(".jp-RenderedPlotly code", { hasText: "To look into it, run: await dial" }).waitFor();
    await lab.page.setViewportSize({ width: 1200, height: 1000 });
    expect(lab.pageErrors.slice(earlier)).toEqual([]);
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
    await expect.poll(hasPagesInk).toBe(true);
    await lab.theme("JupyterLab Dark");
    await expect.poll(hasPagesInk).toBe(true);
    await lab.open("drawn.ipynb");
    await expect.poll(hasPagesInk).toBe(true);
    await lab.screenshot("lab-reopened-dark.png");
  });

  it("describes data in tables and figures, which follow the theme", async () => {
    await lab.open("described.ipynb");
    await lab.runAll();
    await lab.page.locator(".jp-RenderedPlotly .main-svg").nth(1).waitFor();
    await expect.poll(hasPagesInk).toBe(true);
    expect(await lab.outputs(0).locator("img").count()).toBe(0);
    await lab.screenshot("lab-described-dark.png");
    await lab.theme("JupyterLab Light");
  });
});
