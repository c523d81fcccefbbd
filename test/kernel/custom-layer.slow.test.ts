/** A layer written in a cell: it trains compiled, and what cannot be compiled is told with the cell's own line. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
  const made = await talk.run(`
    import { layer, tf } from "pepnet/nn";
    const rows = Array.from({ length: 64 }, (_, row) => row);
    const data = { user: rows.map((r) => r % 8), scene: rows.map((r) => r % 2), clk: rows.map((r) => (r % 3 ? 0 : 1)) };
    const plain = pepnet()
      .features(idFeature("user").buckets(8).embedding(4), idFeature("scene").buckets(2).embedding(4))
      .labels("clk")
      .tower("click", (t) => t.label("clk").mlp(8).bce())
      .train({ steps: 3, batchSize: 32 });
    const fit = (own: ReturnType<typeof layer>, engine: "compiled" | "cpu" = "compiled") =>
      plain.layer(own).fit(data, { validation: null, quiet: true, engine });`);
  expect(made.traceback).toBe("");
});
afterAll(() => talk.end());

test("a layer of a cell trains on the compiled engine as on the eager one, typed", async () => {
  const told = await talk.run(`
    const cross = layer("cross", {
      parameters: ({ width }) => ({ weight: { shape: [width, 1] } }),
      apply: (x, { weight }) => tf.add(tf.mul(x, tf.matMul(x, weight as tf.Tensor2D)), x),
    });
    const losses = [];
    for (const engine of ["compiled", "cpu"] as const) {
      const run = await fit(cross, engine);
      losses.push(run.history.points.at(-1)!.loss.toFixed(5));
    }
    losses[0] === losses[1] ? "the same" : losses.join(" and ")`);
  expect([told.traceback, told.text]).toEqual(["", "'the same'"]);
  const typo = await talk.run(
    `layer("typo", { parameters: () => ({ weight: { shape: [1] } }), apply: (x, { wait }) => tf.mul(x, wait) })`,
  );
  expect(typo.traceback).toMatch(/Property 'wait' does not exist/);
});

describe("what cannot be compiled is told with the line of its cell", () => {
  const bodies: [string, string][] = [
    ["tf.cumsum", "tf.cumsum(hidden, 1)"],
    ["tf.dropout", "tf.dropout(hidden, 0.5)"],
    ["tf.randomUniform", "tf.mul(hidden, tf.randomUniform([1]))"],
    ["dataSync", "tf.mul(hidden, hidden.dataSync()[0])"],
    ["arraySync", "tf.mul(hidden, hidden.arraySync()[0][0])"],
    ["data", "(hidden.data(), hidden)"],
    ["tf.mean", "tf.sub(hidden, tf.mean(hidden, 0))"],
    ["tf.mul", "tf.mul(hidden, 1 / hidden.shape[0])"],
  ];
  test.each(bodies)("%s", async (operation, body) => {
    const told = await talk.run(`interface Unused { comment: string }
// TypeScript that leaves no JavaScript behind: the lines of the two differ.
type AlsoUnused = Unused | null;
const mine = layer("mine", {
  apply: (x) => {
    const hidden: tf.Tensor2D = tf.mul(x, 2);

    return ${body};
  },
});
await fit(mine);`);
    expect(told.reply.status).toBe("error");
    expect(told.reply.evalue).toContain(`cell ${told.reply.execution_count}, line 8, column `);
    expect(told.reply.evalue).toContain(`${operation} cannot be compiled: `);
    expect(told.reply.evalue).toContain('engine: "wasm"');
    expect(told.traceback).toContain(`    8 |     return ${body};`);
  });
});
