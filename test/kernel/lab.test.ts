/** The real JupyterLab in a headless Chromium; skipped where either is missing. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/kernel/paths.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";
import { environmentWithKernel, python } from "./python.js";

const chromiumPath = process.env["PEPNET_CHROMIUM"] ?? "/usr/bin/chromium";
const flags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const screenshots = path.join(packageRoot, "out", "screenshots");

const figure = `class Figure {
  [Symbol.for("Jupyter.display")]() {
    return { "application/vnd.plotly.v1+json": { data: [{ y: [1, 3, 2], name: "loss" }], layout: { title: { text: "Planted title" } } },
      "text/plain": "figure" };
  }
}
new Figure()`;

describe.skipIf(python === null || !existsSync(chromiumPath))("JupyterLab (needs Python and Chromium)", () => {
  const folder = emptyFolder();
  let server: ChildProcess;
  let browser: Browser;
  let page: Page;
  let address: string;
  const pageErrors: string[] = [];

  beforeAll(async () => {
    save(
      folder,
      "figure.ipynb",
      notebook(cell("const n: number = 20;\nconsole.log('printed', n)"), cell(figure), cell("n + 1")),
    );
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const options = [
      `--port=${port}`,
      "--no-browser",
      "--allow-root",
      "--IdentityProvider.token=",
      `--ServerApp.root_dir=${folder}`,
    ];
    const env = await environmentWithKernel();
    server = spawn(python as string, ["-m", "jupyterlab", ...options], {
      env,
      stdio: "ignore",
      cwd: folder,
    });
    browser = await chromium.launch({ executablePath: chromiumPath, args: flags.split(" ") });
    page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    page.on("pageerror", (error) => pageErrors.push(error.message));
    await answers(`${address}/api`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.kill("SIGTERM");
  });

  async function openNotebook(): Promise<void> {
    await page.goto(`${address}/lab/tree/figure.ipynb?reset`);
    // Run All while there is "No Kernel" does nothing and says nothing.
    await page.locator(".jp-Toolbar-kernelName", { hasText: "TypeScript (PEPNet)" }).waitFor({ timeout: 40_000 });
  }

  it("runs all cells and draws a Plotly figure by the installed extension", async () => {
    await openNotebook();
    await page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    const drawn = page.locator(".jp-RenderedPlotly .gtitle");
    await drawn.waitFor({ timeout: 60_000 });
    expect(await drawn.textContent()).toBe("Planted title");
    expect((await page.locator(".jp-RenderedPlotly").boundingBox())?.height).toBeGreaterThan(400);
    await page.locator(".jp-OutputArea-output", { hasText: /^21$/ }).waitFor({ timeout: 20_000 });
    await page.locator(".jp-OutputArea-output", { hasText: "printed 20" }).waitFor();
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: path.join(screenshots, "lab-figure.png") });
    expect(pageErrors).toEqual([]);
  });

  it("colours cells as TypeScript", async () => {
    const keywords = page.locator(".jp-CodeCell .cm-content span", { hasText: /^const$/ });
    expect(await keywords.count()).toBeGreaterThan(0);
    expect(await page.locator(".jp-CodeCell .cm-content").first().getAttribute("data-language")).toBe("typescript");
  });

  it("saves the figure without a copy of plotly.js, and draws it again when the notebook is opened untrusted", async () => {
    await page.keyboard.press("Control+s");
    await expect
      .poll(() => open(path.join(folder, "figure.ipynb")).cells[1]?.outputs?.length, { timeout: 20_000 })
      .toBe(1);
    const saved = open(path.join(folder, "figure.ipynb"));
    expect(saved.cells.map((each) => each.execution_count)).toEqual([1, 2, 3]);
    expect(JSON.stringify(saved).length).toBeLessThan(10_000);
    // Another file with the same content was never trusted by this server.
    saved.cells.push(cell("'changed outside'"));
    save(folder, "figure.ipynb", saved);
    await openNotebook();
    await page.locator(".jp-RenderedPlotly .gtitle").first().waitFor({ timeout: 40_000 });
    expect(pageErrors).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 240; tries++) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await sleep(250);
  }
  throw new Error(`${url} does not answer`);
}
