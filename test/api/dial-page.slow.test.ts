/** `dial.report()`: a page whose sliders work from disk, without a kernel or a network. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { pepnet } from "../../src/api/model/model.js";
import type { Dial } from "../../src/api/run/dial.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";
import type { Output } from "../../src/kernel/notebook/format.js";
import { notebookHtml } from "../../src/kernel/notebook/page.js";
import { framesMime, packFrames, untrustedFrames } from "../../src/lab/render/frames.js";
import { cell, notebook } from "../kernel/notebook/notebook-files.js";
import { chromiumFlags, chromiumPath, patient } from "../lab/render/chromium.js";

const folder = mkdtempSync(path.join(tmpdir(), "dial-"));
const file = path.join(folder, "dial.html");
const notebookFile = path.join(folder, "notebook.html");
let dial: Dial;
beforeAll(async () => {
  const log = taobaoLike({ rows: 2_000, seed: 5 });
  const model = pepnet()
    .features(
      idFeature("user_id").buckets(200).embedding(4),
      idFeature("cate_id").buckets(48).embedding(4),
      idFeature("occupation").buckets(3).embedding(4),
    )
    .labels("clk", "buy")
    .group("domain", ["occupation"])
    .group("uia", ["user_id", "cate_id"])
    .epnet({ gamma: 2, hidden: 8 })
    .ppnet({ hidden: [8] })
    .domains("occupation", ["student", "<b>worker</b>", "retired"])
    .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
    .tower("cvr", (t) => t.label("buy").mlp(8).bce().auc());
  const run = await model.fit(await dataset(log.table), { epochs: 1 });
  dial = await run.dial(null);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a dial's page", () => {
  it("is written with its size, replaces itself only, and leaves the dial where it was", async () => {
    const report = await dial.report({ path: file, gammas: { epnet: [0.5, 4], ppnet: [1, 2] } });
    expect(report.bytes).toBe(readFileSync(file).length);
    expect(report.bytes).toBeLessThan(1.7e6);
    expect(dial.gammas).toEqual({ epnet: 2, ppnet: 2 });
    const { [framesMime]: frames } = await report.bundle();
    expect(String(frames).length).toBeLessThan(1e6);
    // Saved notebooks have lists of lines.
    const output = {
      output_type: "execute_result",
      data: { [framesMime]: [frames] },
      metadata: {},
      execution_count: 1,
    };
    const cells = [{ ...cell("await dial.report(…)"), outputs: [output as Output], execution_count: 1 }];
    writeFileSync(notebookFile, await notebookHtml(notebook(...cells)));
    const other = path.join(folder, "notes.html");
    writeFileSync(other, "notes");
    await expect(dial.report({ path: other })).rejects.toThrow(/not a report/);
  });

  it("refuses gammas that are not positive, all at once", async () => {
    const gammas = { epnet: [0, 1], ppnet: [Number.NaN] };
    await expect(dial.report({ path: file, gammas })).rejects.toThrow(
      /gammas.epnet[\s\S]*a number > 0[\s\S]*gammas.ppnet/,
    );
  });

  it("is harmless in a stranger's notebook: nothing of it runs, and what is not frames is not drawn", async () => {
    const image = { source: "https://example.com/x.png" };
    const figure = {
      data: [{ y: [1], text: "<b style='background:url(x)'>" }],
      layout: { images: [image] },
      config: {},
    };
    const table = { caption: "<script>1</script>", columns: ["a"], rows: [["<img src=x>"]] };
    const control = { label: "<i>", values: ["1"], at: 0, kind: "slider", setting: null } as const;
    const parts = [
      { by: [0], items: [figure] },
      { by: [0], items: [table] },
    ];
    const packed = untrustedFrames(packFrames({ controls: [control], parts, code: ["", ""] }));
    const text = gunzipSync(Buffer.from(packed ?? "", "base64")).toString();
    expect(text).not.toContain("example.com");
    expect(text).not.toContain("url(");
    expect(text).toContain("<img src=x>"); // a text, which the page never reads as HTML
    const map = { data: [{ type: "scattergeo" }], layout: {}, config: {} };
    expect(untrustedFrames(packFrames({ controls: [], parts: [{ by: [], items: [map] }], code: ["", ""] }))).toBeNull();
    expect(untrustedFrames(gzipSync("{}").toString("base64"))).toBeNull();
    expect(untrustedFrames("not gzip")).toBeNull();
    expect(untrustedFrames(gzipSync(Buffer.alloc(7e7)).toString("base64"))).toBeNull();
  });

  it("has a bounded size: larger frames are not packed", () => {
    const noise = Array.from({ length: 1.2e6 }, () => Math.random());
    const figure = { data: [{ y: noise }], layout: {}, config: {} };
    expect(packFrames({ controls: [], parts: [{ by: [], items: [figure] }], code: ["", ""] })).toBeNull();
  });

  it.skipIf(!existsSync(chromiumPath))(
    "shows the numbers of each position, and the code of what is clicked, in a browser without a network",
    async () => {
      const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
      try {
        const page = patient(await browser.newPage({ viewport: { width: 1000, height: 1800 } }));
        const faults: string[] = [];
        page.on("pageerror", (error) => faults.push(error.message));
        page.on("request", (request) => {
          if (!/^(file|data|blob):/.test(request.url())) faults.push(request.url());
        });
        await page.goto(pathToFileURL(file).href);
        await page.locator('.frames[data-drawn="1,1,0,0"]').waitFor();
        expect(await page.locator("main > p").first().textContent()).toContain("not a model that was trained at these");
        await page.locator("input[type=range]").first().fill("0");
        await page.locator("select").nth(0).selectOption("cvr");
        await page.locator("select").nth(1).selectOption("<b>worker</b>");
        await page.locator('.frames[data-drawn="0,1,1,2"]').waitFor();
        await dial.set({ epnet: 0.5 });
        expect(await page.locator("caption").textContent()).toBe(dial.table().caption);
        const cells = await page.locator("tbody tr:nth-child(2) td").allTextContents();
        expect(cells.at(-3)).toBe(Number(dial.rows()[1]?.["difference"]).toFixed(4).replace("-", "−"));
        const curves = page.locator(".chart").first();
        expect(await curves.locator(".gtitle").textContent()).toMatch(/^cvr: AUC .*EPNet gamma 0\.5, PPNet ?gamma 2$/);
        const present = await curves.evaluate((chart) => (chart as unknown as { data: { x: number[] }[] }).data[0]!.x);
        expect(present).toEqual([0.5, 0.5]); // the line at the present gamma
        const moved = dial.movedRows({ tower: "cvr", domain: "<b>worker</b>" }).rows();
        const point = page.locator(".chart").nth(1).locator(".scatterlayer .point").first();
        const { x, y, width, height } = (await point.boundingBox())!;
        await page.mouse.move(x + width / 2 - 2, y + height / 2 - 1);
        await page.mouse.move(x + width / 2, y + height / 2);
        await page.waitForTimeout(300); // Plotly clicks what the pointer hovers
        await page.mouse.down();
        await page.mouse.up();
        const code = `await dial.set({ epnet: 0.5, ppnet: 2 }); await dial.explain({ row: ${moved[0]?.["row"]} })`;
        await expect.poll(() => page.locator(".typed code").textContent()).toBe(code);
        const picture = process.env["PEPNET_PICTURE"];
        if (picture) await page.screenshot({ path: picture, fullPage: true });
        await page.emulateMedia({ colorScheme: "dark" });
        const ink = await page.evaluate(() => getComputedStyle(document.body).color);
        const title = page.locator(".gtitle").first();
        await expect.poll(() => title.evaluate((text) => getComputedStyle(text).fill)).toBe(ink);
        if (picture) await page.screenshot({ path: picture.replace(".png", "-dark.png"), fullPage: true });
        await page.setViewportSize({ width: 390, height: 800 });
        const sideways = () => page.locator(".frames").evaluate((frames) => frames.scrollWidth - frames.clientWidth);
        await expect.poll(sideways).toBe(0);
        await page.locator("input[type=range]").first().fill("1");
        await page.locator('.frames[data-drawn="1,1,1,2"]').waitFor();
        expect(await sideways()).toBe(0);
        expect(await page.locator(".wide").count()).toBe(0);
        expect(await page.locator(".finding").nth(0).textContent()).toContain("cvr: AUC");
        expect(await page.locator(".finding").nth(1).textContent()).toContain("Predictions of cvr");
        if (picture) await page.screenshot({ path: picture.replace(".png", "-phone.png"), fullPage: true });
        await page.setViewportSize({ width: 1000, height: 1800 });
        await page.goto(pathToFileURL(notebookFile).href);
        await page.locator('.frames[data-drawn="1,1,0,0"]').waitFor();
        await page.locator("input[type=range]").nth(1).fill("0");
        await page.locator('.frames[data-drawn="1,0,0,0"]').waitFor();
        expect(await page.locator("caption").textContent()).toContain("PPNet gamma 1 (trained at 2)");
        expect(faults).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
});
