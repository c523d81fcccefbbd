/** Every sample chart in a browser at the widths of notebooks: no text is cut off, none covers another. */
import { existsSync, readFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { figureHtml } from "../../../src/lab/render/figure-html.js";
import { NARROW_WIDTH, narrowFigure } from "../../../src/lab/render/narrow.js";
import { plotlyFile } from "../../../src/lab/render/plotly-file.js";
import type { Chart, Figure } from "../../../src/lab/views/view.js";
import { goldens, samples } from "../charts/samples.js";
import { chromiumFlags, chromiumPath, patient } from "./chromium.js";

/** What 3 and 50 domains show at both ends is drawn for twelve before a release, and four tasks on phones then too. */
const isDrawn = (name: string): boolean => process.env["PEPNET_LONG"] !== undefined || !name.endsWith("-12-domains");
const isOnPhone = (name: string): boolean => process.env["PEPNET_LONG"] !== undefined || !name.endsWith("-four-tasks");
const drawn = Object.keys(samples).filter(isDrawn);
/** A model's diagram is of no page that is laid out for phones. */
const onPhones = Object.entries(samples).filter(
  ([name]) => isDrawn(name) && isOnPhone(name) && !name.startsWith("model-diagram"),
);

/** Draws figures by name, one at a time in a page that holds plotly.js, and gives the faults of each. */
async function faultsByName(
  page: Page,
  figures: Readonly<Record<string, Figure>>,
): Promise<Record<string, Observation>> {
  const head = '<!doctype html><meta charset="utf-8"><style>body{margin:0}</style>';
  await page.setContent(`${head}<script>${readFileSync(plotlyFile([]), "utf8")}</script>`);
  await page.addScriptTag({ content: `window.faultsOf = ${faultsOf}` });
  return page.evaluate(drawEach, JSON.stringify(figures)); // as text: Playwright writes values slowly
}

describe.skipIf(!existsSync(chromiumPath))("in a browser", () => {
  let browser: Browser;
  /** One for all figures, whose engine compiles plotly.js once. */
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    page = patient(await browser.newPage());
  });
  afterAll(() => browser?.close());

  // Where there is more room, one chart of each kind says enough.
  test.each([
    [660, drawn],
    [850, goldens],
  ])("at %i pixels every title, tick, legend and button has its own place", async (width, names) => {
    await page.setViewportSize({ width, height: 900 });
    const figures = Object.fromEntries(names.map((name) => [name, samples[name]!().figure]));
    for (const [name, { texts, faults }] of Object.entries(await faultsByName(page, figures))) {
      expect(texts, name).toBeGreaterThan(3);
      expect(faults, name).toEqual([]);
    }
  });

  test("on a phone every figure, laid out for it, has the same", async () => {
    await page.setViewportSize({ width: NARROW_WIDTH, height: 740 });
    const figures = Object.fromEntries(onPhones.map(([name, make]) => [name, narrowFigure(make().figure)]));
    for (const [name, { faults }] of Object.entries(await faultsByName(page, figures))) {
      expect(faults, name).toEqual([]);
    }
  });

  test("of a model's diagram every block shows its shapes under the pointer, at any width", async () => {
    for (const width of [660, 1300]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto("about:blank");
      await page.setContent(await figureHtml((samples["model-diagram"] as () => Chart)().figure));
      const gate = page.locator(".textpoint text", { hasText: "EPNet: Gate NU" });
      const box = (await gate.boundingBox()) as { x: number; y: number };
      await page.mouse.move(box.x + 40, box.y + 30);
      await expect
        .poll(() => page.locator(".hoverlayer").textContent())
        .toContain("input [rows, 81]: domain 8, all 73");
    }
  });

  test("a page of its own is as wide as the window, then and when that changes", async () => {
    await page.setViewportSize({ width: 1000, height: 900 });
    await page.goto("about:blank");
    await page.setContent(await figureHtml((samples["gates"] as () => Chart)().figure));
    const svg = page.locator(".main-svg").first();
    expect((await svg.boundingBox())?.width).toBe(1000 - 32);
    await page.setViewportSize({ width: 720, height: 900 });
    await expect.poll(async () => (await svg.boundingBox())?.width).toBe(720 - 32);
  });
});

interface Observation {
  readonly texts: number;
  readonly faults: string[];
}

/** Runs in the page. Many figures at once would all be laid out again for each box that Plotly asks for. */
async function drawEach(json: string): Promise<Record<string, Observation>> {
  const figures: Record<string, Figure> = JSON.parse(json);
  const { Plotly, faultsOf: look } = window as unknown as {
    Plotly: { newPlot(...values: unknown[]): Promise<void>; purge(place: Element): void };
    faultsOf: (id: string) => Observation;
  };
  const seen: Record<string, Observation> = {};
  for (const [name, { data, layout, config }] of Object.entries(figures)) {
    const place = document.createElement("div");
    place.id = name;
    place.style.height = `${String(layout["height"])}px`;
    document.body.append(place);
    await Plotly.newPlot(place, data, layout, config);
    seen[name] = look(name);
    Plotly.purge(place);
    place.remove();
  }
  return seen;
}

/** Runs in the page: texts that leave the figure `id`, and pairs of which one covers the other. */
function faultsOf(id: string): Observation {
  const figure = document.getElementById(id) as HTMLElement;
  const frame = figure.getBoundingClientRect();
  // Of a title of several lines each has its place: the second may be longer and reach below the buttons.
  const selectors = [
    ".gtitle:not(:has(tspan)), .gtitle tspan, [class$=title]:not(.gtitle, .g-gtitle), .annotation-text",
    ".xtick text, .ytick text, .legendtext, .modebar-group",
    ...(id.startsWith("model-diagram") ? [".textpoint text"] : []),
  ].join();
  const boxes = [...figure.querySelectorAll(selectors)]
    .map((element) => ({ element, box: element.getBoundingClientRect(), name: element.textContent || "buttons" }))
    .filter(({ box }) => box.width > 0);
  const faults = boxes
    .filter(
      ({ box }) =>
        box.left < frame.left - 1 ||
        box.right > frame.right + 1 ||
        box.top < frame.top - 1 ||
        box.bottom > frame.bottom + 1,
    )
    .map(({ name }) => `${name} is cut off`);
  // Boxes around slanted names overlap where the names do not.
  const upright = boxes.filter(
    ({ element }) => !/rotate\(-?[1-8]\d?[,.)]/.test(element.getAttribute("transform") ?? ""),
  );
  upright.forEach((one, index) => {
    for (const other of upright.slice(index + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (width > 1 && height > 3) faults.push(`${one.name} and ${other.name} overlap`);
    }
  });
  return { texts: boxes.length, faults };
}
