/** Tab completes the towers, domains, columns and variants of results that earlier cells made; a typo does not run. */
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { notebook } from "../api/typos.js";
import { Conversation } from "./conversation.js";

let talk: Conversation;

/** Of 400 rows, with every name that the cells of `notebook` use. */
const rows = `const rows = Array.from({ length: 400 }, (_, at) => ({
  user_id: at % 9, item_id: (at * 7) % 9, scene: (at >> 1) % 2, price: (at * 13) % 100, tss: 1_700_000_000 + at,
  clk: ((at * 31) % 17) % 2, buy: ((at * 29) % 13) % 2, p_clk: (at % 10) / 10,
}));
const data = await dataset(rows);`;

beforeAll(async () => {
  talk = await Conversation.start();
  const [model, runs, studies] = notebook.split(/\n(?=const run =|const study =)/);
  const plans = `import { baselines } from "pepnet";\nconst plans = ${JSON.stringify(path.join(talk.folder, "plan"))};`;
  for (const cell of [rows, model, runs, `${plans}\n${studies}`]) expect((await talk.run(cell!)).traceback).toBe("");
});
afterAll(() => talk.end());

/** The texts in quotes that tab offers at `|`. */
async function names(marked: string): Promise<string[]> {
  const at = marked.indexOf("|");
  const code = marked.slice(0, at) + marked.slice(at + 1);
  const { reply } = await talk.send("complete_request", { code, cursor_pos: at });
  return reply.matches;
}

it.each([
  ['evaluation.auc("|', ["ctr", "cvr"]],
  ['evaluation.auc("ctr", "|', ["home", "live"]],
  ['run.evaluation.auc("|', ["ctr", "cvr"]],
  ['study.difference("|', ["the model", "wider"]],
  ['study.difference("wider", "|', ["ctr", "cvr"]],
  ['study.difference("wider", "ctr", "|', ["home", "live"]],
  ['study.response("|', ["epnet.gamma"]],
  ['listed.difference("|', ["the model", "soft", "hard"]],
  ['based.difference("|', ["shared bottom", "STAR"]],
  ['map.study.difference("|', ["all others", "the model"]],
  ['found.difference("|', ["ctr", "cvr"]],
  ['what.effect("|', ["domain home", "domain live", "EPNet off"]],
  ['carried.named("|', ["ctr", "cvr"]],
  ['dial.movedRows({ tower: "|', ["ctr", "cvr"]],
  ['await run.gates(test, { user: "|', ["user_id", "user"]],
  ['await run.counterfactual(test, { changes: [swapDomain("|")] })', ["home", "live"]],
  ['await run.counterfactual(test, { changes: [freezeGate("ppnet", { tower: "|" })] })', ["ctr", "cvr"]],
  ['await run.evaluate(test, { by: "|" })', ["price", "tss"]],
  ['await run.evaluate(null, { by: "|" })', ["price", "tss"]],
  ['await run.compare(test, { with: run, tasks: ["|"] })', ["ctr", "cvr"]],
  ['await data.split({ train: 9, test: 1 }, { by: { time: "|" } })', ["tss"]],
  ['await data.roles({ user: "|" })', ["user_id"]],
  ['await model.fit(train, { earlyStopping: { monitor: { tower: "|" } } })', ["ctr", "cvr"]],
  ['await model.transfer(train, { together: [["|"]] })', ["home", "live"]],
])("completes %s", async (marked, expected) => {
  expect(await names(marked)).toEqual(expect.arrayContaining([...expected]));
});

it.each([
  ['evaluation.auc("ctrr")', '"ctr" | "cvr"'],
  ['study.difference("widr", "ctr")', '"wider"'],
  ['await run.counterfactual(test, { changes: [swapDomain("liv")] })', '"live"'],
  ['await data.split({ a: 1, b: 1 }, { by: { time: "ts" } })', '"tss"'],
  ['await run.evaluate(test, { by: "prize" })', '"price"'],
  ['await run.evaluate(null, { by: "prize" })', '"price"'],
])("refuses %s before it runs, with the names", async (code, expected) => {
  const { traceback } = await talk.run(code);
  expect(traceback).toContain("is not assignable to");
  expect(traceback).toContain(expected);
});

it("later cells know the types of parts that no entry exports", async () => {
  expect((await talk.run('const [point] = study.response("epnet.gamma", "ctr").points;')).traceback).toBe("");
  expect(await names("point.|")).toEqual(expect.arrayContaining(["mayBeBest", "value"]));
  expect((await talk.run("point.middle")).traceback).toContain("'middle' does not exist on type 'ResponsePoint'");
});
