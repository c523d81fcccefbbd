/** The page in a browser, opened from disk: at a desk, on a phone, in the dark and on paper. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgedRun } from "../../../src/lab/report/judges/judges.js";
import { reportPage } from "../../../src/lab/report/page.js";
import { chromiumFlags, chromiumPath, patient } from "../render/chromium.js";
import { factsOf } from "./facts.js";

describe.skipIf(!existsSync(chromiumPath))("a report in a browser", () => {
  let browser: Browser;
  /** One for all tests with scripts, whose engine compiles plotly.js once. */
  let page: Page;
  let folder: string;
  /** Errors and requests since the report was opened last. */
  let faults: string[] = [];
  let address: string;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    page = patient(await browser.newPage());
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) faults.push(request.url());
    });
    folder = mkdtempSync(path.join(tmpdir(), "report-"));
    const facts = factsOf(["under 25", "a domain whose name is long & has <b>markup</b>", "35 and over"]);
    writeFileSync(path.join(folder, "report.html"), await reportPage(facts, judgedRun(facts)));
    address = pathToFileURL(path.join(folder, "report.html")).href;
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens every folded part, as a reader would. */
  const unfold = async (): Promise<void> => {
    await page.evaluate(() => {
      for (const part of document.querySelectorAll("details")) part.open = true;
    });
    await expect.poll(() => page.locator(".plot:not(.drawn)").count()).toBe(0);
  };

  async function open(width: number, height: number, colorScheme?: "dark"): Promise<void> {
    faults = [];
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: colorScheme ?? null, media: null });
    await page.goto(address);
    await page.waitForSelector("body[data-charts=drawn]");
  }

  test("draws every chart at a desk, without an error or a request, each as wide as the page", async () => {
    await open(1200, 800);
    // Folded charts are drawn when they are opened.
    expect(await page.locator(".plot.drawn").count()).toBeLessThan(await page.locator("figure").count());
    await unfold();
    const widths = await page
      .locator(".plot.drawn")
      .evaluateAll((places) =>
        places.map((place) => [place.clientWidth, place.querySelector(".main-svg")?.clientWidth]),
      );
    expect(widths.length).toBe(await page.locator("figure").count());
    for (const [place, drawn] of widths) expect(drawn).toBe(place);
    expect(faults).toEqual([]);
  });

  test("fits a phone: the page does not scroll sideways, charts are narrow, and change with the window", async () => {
    await open(360, 740);
    const sideways = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await sideways()).toBeLessThanOrEqual(0);
    // The names of a row and its AUC are in sight, and the names stay so where the table is scrolled.
    const evaluation = page.locator("[role=region][aria-label^='Evaluation by task']:not(.numbers *)").first();
    const places = (): Promise<number[][]> =>
      evaluation.evaluate((region) => {
        const cells = [...region.querySelectorAll("thead th")];
        const [from, auc] = [
          region.getBoundingClientRect().left,
          cells.find(({ textContent }) => textContent === "AUC")!,
        ];
        return [cells[0]!, cells[1]!, auc].map((cell) => {
          const { left, right } = cell.getBoundingClientRect();
          return [Math.round(left - from), Math.round(right - from)];
        });
      });
    const [task, domain, auc] = await places();
    expect(auc![1]).toBeLessThanOrEqual(328);
    await evaluation.evaluate((region) => region.scrollTo(1000, 0));
    expect((await places()).slice(0, 2)).toEqual([task, domain]);
    await unfold();
    expect(await sideways()).toBeLessThanOrEqual(0);
    // Where second panels begin: at the left on a phone, and some beside the first at a desk.
    const second = (): Promise<number> =>
      page.evaluate(() => {
        const live = [...document.querySelectorAll("figure .live")] as unknown as {
          layout: { xaxis2?: { domain: number[] } };
        }[];
        return Math.max(...live.flatMap(({ layout }) => layout?.xaxis2?.domain[0] ?? []));
      });
    expect(await second()).toBe(0);
    await page.setViewportSize({ width: 1000, height: 740 });
    await expect.poll(second).toBeGreaterThan(0.2);
    expect(faults).toEqual([]);
  });

  test("names the buttons above a chart, and opens a folded part that a link leads to", async () => {
    await open(1000, 800);
    const buttons = await page
      .locator(".modebar-btn")
      .evaluateAll((all) => all.map((button) => [button.getAttribute("role"), button.getAttribute("aria-label")]));
    expect(buttons.length).toBeGreaterThan(3);
    for (const [role, name] of buttons) expect([role, name]).toEqual(["button", expect.stringMatching(/\w/)]);
    await page.click("nav a[href='#model']");
    await expect.poll(() => page.locator("#model table").first().isVisible()).toBe(true);
  });

  test("takes the colours of a dark system", async () => {
    await open(1000, 800, "dark");
    const colours = await page.evaluate(() => [
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.querySelector(".xtick text") as Element).fill,
    ]);
    expect(colours).toEqual(["rgb(17, 17, 17)", "rgb(229, 231, 235)"]);
  });

  test("prints every chart, as wide as the paper and in black, and leaves out what only a screen can do", async () => {
    await open(1000, 800, "dark");
    const charts = (): Promise<[number, string][]> =>
      page.locator(".plot.drawn").evaluateAll((places) =>
        places.map((place) => {
          const ink = getComputedStyle(place.querySelector(".xtick text") as Element).fill;
          return [place.querySelector(".main-svg")!.getBoundingClientRect().width, ink];
        }),
      );
    const before = await charts();
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    // At once: a browser prints when its handlers have returned.
    const printed = await charts();
    expect(printed).toHaveLength(await page.locator("figure").count());
    for (const chart of printed) expect(chart).toEqual([688, "rgb(0, 0, 0)"]);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("nav:visible, .numbers:visible, .modebar:visible").count()).toBe(0);
    // No table of a folded part is lost.
    const tables = page.locator("details.part table:not(.numbers *)");
    expect(await tables.count()).toBeGreaterThan(0);
    const heights = await tables.evaluateAll((all) =>
      all.map((table) => table.checkVisibility({ contentVisibilityAuto: true })),
    );
    expect(heights.every(Boolean)).toBe(true);
    // What is wider than the paper shrinks the page, so that charts do not fill it.
    await page.setViewportSize({ width: 688, height: 1000 });
    const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(688);
    const table = page.locator("main table:not(.numbers *)").first();
    await table.evaluate((element) => element.setAttribute("style", "min-width: 900px"));
    expect(await width()).toBeGreaterThan(688);
    await table.evaluate((element) => element.removeAttribute("style"));
    // A config of 150 lines is less than a page.
    const height = await page.evaluate(() => {
      const pre = document.querySelector("pre")!;
      pre.textContent = "  feature_configs { id_feature { feature_name: 'user_id' } }\n".repeat(150);
      return pre.getBoundingClientRect().height;
    });
    expect(height).toBeLessThan(1000);
    await page.setViewportSize({ width: 1000, height: 800 });
    expect((await page.pdf({ format: "A4" })).byteLength).toBeGreaterThan(100_000);
    await page.emulateMedia({ media: "screen" });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await expect.poll(async () => (await charts()).slice(0, before.length)).toEqual(before);
  });

  test("where scripts do not run, says so and has every number", async () => {
    const page = await browser.newPage({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    await page.goto(address);
    expect(await page.locator("header noscript").textContent()).toContain("The charts need scripts");
    const unfolded = page.locator("figure:not(details *)");
    expect(await unfolded.count()).toBeGreaterThan(3);
    expect(await unfolded.locator("figcaption:visible").count()).toBe(await unfolded.count());
    await unfolded.first().locator("summary").click();
    expect(await unfolded.first().locator("td:visible").count()).toBeGreaterThan(3);
    await page.close();
  });

  test("says what it says without scripts where the browser cannot unpack plotly.js", async () => {
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "DecompressionStream"));
    await page.goto(address);
    await page.locator("header", { hasText: "The charts need scripts" }).waitFor();
    expect(await page.locator(".main-svg").count()).toBe(0);
    await page.close();
  });
});
