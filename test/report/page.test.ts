import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import { type ReportFacts, reportMark, reportPage, sectionNames, suggestions } from "../../src/report/index.js";
import { factsOf } from "./facts.js";

const hostile = "<b>x</b><script>alert(1)</script>";

async function page(facts: ReportFacts, options: Parameters<typeof reportPage>[2] = {}) {
  const html = await reportPage(facts, suggestions(facts), { pictures: false, ...options });
  return { html, document: new JSDOM(html).window.document };
}

describe("a report's page", () => {
  test("has every section with a link to it, each chart with its title and numbers, and one copy of plotly.js", async () => {
    const { html, document } = await page(factsOf());
    const wanted = sectionNames.filter((name) => name !== "data");
    expect([...document.querySelectorAll("main section")].map(({ id }) => id)).toEqual(wanted);
    expect([...document.querySelectorAll("nav a")].map((link) => link.getAttribute("href"))).toEqual(
      wanted.map((name) => `#${name}`),
    );
    const figures = [...document.querySelectorAll("figure")];
    expect(figures.length).toBeGreaterThan(10);
    for (const figure of figures) {
      expect(figure.querySelector("figcaption")?.textContent).not.toBe("");
      const { data, narrow } = JSON.parse(figure.querySelector("script")?.textContent ?? "");
      expect(narrow.data).toHaveLength(data.length);
      expect(figure.querySelectorAll("details th[scope=col]").length).toBeGreaterThan(1);
    }
    expect(html.split("plotly.js v").length - 1).toBe(1);
    expect(html.slice(0, 1024)).toContain(reportMark);
    expect(document.documentElement.lang).toBe("en");
  });

  test("asks no network", async () => {
    const { document } = await page(factsOf());
    expect(document.querySelectorAll("script[src], link, img[src^=http], iframe")).toHaveLength(0);
  });

  test("escapes every name, and says it as it is", async () => {
    const facts = factsOf([hostile, "plain"]);
    const { html, document } = await page({
      ...facts,
      title: hostile,
      notes: [hostile],
      config: { text: hostile },
      data: [{ use: hostile, source: hostile, rows: 1, sha256: null, notes: [hostile], tables: [], charts: [] }],
    });
    expect(html).not.toContain("<script>alert");
    expect(document.querySelectorAll("b, script:not([type])")).toHaveLength(
      document.querySelectorAll(".tiles b, .suggestions b").length + 2,
    );
    expect(document.title).toBe(hostile);
    expect(document.querySelector("h1")?.textContent).toBe(hostile);
  });

  test("shows the sections that are asked for, and no script where there is no chart", async () => {
    const { html, document } = await page(factsOf(), { sections: ["next", "summary"] });
    expect([...document.querySelectorAll("main section")].map(({ id }) => id)).toEqual(["summary", "next"]);
    expect(html.length).toBeLessThan(20_000);
  });

  test("leaves out what is not there", async () => {
    const none = {
      evaluation: null,
      calibration: null,
      gates: null,
      gatesHistory: [],
      counterfactuals: null,
      study: null,
    };
    const history = { points: [], evaluations: [], bestStep: null };
    const { document } = await page({ ...factsOf(), ...none, history, config: { refused: "a switch" } });
    expect([...document.querySelectorAll("main section")].map(({ id }) => id)).toEqual([
      "summary",
      "model",
      "next",
      "origin",
    ]);
    expect(document.querySelector("#model")?.textContent).toContain("No TorchEasyRec config: a switch");
    expect(document.querySelector("#next")?.textContent).toContain("No suggestions");
  });
});
