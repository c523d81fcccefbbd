/**
 * A stranger's notebook as a page in a browser: nothing of it runs, nothing is loaded, nothing covers what is beside it;
 * and again with the page's policy switched off, so that each of the two walls is seen to hold by itself.
 */

import { existsSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NotebookCell, Output } from "../../../src/kernel/notebook/format.js";
import { notebookHtml } from "../../../src/kernel/notebook/page.js";
import { chromiumFlags, chromiumPath, patient } from "../../lab/render/chromium.js";
import { hostileFigures, hostileHtml, hostileMarkdown, hostileText } from "./hostile-pieces.js";
import { cell, emptyFolder, notebook } from "./notebook-files.js";

const figureType = "application/vnd.plotly.v1+json";
const gif = "R0lGODlhAQABAAAAACw=";

function shown(data: Record<string, unknown>): Output {
  return { output_type: "display_data", data, metadata: {} };
}

function code(source: string, ...outputs: Output[]): NotebookCell {
  return { ...cell(source), outputs, execution_count: 1 };
}

/** A link of the page's own before and after what is hostile: it is to stay where it is, and to be clicked. */
const landmark = cell('<p><a href="https://example.com/">landmark</a></p>', undefined, "markdown");

function between(...cells: NotebookCell[]): NotebookCell[] {
  return [landmark, ...cells, landmark];
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran.push(1)"><script>window.ran.push(1)</script></svg>`;
const attachments = {
  "a.png": { "image/png": `${gif}" onerror="window.ran.push(1)` },
  "b.svg": { "image/svg+xml": Buffer.from(svg).toString("base64") },
  "c.html": { "text/html": "PHNjcmlwdD4=" },
};

/** Pages by what is hostile in them. */
const pages: Readonly<Record<string, NotebookCell[]>> = {
  "markdown of HTML": hostileHtml.flatMap((piece) => between(cell(`${piece}\n`, undefined, "markdown"))),
  markdown: hostileMarkdown.flatMap((piece) => between({ ...cell(piece, undefined, "markdown"), attachments })),
  "HTML outputs": hostileHtml.flatMap((piece) => between(code("x", shown({ "text/html": piece })))),
  "SVG outputs": hostileHtml.flatMap((piece) =>
    between(
      code(
        "x",
        shown({ "image/svg+xml": `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">${piece}</svg>` }),
      ),
    ),
  ),
  "markdown outputs": [...hostileHtml, ...hostileMarkdown].flatMap((piece) =>
    between(code("x", shown({ "text/markdown": piece }))),
  ),
  "text, errors, code, pictures and types": hostileText.flatMap((piece) =>
    between(
      code(
        piece,
        { output_type: "stream", name: piece, text: [piece] },
        { output_type: "error", ename: piece, evalue: piece, traceback: [] },
        { output_type: "error", ename: "E", evalue: "", traceback: [piece] },
        shown({ "text/plain": piece, [piece]: piece }),
        shown({ "text/latex": piece }),
        shown({ "application/json": { [piece]: piece }, "application/javascript": "window.ran.push(1)" }),
        shown({ "image/png": `${gif}" onerror="window.ran.push(1)"${piece}` }),
        shown({ "image/jpeg": [piece, "\n", gif] }),
      ),
      cell(piece, undefined, "raw"),
      { ...cell(piece), id: piece, metadata: { tags: [piece], name: piece } },
    ),
  ),
  figures: hostileFigures.flatMap((figure) =>
    between(code("x", shown({ [figureType]: figure, "image/png": gif, "text/plain": "figure" }))),
  ),
};

interface Observation {
  readonly ran: unknown[];
  readonly dialogs: string[];
  readonly requests: string[];
  /** Addresses of links and of what is loaded. */
  readonly addresses: string[];
  readonly coveredLandmarks: number;
  readonly landmarks: number;
  readonly elements: string[];
}

const file = path.join(emptyFolder(), "page.html");
const written = new Map<string, string>();

describe.skipIf(!existsSync(chromiumPath))("a stranger's notebook in a browser", () => {
  let browser: Browser;
  /** One page with the page's policy and one without, whose engines compile plotly.js once. */
  const opened = new Map<boolean, Page>();
  /** Since a page was opened last. */
  let requests: string[] = [];
  let dialogs: string[] = [];
  let connections = 0;
  const evil = net.createServer((socket) => {
    connections++;
    socket.destroy();
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
    const { port } = evil.address() as net.AddressInfo;
    const resolver = `--host-resolver-rules=MAP evil.test 127.0.0.1:${port}`;
    browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags, resolver] });
  });
  afterAll(async () => {
    await browser?.close();
    evil.close();
  });

  async function pageWith(bypassCSP: boolean): Promise<Page> {
    const context = await browser.newContext({ bypassCSP, viewport: { width: 1000, height: 800 } });
    const page = patient(await context.newPage());
    opened.set(bypassCSP, page);
    page.on("request", (request) => {
      const url = request.url();
      if (url !== pathToFileURL(file).href && !/^(data|blob):/.test(url)) requests.push(url);
    });
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("popup", (popup) => dialogs.push(`popup ${popup.url()}`));
    await page.addInitScript("window.ran = []");
    return page;
  }

  async function open(name: string, bypassCSP: boolean): Promise<Observation> {
    if (!written.has(name)) written.set(name, await notebookHtml(notebook(...pages[name]!)));
    writeFileSync(file, written.get(name)!);
    const page = opened.get(bypassCSP) ?? (await pageWith(bypassCSP));
    await page.goto("about:blank");
    [requests, dialogs] = [[], []];
    await page.goto(pathToFileURL(file).href);
    await settled(page);
    return { ...(await page.evaluate(poke)), requests, dialogs };
  }

  for (const [name, cells] of Object.entries(pages)) {
    for (const bypassCSP of [false, true]) {
      it(`${name}${bypassCSP ? ", without the page's policy" : ""}: nothing runs, loads or covers`, async () => {
        const seen = await open(name, bypassCSP);
        expect(seen.ran).toEqual([]);
        expect(seen.dialogs).toEqual([]);
        expect(seen.requests).toEqual([]);
        expect(connections).toBe(0);
        expect(seen.elements).toEqual([]);
        const wrong = seen.addresses.filter((each) => !/^(https?:|mailto:|#|data:image\/|[\w.]*$)/.test(each));
        expect(wrong).toEqual([]);
        expect(seen.landmarks).toBe(cells.filter((each) => each === landmark).length);
        expect(seen.coveredLandmarks).toBe(0);
      });
    }
  }

  it("its figures are alive, and their pictures stand where a figure cannot be drawn", async () => {
    const alive = { data: [{ y: [1, 3, 2] }], layout: { title: { text: "alive" } } };
    const cells = [alive, ...hostileFigures, alive].map((figure) =>
      code("x", shown({ [figureType]: figure, "image/png": gif, "text/plain": "figure" })),
    );
    writeFileSync(file, await notebookHtml(notebook(...cells)));
    const page = opened.get(false) ?? (await pageWith(false));
    await page.goto(pathToFileURL(file).href);
    await settled(page);
    expect(await page.locator(".gtitle", { hasText: "alive" }).count()).toBe(2);
    // Maps, what needs WebGL, and what is no figure.
    const pictures = await page.locator("img").count();
    expect(pictures).toBeGreaterThanOrEqual(6);
    expect(pictures + (await page.locator(".js-plotly-plot").count())).toBe(cells.length);
  });
});

/** Waits until every figure is drawn or given up. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".output > .plotly")].every((place) => {
      const drawn = place.querySelector(".js-plotly-plot .main-svg");
      return drawn ? !place.querySelector("img") : place.children.length <= 2 && place.querySelector("img");
    }),
  );
}

/** Runs in the page: moves over, clicks and fires everything, then tells what is there. */
function poke(): Omit<Observation, "requests" | "dialogs"> {
  const { ran } = window as unknown as { ran: unknown[] };
  const isOurs = (element: Element): boolean =>
    element.closest(".plotly") !== null && element.closest("[data-notours]") === null;
  const everything = [...document.querySelectorAll("main *")];
  document.addEventListener("click", (event) => event.preventDefault(), true);
  const events = [
    "mouseover",
    "mouseenter",
    "focus",
    "click",
    "toggle",
    "animationstart",
    "load",
    "error",
    "pointerdown",
  ];
  for (const element of everything)
    for (const name of events) element.dispatchEvent(new Event(name, { cancelable: true }));
  const attributes = everything.flatMap((element) =>
    [...element.attributes].map((attribute) => ({ element, attribute })),
  );
  const addresses = attributes
    .filter(({ attribute }) => /^(?:xlink:)?href$|^src$|^srcset$|^data$|^action$|^poster$|^ping$/.test(attribute.name))
    .map(({ attribute }) => attribute.value);
  const urls = attributes
    .filter(
      ({ attribute, element }) =>
        /url\(/i.test(attribute.value) && !/url\(["']?(#|file:[^)]*#)/.test(attribute.value) && !isOurs(element),
    )
    .map(({ attribute }) => attribute.value);
  const handlers = attributes
    .filter(({ attribute }) => /^on/i.test(attribute.name) && attribute.name !== "onclick")
    .map(({ attribute }) => attribute.name);
  const forbidden =
    "script:not([type='application/json']), style, link, meta, base, iframe, object, embed, form, input, button, textarea, select, video, audio, dialog, [popover], template, foreignObject, animate, set, [name], [id='Plotly']";
  const elements = [...document.querySelectorAll(forbidden)]
    .filter((element) => document.querySelector("main")?.contains(element) && !isOurs(element))
    .map((element) => element.outerHTML.slice(0, 80));
  const landmarks = [...document.querySelectorAll("a[href='https://example.com/']")].filter(
    (a) => a.textContent === "landmark",
  );
  let coveredLandmarks = 0;
  for (const landmark of landmarks) {
    landmark.scrollIntoView({ block: "center" });
    const box = landmark.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (top !== landmark) coveredLandmarks++;
  }
  return {
    ran,
    addresses: [...addresses, ...urls],
    elements: [...elements, ...handlers],
    landmarks: landmarks.length,
    coveredLandmarks,
  };
}
