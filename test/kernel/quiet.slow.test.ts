/** A notebook prints what its reader needs, once. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

it("TF.js prints no banner at its first tensor", async () => {
  const { text, traceback, types } = await talk.run(
    'import { tf } from "pepnet/nn";\nArray.from(tf.add(tf.tensor([1, 2]), 1).dataSync())',
  );
  expect([traceback, text]).toEqual(["", "[ 2, 3 ]"]);
  expect(types).not.toContain("stream");
});

it("notes of fits are one list, and a second fit only counts those that were printed", async () => {
  await talk.run(`const rows = Array.from({ length: 400 }, (_, row) => row);
    const data = { user: rows.map((r) => r % 8), scene: rows.map((r) => r % 2), clk: rows.map((r) => (r % 3 ? 0 : 1)) };
    const model = pepnet()
      .features(idFeature("user").buckets(8).embedding(4), idFeature("scene").buckets(2).embedding(4))
      .labels("clk").tower("click", (t) => t.label("clk").mlp(8).bce());`);
  const fit = "const run = await model.fit(data, { steps: 2 });";
  const first = await talk.run(fit);
  expect([first.traceback, first.stream("stderr")]).toEqual(["", ""]);
  expect(first.stream("stdout")).toMatch(/^notes:\n- .*\n- .*held out/);
  const lines = first.stream("stdout").match(/^- /gm)?.length;
  const second = await talk.run(fit);
  expect(second.stream("stdout")).toBe(`${lines} notes as before\n`);
});
