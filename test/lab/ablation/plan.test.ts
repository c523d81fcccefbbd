/** Registered studies: what is written before the first run, what is refused, and what is marked afterwards. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnyModel } from "../../../src/api/model/types.js";
import { DataError } from "../../../src/core/errors/index.js";
import { model as planted, rows } from "../gates/planted.js";

const model = (planted as AnyModel).train({ batchSize: 128, epochs: 1 });
const [train, validation] = [rows(1024, 1, true), rows(600, 2, true)];
const root = mkdtempSync(path.join(tmpdir(), "pepnet-plan-"));
let folder: string;
let place = 0;
beforeEach(() => {
  place++;
  vi.stubEnv("PEPNET_CACHE", path.join(root, `cache ${place}`));
  folder = path.join(root, `study ${place}`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const request = () => ({
  question: "Does EPNet help clicks?",
  variants: { "switches.epnet": [false] },
  folder,
  validation,
  seeds: 2,
  draws: 20,
  matters: 0.01,
  quiet: true,
});

describe("a registered study", () => {
  test("is written before its first run, and its report states the plan", async () => {
    const plan = await model.plan(train, request());
    const file = JSON.parse(readFileSync(path.join(folder, "plan.json"), "utf8"));
    expect(file).toMatchObject({ question: "Does EPNet help clicks?", runsBefore: 0, design: { seeds: [1, 2] } });
    expect(Object.keys(file.design.variants)).toEqual(["the model", "switches.epnet off"]);
    expect(file.data).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), evaluationRows: 600 });
    expect(existsSync(process.env.PEPNET_CACHE!) && existsSync(path.join(process.env.PEPNET_CACHE!, "runs"))).toBe(
      false,
    );
    const study = await plan.run();
    const [first, second] = await study.conclusions();
    expect(first).toMatch(
      /^Planned on \d{4}-\d\d-\d\d \d\d:\d\d UTC, before its first run: “Does EPNet help clicks\?”$/,
    );
    expect(second).toBe("Comparisons by domain were not planned: they are exploratory.");
    expect(study.toMarkdown()).toContain("“Does EPNet help clicks?”");
    expect((await study.chart("domains")).title).toMatch(/^Exploratory, not in the plan: /);
    expect(study.table("domains").toMarkdown()).toContain("Exploratory, not in the plan: ");
    expect((await study.chart("forest")).title).not.toContain("Exploratory");
    const page = await study.report({ path: path.join(folder, "study.html") });
    expect(readFileSync(page.path, "utf8")).toContain("Does EPNet help clicks?");
  });

  test("opened again, as after a kill, it is the same plan and reuses its runs", async () => {
    const plan = await model.plan(train, request());
    const stop = new AbortController();
    const { question: _, folder: __, ...options } = request();
    const halfway = await model.ablate(train, {
      ...options,
      parallel: 1,
      signal: stop.signal,
      onRun: ({ done }) => done === 2 && stop.abort(),
    });
    expect(halfway.interrupted).toBe(true);
    const again = await model.plan(train, request());
    expect(again.registered).toBe(plan.registered);
    const study = await again.run();
    expect(study.facts.plan).toMatchObject({ runsBefore: 0, exploratory: false });
    expect(study.variants.flatMap(({ runs }) => runs).filter(({ kept }) => kept)).toHaveLength(2);
  });

  test("refuses other data, another design and another question, all at once, each by name", async () => {
    await model.plan(train, request());
    const changed = {
      ...request(),
      question: "Something else?",
      tasks: ["ctr"],
      seeds: 3,
      validation: rows(500, 3, true),
    };
    const error = await model.plan(train, changed).catch((problem: Error) => problem);
    expect((error as unknown as { problems: { path: string }[] }).problems.map((problem) => problem.path)).toEqual([
      "plan.question",
      "plan.seeds",
      "plan.tasks",
      "plan.data",
      "plan.evaluationRows",
    ]);
    expect(String(error)).toContain("differs from the registered plan");
    await expect(model.train({ epochs: 2 }).plan(train, request())).rejects.toThrow(/plan\.variants/);
  });

  test("refuses a plan that was changed on disk", async () => {
    const plan = await model.plan(train, request());
    const file = path.join(folder, "plan.json");
    writeFileSync(file, readFileSync(file, "utf8").replace("help clicks", "help anything"));
    await expect(model.plan(train, request())).rejects.toThrow(/changed after it was registered/);
    await expect(plan.run()).rejects.toThrow(/changed after it was registered/);
    rmSync(file);
    await expect(plan.run()).rejects.toThrow(/the plan of this study is gone/);
  });

  test.each(["null", "5", '"text"', "[]", "{}", "{", ""])("never replaces a file that is no plan: %j", async (text) => {
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, "plan.json");
    writeFileSync(file, text);
    await expect(model.plan(train, request())).rejects.toThrow(DataError);
    expect(readFileSync(file, "utf8")).toBe(text);
    rmSync(file);
    await model.plan(train, request());
    const looked = path.join(folder, "explorations.json");
    writeFileSync(looked, text);
    const { addExploration } = await import("../../../src/lab/ablation/plan-folder.js");
    if (text !== "[]") await expect(addExploration(folder, ["a"])).rejects.toThrow(DataError);
    expect(readFileSync(looked, "utf8")).toBe(text);
  });

  test("marks what is looked at afterwards, also in the plan's reports from then on", async () => {
    const plan = await model.plan(train, request());
    const more = await plan.explore({ "epnet.gamma": [1] });
    expect((await more.conclusions())[0]).toMatch(/^Exploratory: these variants were not in the plan\. Planned on /);
    expect((await more.chart("forest")).title).toMatch(/^Exploratory, not in the plan: /);
    expect(more.table().toMarkdown()).toContain("Exploratory, not in the plan: ");
    await plan.explore({ "epnet.gamma": [1] });
    const study = await plan.run();
    expect(study.variants.map(({ name }) => name)).toEqual(["the model", "switches.epnet off"]);
    expect(await study.conclusions()).toContain(
      "Looked at afterwards, exploratory and not in this report: epnet.gamma 1.",
    );
    expect(study.facts.plan!.explorations).toHaveLength(1);
  });

  test("says how many of its results may have been seen before", async () => {
    const { question: _, folder: __, ...options } = request();
    await model.ablate(train, options);
    const study = await (await model.plan(train, request())).run();
    expect((await study.conclusions())[0]).toContain("when 4 of its runs were already cached");
  });

  test("needs a question and a folder, and fixes its runs", async () => {
    const bad = { ...request(), question: " ", folder: undefined, budget: "1m" };
    const error = await model.plan(train, bad as never).catch((problem: Error) => problem);
    expect((error as unknown as { problems: { path: string }[] }).problems.map((problem) => problem.path)).toEqual([
      "plan.question",
      "plan.folder",
      "plan.budget",
    ]);
  });
});
