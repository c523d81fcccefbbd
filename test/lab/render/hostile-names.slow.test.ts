/** Names of strangers (features, domains, labels, parameters) in every kind of page: shown, and nothing of them runs. */

import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { figureHtml } from "../../../src/lab/render/figure-html.js";
import { judgedRun } from "../../../src/lab/report/judges/judges.js";
import { reportPage } from "../../../src/lab/report/page.js";
import { factsOf } from "../report/facts.js";
import { chromiumFlags, chromiumPath, patient } from "./chromium.js";

const code = "window.ran.push(1)";
const hostile = [
  `<img src=x onerror=${code}>`,
  `</script><script>${code}</script>`,
  `<a href="javascript:${code}">a</a>`,
  `" onmouseover="${code}" x="`,
  `'>\u2028<svg onload=${code}>`,
  `<span style="background:url(http://evil.test/x)">%{y}</span>`,
];
const [first = "", second = "", third = "", fourth = "", fifth = ""] = hostile;

/** Pages by what writes them. */
const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "a report": () => {
    const facts = { ...factsOf(hostile), title: first, notes: hostile, config: { text: second } };
    return reportPage(facts, judgedRun(facts));
  },
  "a model's diagram": () =>
    figureHtml(
      pepnet()
        .features(idFeature(first).buckets(9).embedding(4), idFeature(second).buckets(3).embedding(4))
        .labels(third)
        .group("domain", [second])
        .group("uia", [first])
        .epnet()
        .ppnet({ hidden: [8] })
        .domains(second, 3)
        .tower(fourth, (t) => t.label(third).mlp(4).bce().auc())
        .diagram().figure,
    ),
  "a figure's page with a title": () =>
    figureHtml({ data: [{ y: [1], name: "n" }], layout: { title: { text: fifth } }, config: {} }),
};

const written = new Map<string, string>();

describe.skipIf(!existsSync(chromiumPath))("names of strangers in a browser", () => {
  let browser: Browser;
  /** One page with the page's policy and one without, whose engines compile plotly.js once. */
  const opened = new Map<boolean, Page>();
  /** Since a page was opened last. */
  let requests: string[] = [];
  let errors: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  });
  afterAll(() => browser?.close());

  async function pageWith(bypassCSP: boolean): Promise<Page> {
    const page = patient(await (await browser.newContext({ bypassCSP })).newPage());
    opened.set(bypassCSP, page);
    page.on("request", (request) => {
      if (!/^(file|data|blob|about):/.test(request.url())) requests.push(request.url());
    });
    page.on("pageerror", (error) => errors.push(error.message));
    await page.addInitScript("window.ran = []");
    return page;
  }

  it.each(Object.entries(pages).flatMap(([name, page]) => [[name, page, false] as const, [name, page, true] as const]))(
    "%s (without its policy: $2)",
    async (name, write, bypassCSP) => {
      const file = path.join(mkdtempSync(path.join(tmpdir(), "pepnet-page-")), "page.html");
      if (!written.has(name)) written.set(name, await write());
      writeFileSync(file, written.get(name)!);
      const page = opened.get(bypassCSP) ?? (await pageWith(bypassCSP));
      await page.goto("about:blank");
      [requests, errors] = [[], []];
      await page.goto(pathToFileURL(file).href);
      if (name === "a report") await page.waitForSelector("body[data-charts=drawn]");
      else await page.waitForSelector(".main-svg");
      const seen = await page.evaluate(poke);
      expect(seen).toEqual({ ran: [], handlers: [], addresses: [] });
      expect(requests).toEqual([]);
      expect(errors).toEqual([]);
    },
  );
});

/** Runs in the page: fires the events that would run something, then tells what is there. */
function poke(): { ran: unknown[]; handlers: string[]; addresses: string[] } {
  document.addEventListener("click", (event) => event.preventDefault(), true);
  const all = [...document.querySelectorAll("body *")];
  for (const element of all) {
    for (const name of ["mouseover", "error", "load"]) element.dispatchEvent(new Event(name, { cancelable: true }));
  }
  const attributes = all.flatMap((element) => [...element.attributes]);
  return {
    ran: (window as unknown as { ran: unknown[] }).ran,
    handlers: attributes.filter(({ name }) => name.startsWith("on")).map(({ name }) => name),
    addresses: attributes
      .filter(
        ({ name, value }) =>
          /^(?:src|(?:xlink:)?href)$/.test(name) && /^\s*(?:javascript:|vbscript:|data:text)/i.test(value),
      )
      .map(({ value }) => value),
  };
}
