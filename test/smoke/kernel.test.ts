/** One kernel from its first cell to an interrupt. Its own tests, in test/kernel, are slow. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation } from "../kernel/conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

it("a cell's value is its result, and its names stay for later cells", async () => {
  expect((await talk.run("const answer: number = 6 * 7;\nanswer")).text).toBe("42");
  const later = await talk.run("answer + 1");
  expect(later.types).toEqual(["execute_input", "execute_result"]);
  expect(later.text).toBe("43");
});

it("a faulty type and an error are reported at the cell's own line", async () => {
  expect((await talk.run('\nanswer.toUpperCase("")')).traceback).toMatch(/line 2[\s\S]*toUpperCase/);
  expect((await talk.run("\n\nnull!.x")).traceback).toContain("line 3");
});

it("names and columns of live data complete", async () => {
  await talk.run("const log = await dataset([{ user: 1, price: 2.5 }, { user: 2, price: 3.5 }]);");
  const code = 'log.sort("pr")';
  const { reply } = await talk.send("complete_request", { code, cursor_pos: code.length - 2 });
  const { matches, cursor_start, cursor_end } = reply;
  expect(matches).toEqual(["price"]);
  expect(code.slice(0, cursor_start) + matches[0] + code.slice(cursor_end)).toBe('log.sort("price")');
});

it("a name is inspected with its type", async () => {
  const { reply } = await talk.send("inspect_request", { code: "answer", cursor_pos: 3, detail_level: 0 });
  expect(reply).toMatchObject({ status: "ok", found: true });
  expect(reply.data["text/plain"]).toContain("const answer: number");
});

it("a training shows a live chart, and the run is there afterwards", async () => {
  const fit = await talk.run(`
    const rows = await dataset(Array.from({ length: 2_000 }, (_, row) => ({ user: row % 50, scene: row % 3, clk: (row % 50 + row % 3) % 2 })));
    const small = pepnet()
      .features(idFeature("user").buckets(50).embedding(4), idFeature("scene").buckets(3).embedding(4))
      .labels("clk")
      .group("domain", ["scene"])
      .group("uia", ["user"])
      .epnet()
      .ppnet({ hidden: [8] })
      .domains("scene", ["feed", "search", "live"])
      .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
      .train({ epochs: 1, batchSize: 256 });
    const run = await small.fit(rows);`);
  expect(fit.traceback).toBe("");
  const shown = [...fit.all("display_data"), ...fit.all("update_display_data")];
  expect(shown.flatMap(({ data }) => Object.keys(data))).toContain("application/vnd.plotly.v1+json");
  expect((await talk.run("run.history.points.at(-1)!.step")).text).toBe("8");
});

it("a run at the end of the cell that trained it is not drawn again: its numbers are below, and the next cell draws it", async () => {
  const fit = await talk.run("small.fit(rows, { seed: 2 })");
  const plotly = "application/vnd.plotly.v1+json";
  const [result] = fit.all("execute_result");
  expect(Object.keys(result.data)).toEqual(["text/plain"]);
  expect(result.data["text/plain"]).toMatch(/^Loss [\s\S]*Evaluation at step/);
  const live = fit.all("update_display_data").filter(({ data }) => plotly in data);
  expect(new Set(live.map(({ transient }) => transient.display_id)).size).toBe(1);
  const again = await talk.run("run");
  expect(Object.keys(again.all("execute_result")[0].data)).toContain(plotly);
});

it("an interrupt ends a loop that never waits, and the kernel answers the next cell", async () => {
  const busy = talk.run('import { writeFileSync } from "node:fs";\nwriteFileSync("begun", "");\nfor (;;) {}');
  await talk.written("begun");
  talk.kernel.interrupt();
  expect((await busy).reply).toMatchObject({ status: "error", ename: "Interrupted" });
  expect((await talk.run("answer")).text).toBe("42");
});
