/** What a terminal prints of data, models and results: their table or one line, never their fields. */
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/util/random.js";
import { dataset, idFeature, pepnet, type Run, table } from "../../src/index.js";

const source = random(2);
const rows = Array.from({ length: 400 }, () => ({
  shop: source.integer(5),
  scene: source.integer(2),
  y: source.integer(2),
}));
const model = pepnet()
  .features(idFeature("shop").buckets(5).embedding(4))
  .labels("y")
  .tower("ctr", (t) => t.label("y").mlp(4).bce().auc());
let run: Run;
beforeAll(async () => {
  run = await model.fit(await dataset(rows), { quiet: true, epochs: 1 });
  return () => run.dispose();
});

const printed: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    "a data set",
    () => dataset(rows),
    /^400 rows of rows in memory\n {2}shop {3}integer\n {2}scene {2}integer\n {2}y {6}integer$/,
  ],
  ["groups", async () => (await dataset(rows)).groupBy("shop"), /^groups of rows by "shop": \.summarise\(/],
  ["a model", () => model, /PEPNet: 1 feature, 1 task[\s\S]*task ctr: label y/],
  ["a run", () => run, /^Training by step\nstep .*loss/],
  [
    "an evaluation",
    async () => run.evaluate(await dataset(rows)),
    /^Evaluation by task and domain\n[\s\S]*ctr[\s\S]*400/,
  ],
  ["a description", async () => (await dataset(rows)).describe(), /shop[\s\S]*scene/],
  ["a table", () => table([{ a: 1.5 }]), /1\.5000/],
];

describe.each(printed)("%s", (_, value, text) => {
  it("is a text by String, console.log, and within arrays and objects", async () => {
    const it = await value();
    const plain = inspect(it);
    expect(plain).toMatch(text);
    if (!/^groups/.test(plain)) expect(String(it)).toBe(plain);
    expect(inspect([it])).toContain(plain.split("\n")[0]);
    expect(inspect({ deep: { deeper: { deepest: it } } }, { depth: 5 })).toContain(plain.split("\n").at(-1));
    expect(plain).not.toContain("[object Object]");
    expect(plain.split("\n").length).toBeLessThan(40);
  });
});

it("a query prints its steps and runs none of them", async () => {
  const query = (await dataset(rows)).where("missing_column > 1").sample(3);
  expect(inspect({ query })).toContain("a query of 2 steps on rows in memory (400 rows): await it for its rows");
  await expect(query).rejects.toThrow(/missing_column/);
});

it("escapes of a terminal in a name are shown, not run", async () => {
  const data = await dataset([{ "\u001b[31mred": 1 }]);
  expect(inspect(data)).not.toContain("\u001b");
});
