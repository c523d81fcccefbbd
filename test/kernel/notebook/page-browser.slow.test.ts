/** Every shipped notebook as a page in a browser: on a phone, at a desk, in the dark. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNotebook } from "../../../src/kernel/notebook/files.js";
import { notebookHtml } from "../../../src/kernel/notebook/page.js";
import { chromiumFlags, chromiumPath, patient } from "../../lab/render/chromium.js";

const notebooks = path.resolve(__dirname, "../../../notebooks");
const names = readdirSync(notebooks).filter((name) => name.endsWith(".ipynb"));

describe.skipIf(!existsSync(chromiumPath))("the page of a notebook in a browser", () => {
  let browser: Browser;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    page = patient(await browser.newPage());
    folder = mkdtempSync(path.join(tmpdir(), "notebook-pages-"));
    for (const name of names) {
      writeFileSync(
        path.join(folder, `${name}.html`),
        await notebookHtml(await readNotebook(path.join(notebooks, name))),
      );
    }
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** In one page for all, whose engine compiles plotly.js once. */
  async function opened(name: string, width: number, height: number, colorScheme?: "dark"): Promise<void> {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: colorScheme ?? null });
    await page.goto(pathToFileURL(path.join(folder, `${name}.html`)).href);
    await expect.poll(() => page.locator(".output > .plotly:not(:has(.main-svg))").count()).toBe(0);
  }

  test.each(names)(
    "%s fits a phone of 390 pixels: no sideways scroll, each chart but the diagram as wide as the page",
    async (name) => {
      await opened(name, 390, 800);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      const charts = await page.locator(".output > .plotly:not(.wide)").evaluateAll((places) =>
        places.map((place) => ({
          isNarrow: place.classList.contains("narrow"),
          over: place.querySelector(".main-svg")!.getBoundingClientRect().right - innerWidth,
          title: (place.querySelector(".title") as HTMLElement).offsetHeight > 0,
        })),
      );
      for (const { isNarrow, over, title } of charts) {
        expect([isNarrow, title]).toEqual([true, true]);
        expect(over).toBeLessThanOrEqual(0);
      }
    },
  );

  test.each(names)(
    "%s at 1440 pixels cuts off no table and no code that is not wider than the page, and names every button",
    async (name) => {
      await opened(name, 1440, 900);
      const cut = await page
        .locator(".output")
        .evaluateAll((outputs) =>
          outputs
            .filter(
              (output) => output.querySelector("td")?.closest("table") && output.scrollWidth > output.clientWidth + 1,
            )
            .map((output) => output.textContent?.slice(0, 60)),
        );
      expect(cut).toEqual([]);
      const buttons = await page
        .locator(".modebar-btn")
        .evaluateAll((all) => all.map((button) => button.getAttribute("aria-label") ?? ""));
      for (const button of buttons) expect(button).not.toBe("");
      const unnamed = await page
        .locator("img:not([alt]), img[alt=''], .output > .plotly > div:not([aria-label])")
        .count();
      expect(unnamed).toBe(0);
    },
  );

  test("a dark system gets dark charts, paper gets black ones, and without scripts there are tables", async () => {
    await opened("quickstart.ipynb", 1000, 800, "dark");
    expect(
      await page
        .locator(".xtick text")
        .first()
        .evaluate((text) => getComputedStyle(text).fill),
    ).toBe("rgb(229, 231, 235)");
    const printed = await page.evaluate(() => {
      dispatchEvent(new Event("beforeprint"));
      return [...document.querySelectorAll(".plotly .main-svg:first-child")].map((svg) => [
        svg.getBoundingClientRect().width,
        getComputedStyle(svg.parentElement!.querySelector(".gtitle") as Element).fill,
      ]);
    });
    for (const chart of printed) expect(chart).toEqual([688, "rgb(0, 0, 0)"]);
    const still = patient(await browser.newPage({ javaScriptEnabled: false, colorScheme: "dark" }));
    await still.goto(pathToFileURL(path.join(folder, "quickstart.ipynb.html")).href);
    const figures = await still.locator(".output > .plotly").count();
    expect(figures).toBeGreaterThan(3);
    expect(await still.locator(".output > .plotly > pre:visible").count()).toBe(figures);
    // A figure without a table keeps its picture, which is turned dark.
    const { cells } = await readNotebook(path.join(notebooks, "quickstart.ipynb"));
    for (const output of cells.flatMap(({ outputs = [] }) => outputs)) {
      if ("data" in output && "image/png" in output.data) output.data["text/plain"] = "a figure";
    }
    await still.setContent(await notebookHtml({ cells, metadata: {} }));
    const filters = await still
      .locator(".output > .plotly > img")
      .evaluateAll((images) => images.map((image) => getComputedStyle(image).filter));
    expect(filters).toHaveLength(figures);
    for (const filter of filters) expect(filter).toMatch(/^invert/);
    await still.close();
  });
});
