/** Interrupts: what awaits, what loops, what watches the signal, and what is left of it all. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../src/kernel/wire.js";
import { Conversation, type Heard } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
  await talk.run("const notebook = (globalThis as any)[Symbol.for('pepnet.display')];");
});
afterAll(() => talk.end());

/** Runs a cell and interrupts it once it has printed `ready`. */
function interruptWhenReady(code: string): Promise<Heard> {
  return interruptIn(talk, code);
}

async function interruptIn(talk: Conversation, code: string): Promise<Heard> {
  let interrupted = false;
  const watch = ({ header, content }: Message): void => {
    if (header.msg_type !== "stream" || interrupted || !content.text.includes("ready")) return;
    interrupted = true;
    talk.kernel.interrupt();
  };
  return talk.send("execute_request", { code, silent: false, store_history: true }, watch);
}

/** Interrupts a loop, which must end soon. */
async function expectEnd(talk: Conversation, code: string): Promise<void> {
  const ended = await Promise.race([interruptIn(talk, code), sleep(20_000)]);
  expect(ended?.all("error")[0]).toMatchObject({ ename: "Interrupted" });
}

it("interrupts while the kernel starts do not break it, nor cost a later one", async () => {
  const early = await Conversation.start();
  try {
    for (let time = 0; time < 8; time++) {
      early.kernel.interrupt();
      await sleep(10);
    }
    // Its own first work delays the signals, which may then end the first cells.
    while ((await early.run("var spins = 0;")).reply.status !== "ok") await sleep(100);
    await expectEnd(early, "console.log('ready'); while (true) spins++;");
    expect((await early.run("spins > 0")).text).toBe("true");
  } finally {
    await early.end();
  }
});

it("ends a loop in the first cell, before the kernel has settled", async () => {
  const early = await Conversation.start();
  try {
    await expectEnd(early, "console.log('ready'); while (true);");
    expect((await early.run("1 + 1")).text).toBe("2");
  } finally {
    await early.end();
  }
});

describe("an interrupt", () => {
  it("ends a cell that awaits, and keeps its variables", async () => {
    const ended = await interruptWhenReady(
      "const before = 11; console.log('ready'); await new Promise(() => {}); const after = 12;",
    );
    expect(ended.all("error")[0].ename).toBe("Interrupted");
    expect((await talk.run("before")).text).toBe("11");
    expect((await talk.run("after")).reply.status).toBe("error");
  });

  it("ends a loop that never awaits", async () => {
    const ended = await interruptWhenReady("let turns = 0; console.log('ready'); while (true) turns++;");
    expect(ended.all("error")[0].ename).toBe("Interrupted");
    expect((await talk.run("turns > 0")).text).toBe("true");
  });

  it.each([
    ["behind an await", "await null; console.log('ready'); while (true) loops++;"],
    ["behind a timer", "await new Promise((go) => setTimeout(go, 5)); console.log('ready'); while (true) loops++;"],
    ["behind try", "await null; console.log('ready'); try { while (true) loops++; } catch { loops = -1; }"],
    [
      "in a timer's callback",
      "setTimeout(() => { console.log('ready'); while (true) loops++; }); await new Promise(() => {});",
    ],
    ["that awaits what is there already", "console.log('ready'); while (true) { loops++; await null; }"],
    [
      "over an endless stream",
      "console.log('ready'); for await (const n of (async function* () { for (;;) yield 1; })()) loops += n;",
    ],
    ["that prints", "await null; console.log('ready'); while (true) console.log(++loops);"],
    ["in a display method", "({ [Symbol.for('Jupyter.display')]() { console.log('ready'); while (true) loops++; } })"],
  ])("ends a loop %s; its variables stay, and it is not going on", async (_, code) => {
    await talk.run("let loops = 0;");
    const ended = await interruptWhenReady(code);
    expect(ended.all("error")[0]).toMatchObject({ ename: "Interrupted" });
    const later = await talk.run(
      "const seen = loops; await new Promise((go) => setTimeout(go, 50)); [seen > 0, loops - seen]",
    );
    expect(later.text).toBe("[ true, 0 ]");
    const asked = await talk.send("complete_request", { code: "cons", cursor_pos: 4 });
    expect(asked.reply.matches).toContain("console");
  });

  it("ends a display method that never answers", async () => {
    const ended = await interruptWhenReady(
      "({ async [Symbol.for('Jupyter.display')]() { console.log('ready'); await new Promise(() => {}); } })",
    );
    expect(ended.all("error")[0].ename).toBe("Interrupted");
  });

  it("stops the code of an ended cell where it awaits next", async () => {
    await interruptWhenReady(`
      let steps = 0;
      console.log("ready");
      while (true) { steps++; await new Promise((go) => setTimeout(go, 5)); }`);
    const later = await talk.run("const then = steps; await new Promise((go) => setTimeout(go, 100)); steps - then");
    expect(later.text).toBe("0");
  });

  it("gives a loop that promised to watch the signal the same grace", async () => {
    const ended = await interruptWhenReady("notebook.signal(); console.log('ready'); while (true);");
    expect(ended.all("error")[0].ename).toBe("Interrupted");
  });

  it("reaches a loop while no cell is running", async () => {
    const started = await talk.run(`
      import { writeFileSync } from "node:fs";
      setTimeout(() => { writeFileSync("looping", ""); while (true); }, 50);
      'started'`);
    expect(started.text).toBe("'started'");
    await talk.written("looping");
    talk.kernel.interrupt();
    await talk.send("comm_info_request", {}); // answered once the loop is ended
    await sleep(100);
    expect((await talk.run("'back'")).text).toBe("'back'");
  });

  it("ends a query, and the cell after it; the next query runs", async () => {
    const endless = "select count(*) from range(3000000) a, range(1000000) b where a.range * b.range % 7 = 3";
    const ended = await interruptWhenReady(`
      let reached = false;
      console.log("ready");
      const counted = await dataset.sql("${endless}");
      reached = true;`);
    expect(ended.all("error")[0]).toMatchObject({ ename: "Interrupted" });
    expect(ended.stream("stderr")).toBe("");
    const next = await talk.run('[reached, await (await dataset.sql("select 42 as n")).toRows()]');
    expect(next.text).toBe("[ false, [ { n: 42 } ] ]");
  });

  it("of a fit gives the run so far, and the next one trains again", async () => {
    const made = await talk.run(`
      const log = taobaoLike({ rows: 3000, seed: 3 });
      const model = pepnet()
        .features(idFeature("user_id").buckets(2000).embedding(4), idFeature("occupation").buckets(3).embedding(4))
        .labels("clk")
        .group("domain", ["occupation"])
        .epnet()
        .domains("occupation", 3)
        .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc());
      const data = await dataset(log.table);`);
    expect(made.traceback).toBe("");
    const ended = await interruptWhenReady(
      "const run = await model.fit(data, { epochs: 100_000, onProgress: () => console.log('ready') });",
    );
    expect(ended.traceback).toBe("");
    expect((await talk.run("run.interrupted")).text).toBe("true");
    expect((await talk.run("(await model.fit(data, { steps: 3 })).interrupted")).text).toBe("false");
  });

  it("is not needed where a fit fails: its chart says so in the end", async () => {
    const failed = await talk.run("await model.fit(data, { onProgress: () => { throw new Error('no more'); } })");
    expect(failed.all("error")[0].evalue).toBe("no more");
    const shown = failed.all("update_display_data").at(-1).data;
    expect(shown["text/plain"]).toMatch(/^Failed after \d+ of \d+ steps: no more/);
    expect(Object.keys(shown)).toContain("image/png");
  });

  it("lets work that watches the signal return what it has", async () => {
    const ended = await interruptWhenReady(`
      const signal: AbortSignal = (globalThis as any)[Symbol.for("pepnet.display")].signal();
      let steps = 0;
      console.log("ready");
      while (!signal.aborted) { steps++; await new Promise((resolve) => setImmediate(resolve)); }
      steps > 0 ? "partial run" : "nothing"`);
    expect(ended.text).toBe("'partial run'");
    expect(ended.reply.status).toBe("ok");
  });

  it("ends work that promised to watch the signal and does not, after a grace", async () => {
    const ended = await interruptWhenReady(`
      (globalThis as any)[Symbol.for("pepnet.display")].signal();
      console.log("ready");
      await new Promise(() => {});`);
    expect(ended.all("error")[0].ename).toBe("Interrupted");
  });

  it("silences what the abandoned code prints later, and gives up what is queued", async () => {
    const first = interruptWhenReady(
      "console.log('ready'); for (let i = 0; ; i++) { await new Promise((r) => setTimeout(r, 20)); console.log('ghost'); }",
    );
    const queued = talk.run("'never runs'");
    expect((await first).reply.status).toBe("error");
    expect((await queued).reply.status).toBe("aborted");
    const next = await talk.run("await new Promise((resolve) => setTimeout(resolve, 100)); 'clean'");
    expect(next.types).toEqual(["execute_input", "execute_result"]);
  });

  it("of an idle kernel does nothing", async () => {
    talk.kernel.interrupt();
    await talk.send("comm_info_request", {}); // a signal may be heard after a message that was sent later
    await sleep(100);
    expect((await talk.run("'still here'")).text).toBe("'still here'");
  });
});
