/** Each long call of the library in a cell that is interrupted: the kernel's CPU rests soon, and the next cell runs. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { placeLiteral, withConnection } from "../../src/core/data/sources/duckdb.js";
import { Conversation, type Heard } from "./conversation.js";

const columns = [
  "(range * 7919) % 100003 as user_id",
  "(range * 104729) % 5003 as item_id",
  "range % 3 as scene",
  "(hash(range) % 7 = 0)::int as clk",
  "(range % 1000) / 7.0 as price",
  "range as time",
  "'w' || (range % 997) as word",
];

/** Files that take seconds to read, written by all cores. */
async function writeFiles(folder: string): Promise<void> {
  const selected = `SELECT ${columns.join(", ")} FROM range(4000000)`;
  await withConnection(async (connection) => {
    await connection.run(`COPY (${selected}) TO ${placeLiteral(path.join(folder, "rows.parquet"))} (FORMAT parquet)`);
    await connection.run(`COPY (${selected}) TO ${placeLiteral(path.join(folder, "rows.csv"))} (FORMAT csv)`);
  });
}

const setup = `
  const rows = await dataset("rows.parquet");
  const model = pepnet()
    .features(...["user_id", "item_id", "word"].map((name) => idFeature(name).hash(50_000).embedding(32)))
    .features(idFeature("scene").buckets(3).embedding(8))
    .labels("clk")
    .group("domain", ["scene"]).group("uia", ["user_id", "item_id"])
    .epnet().ppnet({ hidden: [128, 64] })
    .domains("scene", 3)
    .tower("ctr", (t) => t.label("clk").mlp(64).bce().auc());
  const few = await rows.limit(40_000);
  const many = await rows.limit(2_000_000);
  const run = await model.fit(few, { steps: 10, floor: true, quiet: true });
  await many.encode(run.spec);
  await run.export("served");
  const served = await loadModel("served");`;

/** It would take days. */
const endless = "select count(*) from range(3000000) a, range(1000000) b where a.range * b.range % 7 = 3";

/** Milliseconds of CPU of all threads of a process so far. */
function cpuMillis(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Less than each of these calls would take to its end. */
const mostMillis = 3_000;

/** The CPU that the process uses until it rests, or more than it may. */
async function cpuUntilIdle(pid: number): Promise<number> {
  const start = cpuMillis(pid);
  let last = start;
  for (let rests = 0; rests < 3 && last - start <= mostMillis; ) {
    await sleep(200);
    const now = cpuMillis(pid);
    rests = now - last <= 20 ? rests + 1 : 0;
    last = now;
  }
  return last - start;
}

/** Runs a cell, and interrupts it after some CPU since it printed "ready", by default a third of a second. */
async function interruptAtWork(
  talk: Conversation,
  code: string,
  millis = 300,
  begin = 'console.log("ready");',
): Promise<Heard> {
  const pid = talk.kernel.pid!;
  let isReady = false;
  let hasEnded = false;
  const running = talk.send(
    "execute_request",
    { code: `${begin} ${code}`, silent: false, store_history: true },
    ({ content }) => {
      isReady ||= content.text?.includes("ready") ?? false;
    },
  );
  void running.then(() => {
    hasEnded = true;
  });
  while (!isReady && !hasEnded) await sleep(5);
  const start = cpuMillis(pid);
  while (!hasEnded && cpuMillis(pid) - start < millis) await sleep(5);
  expect(hasEnded, "the call ended before it was interrupted").toBe(false);
  talk.kernel.interrupt();
  return running;
}

const unfinished = (talk: Conversation): string[] =>
  readdirSync(talk.folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("unfinished"));

// CPU of another process is read from /proc.
describe.skipIf(process.platform !== "linux")("an interrupt ends", () => {
  let talk: Conversation;
  beforeAll(async () => {
    talk = await Conversation.start();
    await writeFiles(talk.folder);
    expect((await talk.run(setup)).traceback).toBe("");
  });
  afterAll(() => talk?.end());

  test.each<[string, string, millis?: number]>([
    ["dataset.sql", `await dataset.sql("${endless}")`],
    ["dataset.sql that sorts", 'await dataset.sql("select hash(range) as h, range from range(40000000) order by h")'],
    ["where", `await rows.where("time < (${endless})")`],
    ["where of a function", "await rows.where((row) => row.user_id % 2 === 0)"],
    ["derive", `await rows.derive({ x: "md5(md5(md5(md5(md5(word)))))" })`],
    ["derive of a function", "await rows.derive({ x: (row) => row.user_id + row.item_id })"],
    ["summarise", `await rows.groupBy("user_id", "item_id").summarise({ x: "max(md5(md5(md5(word))))" })`],
    ["join", `await rows.join(rows.select("time", "price"), { on: "time", prefix: "b_" })`],
    ["sort", `await rows.sort("word", { desc: "price" })`],
    ["history", `await rows.history("item_id", { by: "user_id", order: "time" })`],
    ["negatives", `await rows.negatives({ per: 2, user: "user_id", item: "item_id", label: "clk" })`],
    ["toParquet", `await rows.toParquet("copy.parquet")`],
    ["describe", `await rows.describe({ labels: ["clk"], domain: "scene" })`],
    ["check", "await rows.check(model)"],
    ["split", `await rows.split({ a: 9, b: 1 }, { by: { user: "user_id" } })`],
    ["toRows", "await rows.toRows()"],
    ["fitFeatures", `await pepnet().features(idFeature("word").vocab().embedding(4)).fitFeatures(rows)`],
    ["an encoding", "await model.fit(rows, { steps: 1, quiet: true })"],
    ["a scan of CSV", `await dataset("rows.csv", { cache: false })`],
    ["a reading of CSV by threads", `await (await dataset("rows.csv")).describe()`],
    [
      "exportTorchEasyRec, which reads",
      `await model.exportTorchEasyRec(rows, { folder: "cluster", validation: null })`,
    ],
    [
      "exportTorchEasyRec, which writes",
      `await model.exportTorchEasyRec(rows, { folder: "cluster", validation: null })`,
      1_500,
    ],
    ["suggestModel", `await suggestModel(rows, { labels: ["clk"], domain: "scene", user: "user_id" })`],
    ["suggestDomain", `await suggestDomain(rows, { label: "clk", user: "user_id", rows: 2_000_000 })`, 3_000],
    [
      "suggestPriors",
      `await suggestPriors(await rows.roles({ user: "user_id", time: "time" }), { labels: ["clk"] })`,
      3_000,
    ],
    ["taobaoLike", "taobaoLike({ rows: 20_000_000 }).table"],
    ["estimate", "await model.estimate(few, { seconds: 100 })", 2_000],
    ["evaluate", "await run.evaluate(few, { intervals: { draws: 1_000_000 } })", 1_000],
    ["predict", "await run.predict(many)", 1_000],
    ["writePredictions", `await run.writePredictions(many, { path: "predicted.parquet" })`, 1_000],
    ["calibration", "await run.calibration(many)", 1_000],
    ["recalibrate", "await run.recalibrate(many)", 1_000],
    ["compare", "await run.compare(many, { with: run })", 1_000],
    ["gates", "await run.gates(many, { rows: 2_000_000 })", 1_000],
    ["counterfactual", "await run.counterfactual(many, { rows: 2_000_000 })", 1_000],
    ["importance", "await run.importance(many, { rows: 2_000_000 })", 1_000],
    ["audit", "await run.audit(many, { rows: 2_000_000 })", 1_000],
    ["conflicts", "await run.conflicts(many, { rows: 2_000_000 })", 1_000],
    ["explain", "await run.explain(many, { row: 3, rows: 2_000_000 })", 1_000],
    ["dial", "await run.dial(many, { rows: 2_000_000 })", 1_000],
    ["report", `await run.report(many, { path: "report.html", rows: 2_000_000 })`, 1_000],
    ["a served model", "await served.predict(rows)", 2_000],
  ])("%s", async (_, code, millis) => {
    const ended = await interruptAtWork(talk, code, millis);
    expect(ended.all("error")[0]).toMatchObject({ ename: "Interrupted" });
    expect(await cpuUntilIdle(talk.kernel.pid!)).toBeLessThan(mostMillis);
    expect(unfinished(talk)).toEqual([]);
    expect((await talk.run("1 + 1")).text).toBe("2");
  });

  test("fit, which returns what it has, also beside a signal of its own", async () => {
    // Before its first point there is nothing to return.
    const options = "signal: new AbortController().signal, onEvaluation: () => console.log('ready')";
    const ended = await interruptAtWork(
      talk,
      `const stopped = await model.fit(few, { epochs: 1000, quiet: true, ${options} });`,
      300,
      "",
    );
    expect(ended.traceback).toBe("");
    expect(await cpuUntilIdle(talk.kernel.pid!)).toBeLessThan(mostMillis);
    expect((await talk.run("stopped.interrupted && stopped.history.points.length > 0")).text).toBe("true");
  });

  test("fit in a long evaluation, of which the run is left", async () => {
    const evaluating = "evaluationsPerEpoch: 100, validation: many, onEvaluation: () => console.log('ready')";
    const ended = await interruptAtWork(
      talk,
      `const evaluated = await model.fit(few, { epochs: 1000, quiet: true, ${evaluating} });`,
      1_000,
      "",
    );
    expect(ended.traceback).toBe("");
    expect(await cpuUntilIdle(talk.kernel.pid!)).toBeLessThan(mostMillis);
    expect((await talk.run("evaluated.interrupted")).text).toBe("true");
  });

  test("a study, and the trainings of its variants", async () => {
    const variants = 'variants: { "epnet.gamma": [1, 4] }, validation: few, seeds: 8, cache: false, quiet: true';
    await interruptAtWork(talk, `await model.ablate(many, { ${variants} })`, 5_000);
    expect(await cpuUntilIdle(talk.kernel.pid!)).toBeLessThan(mostMillis);
  });

  test("a query that an earlier cell began, where the cell awaits it, and where none is running", async () => {
    await talk.run(`const begun = dataset.sql("${endless}"); void begun.catch(() => {});`);
    const awaited = await interruptAtWork(talk, "await begun");
    expect(awaited.all("error")[0]).toMatchObject({ ename: "Interrupted" });
    expect(await cpuUntilIdle(talk.kernel.pid!)).toBeLessThan(mostMillis);
    await talk.run(`const again = dataset.sql("${endless}"); void again.catch(() => {});`);
    talk.kernel.interrupt();
    expect(await cpuUntilIdle(talk.kernel.pid!)).toBeLessThan(mostMillis);
    const seen = await talk.run("await Promise.allSettled([begun, again])");
    expect(seen.text?.match(/the cell was interrupted/g)).toHaveLength(2);
  });

  test("work beside a query, where it awaits next", async () => {
    await interruptAtWork(
      talk,
      `let turns = 0;
      const counting = async () => { for (;;) { turns++; await new Promise((go) => setTimeout(go, 2)); } };
      await Promise.all([dataset.sql("${endless}"), counting()]);`,
    );
    const later = await talk.run("const seen = turns; await new Promise((go) => setTimeout(go, 50)); turns - seen");
    expect(later.text).toBe("0");
  });

  test("a query at once when the kernel is shut down", async () => {
    const pid = talk.kernel.pid!;
    const running = talk.run(`await dataset.sql("${endless}")`).catch(() => null);
    const start = cpuMillis(pid);
    while (cpuMillis(pid) - start < 300) await sleep(5);
    await talk.end();
    await running;
    expect(talk.kernel.death).toBe("exit code 0");
  });
});
