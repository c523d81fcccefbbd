import { gunzipSync } from "node:zlib";
import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import { studyWorth } from "../../../src/lab/ablation/worth.js";
import { reportFile } from "../../../src/lab/render/page-file.js";
import { judgedRun } from "../../../src/lab/report/judges/judges.js";
import { reportPage } from "../../../src/lab/report/page.js";
import { sectionNames } from "../../../src/lab/report/sections.js";
import type { ReportFacts } from "../../../src/lab/report/summary.js";
import { comparison } from "../charts/results.js";
import { studyOfWorth } from "../charts/study-results.js";
import { auc, factsOf, withMetrics } from "./facts.js";

const hostile = "<b>x</b><script>alert(1)</script>";

async function page(facts: ReportFacts, options: Parameters<typeof reportPage>[2] = {}) {
  const html = await reportPage(facts, judgedRun(facts), options);
  return { html, document: new JSDOM(html).window.document };
}

describe("a report's page", () => {
  test("has every section with a link to it, each chart with its title and numbers, and one copy of plotly.js", async () => {
    const { html, document } = await page(factsOf());
    const absent = ["data", "baseline", "next"];
    const wanted = sectionNames.filter((name) => !absent.includes(name));
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
    const plotly = document.querySelectorAll("script[type='text/plain']");
    expect([...plotly].map(({ id }) => id)).toEqual(["plotly"]);
    expect(gunzipSync(Buffer.from(plotly[0]!.textContent!, "base64")).toString()).toContain("plotly.js (cartesian");
    expect(html.length).toBeLessThan(1.5e6);
    expect(html.slice(0, 1024)).toContain(reportFile.mark);
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
      document.querySelectorAll(".tiles b, .findings b").length + 2,
    );
    expect(document.title).toBe(hostile);
    expect(document.querySelector("h1")?.textContent).toBe(hostile);
  });

  test("shows the sections that are asked for, and no script where there is no chart", async () => {
    const { html, document } = await page(factsOf(), { sections: ["next", "summary"] });
    expect([...document.querySelectorAll("main section")].map(({ id }) => id)).toEqual(["summary"]);
    expect(html.length).toBeLessThan(20_000);
    const alone = await page(factsOf(), { sections: ["next"] });
    expect(alone.document.querySelector("#next")?.textContent).toContain("No suggestions");
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
    expect([...document.querySelectorAll("main section")].map(({ id }) => id)).toEqual(["summary", "model", "origin"]);
    expect(document.querySelector("#model")?.textContent).toContain("No TorchEasyRec config: a switch");
    expect(document.querySelector("#summary")?.textContent).toContain("Not evaluated");
  });

  test("leads with the verdict and the worst findings, of different rules, and folds data, model and origin", async () => {
    const calm = factsOf();
    const evaluation = withMetrics(calm.evaluation!, (metrics) => ({
      ...metrics,
      calibration: 1.5,
      ...auc(0.49, 0.9),
    }));
    const { document } = await page({ ...calm, evaluation, interrupted: true });
    const summary = document.querySelector("#summary")!;
    expect([...summary.children].slice(1, 4).map(({ className }) => className)).toEqual([
      "verdict",
      "tiles",
      "findings",
    ]);
    expect(summary.querySelectorAll(".tiles > *")).toHaveLength(3);
    expect(summary.querySelector(".verdict")?.textContent).toMatch(/^Not ready: [^.]*\.$/);
    const worst = [...summary.querySelectorAll(".findings li")].map((item) => item.textContent!.slice(0, 12));
    expect(worst).toHaveLength(3);
    expect(worst[0]).toBe("training: in");
    // Further cases of the same rules follow below, none twice.
    const others = [...document.querySelectorAll("#next .findings b")].map(({ textContent }) => textContent);
    const first = [...summary.querySelectorAll(".findings b")].map(({ textContent }) => textContent);
    expect(new Set([...first, ...others]).size).toBe(first.length + others.length);
    for (const name of ["model", "origin"]) expect(document.querySelector(`details > section#${name}`)).not.toBeNull();
    expect(document.querySelector("details #evaluation")).toBeNull();
  });

  test("shows what the model is worth first, if it was measured, with every verdict", async () => {
    const worth = studyWorth(studyOfWorth(["under 25", "25–34", "35 and over"]), "PEPNet", "a model a domain");
    const { document } = await page({ ...factsOf(), worth });
    const summary = document.querySelector("#summary")!;
    expect(summary.querySelector("figcaption")!.firstChild!.textContent).toBe(worth.headline);
    expect([...summary.querySelectorAll(":scope > *")].slice(2, 3).map(({ tagName }) => tagName)).toEqual(["FIGURE"]);
    expect(summary.querySelector("details:not(.numbers)")!.textContent).toContain(worth.cells[0]!.says);
  });

  test("compares with a baseline, whose name is in the heading", async () => {
    const { document } = await page({ ...factsOf(), comparison: comparison(["under 25", "25–34", "35 and over"]) });
    const section = document.querySelector("#baseline")!;
    expect(section.querySelector("h2")?.textContent).toBe("Compared with epnet gamma 1");
    expect(section.querySelectorAll("figure")).toHaveLength(1);
    expect(section.querySelectorAll("details.part th[scope=col]").length).toBeGreaterThan(5);
  });
});
