/** Where a package that draws pictures has no binary: a note says what still works, and it does. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const dist = path.resolve(__dirname, "../../../dist/index.js");
const folder = mkdtempSync(path.join(tmpdir(), "pepnet-no-canvas-"));
const page = path.join(folder, "report.html");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Output and notes of a program in a process, its threads included, in which a package cannot be loaded. */
function without(name: string): { readonly out: string; readonly notes: string } {
  const hook = path.join(folder, "hook.cjs");
  writeFileSync(
    hook,
    `const Module = require("node:module");
const load = Module._load;
Module._load = function (name, ...rest) {
  if (name === ${JSON.stringify(name)}) throw new Error("no binary for this platform");
  return load.call(this, name, ...rest);
};`,
  );
  const program = `
const { idFeature, pepnet } = require(${JSON.stringify(dist)});
const rows = { user: Int32Array.from([0, 1, 2, 3]), click: Int32Array.from([0, 1, 0, 1]) };
const model = pepnet().features(idFeature("user").buckets(10).embedding(4)).labels("click").group("uia", ["user"])
  .ppnet({ hidden: [4] }).tower("ctr", (t) => t.label("click").mlp(4).bce());
(async () => {
  const run = await model.fit(rows, { steps: 2, validation: null });
  const evaluation = await run.evaluate(rows);
  const chart = await evaluation.chart();
  await run.report(rows, { path: ${JSON.stringify(page)} });
  const html = await chart.html();
  const bundle = await chart[Symbol.for("Jupyter.display")]();
  console.log(JSON.stringify({ types: Object.keys(bundle), html: html.includes("plotly"), rows: evaluation.toMarkdown() }));
})();`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--require", hook, "-e", program], { encoding: "utf8" });
  return { out: stdout, notes: stderr };
}

describe.each(["@napi-rs/canvas", "@resvg/resvg-js"])("without %s", (name) => {
  let result: ReturnType<typeof without>;
  beforeAll(() => {
    result = without(name);
  });

  test("one note names the package, the platform, and what still works", () => {
    expect(result.notes).toContain(`${name}: cannot be loaded on ${process.platform} ${process.arch}`);
    expect(result.notes).toMatch(
      /received: no binary for this platform[\s\S]*fix: npm install @[a-z-]+\/[a-z-]+; without it, browsers draw charts in notebooks/,
    );
    expect(result.notes.match(/cannot be loaded/g)).toHaveLength(1);
    expect(result.notes).not.toMatch(/\n\s+at /);
  });

  test("training, tables, charts, their pages and reports work", () => {
    const { types, html, rows } = JSON.parse(result.out);
    expect(types).toEqual(["application/vnd.plotly.v1+json", "text/plain"]);
    expect([html, rows.includes("ctr")]).toEqual([true, true]);
    expect(readFileSync(page, "utf8")).toContain("application/json");
    expect(readFileSync(page, "utf8")).not.toContain('class="still"');
  });
});
