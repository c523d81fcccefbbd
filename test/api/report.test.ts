import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dataset, dataset, idFeature, loadRun, pepnet, type Run, taobaoLike } from "../../src/index.js";

let folder: string;
let run: Run;
let train: Dataset;
let held: Dataset;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "report-"));
  const data = await dataset(taobaoLike({ rows: 3000, seed: 5 }).table);
  ({ train, test: held } = await data.split({ train: 2, test: 1 }));
  const model = pepnet()
    .features(idFeature("user_id").buckets(2000).embedding(4), idFeature("occupation").buckets(3).embedding(4))
    .labels("clk", "occupation")
    .group("domain", ["occupation"])
    .group("uia", ["user_id"])
    .epnet()
    .ppnet({ hidden: [8] })
    .domains("occupation", ["student", "worker", "retired"])
    .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc());
  run = await model.fit(train, { validation: held, epochs: 2, gates: true });
});
afterAll(async () => {
  await run?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): string => path.join(folder, name);
const quick = { rows: 500 };

describe("run.report", () => {
  test("computes what is not there yet, writes one file, and tells what to try next", async () => {
    const written = await run.report(null, {
      path: at("deep/report.html"),
      ...quick,
      training: train,
      title: "First run",
    });
    expect(await readdir(at("deep"))).toEqual(["report.html"]);
    const html = await readFile(written.path, "utf8");
    expect(written.bytes).toBe(Buffer.byteLength(html));
    for (const section of ["summary", "model", "data", "training", "evaluation", "gates", "counterfactuals", "next"]) {
      expect(html).toContain(`<section id="${section}"`);
    }
    expect(html).toContain("<title>First run</title>");
    expect(html).toContain("model_config {");
    expect(html).toContain("worker");
    expect(html).toMatch(/Evaluation rows, sha256<\/dt><dd>[0-9a-f]{64}/);
    for (const { message, fix } of written.findings) {
      expect(message).toMatch(/\d/);
      expect(fix).not.toBe("");
    }
    const text = (await written.bundle())["text/plain"];
    expect(text).toContain("report.html");
  });

  test("writes a report anew, and no other file", async () => {
    const options = { ...quick, sections: ["summary"] } as const;
    await run.report(null, { path: at("again.html"), ...options });
    await run.report(null, { path: at("again.html"), ...options });
    await writeFile(at("notes.html"), "mine");
    await expect(run.report(null, { path: at("notes.html"), ...options })).rejects.toThrow(
      /a file that is not a report/,
    );
    execFileSync("mkfifo", [at("pipe.html")]);
    await expect(run.report(null, { path: at("pipe.html"), ...options })).rejects.toThrow(/received: a FIFO/);
    expect(await readFile(at("notes.html"), "utf8")).toBe("mine");
    await expect(run.report(null, { path: folder, ...options })).rejects.toThrow(/a folder/);
    await run.report(null, { path: at("notes.html"), ...options, overwrite: true });
    expect(await readFile(at("notes.html"), "utf8")).toContain("pepnet report");
  });

  test("refuses a section that there is not, before any work", async () => {
    const sections = ["summary", "gate"] as never;
    await expect(run.report(null, { path: at("wrong.html"), sections })).rejects.toThrow(/unknown section[\s\S]*gates/);
  });

  test("of a loaded run says what it has, and which rows would add the rest", async () => {
    await run.save(at("saved"));
    const loaded = await loadRun(at("saved"));
    await loaded.report(null, { path: at("loaded.html"), ...quick });
    const html = await readFile(at("loaded.html"), "utf8");
    expect(html).toContain("run.report(data, { path }) adds them");
    expect(html).toContain('<section id="training"');
    expect(html).not.toContain('<section id="gates"');
    expect(html).not.toContain(folder);
    await loaded.dispose();
  });
});

describe("a baseline", () => {
  test("is a run or score columns; the page compares on the same rows, and the verdict says so", async () => {
    const options = { ...quick, sections: ["summary", "baseline", "next"] } as const;
    await run.report(held, { path: at("twin.html"), ...options, baseline: run, baselineName: "its twin" });
    const twin = await readFile(at("twin.html"), "utf8");
    expect(twin).toContain("Compared with its twin</h2>");
    expect(twin).toMatch(
      /<p class="verdict">[^<]*No difference beyond noise in 4 cells for these two trainings \(AUC\)[:;] ctr AUC 0\.\d{3}/,
    );
    // Scores that follow the labels are better than any model.
    const scored = await held.derive({ production: "clk * 0.5 + 0.2" });
    await run.report(scored, { path: at("scores.html"), ...options, baseline: { ctr: "production" } });
    const scores = await readFile(at("scores.html"), "utf8");
    expect(scores).toContain("Compared with production</h2>");
    expect(scores).toMatch(/<b>ctr: AUC is below that of production in this training: over all rows/);
  });

  test("needs evaluation rows", async () => {
    await run.save(at("saved"));
    const loaded = await loadRun(at("saved"));
    const report = loaded.report(null, { path: at("none.html"), ...quick, baseline: run });
    await expect(report).rejects.toThrow(/a comparison needs evaluation rows[\s\S]*fix: pass the rows/);
    await loaded.dispose();
  });
});
